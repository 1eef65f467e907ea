// text.h: what readers of foreign text share.
#pragma once

#include <string_view>

namespace sbpc {

// Without the blanks, tabs and line ends at both ends; a view of `text`.
[[nodiscard]] inline std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace sbpc
