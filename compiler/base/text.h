// text.h: what readers of foreign text, and writers of messages, share.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sbpc {

// Without the blanks, tabs and line ends at both ends; a view of `text`.
[[nodiscard]] inline std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// "a, b and c".
[[nodiscard]] inline std::string in_words(std::span<const std::string> items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

}  // namespace sbpc
