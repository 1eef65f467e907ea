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

// ASCII's letters in the other case; all other bytes as they are, whatever the locale.
[[nodiscard]] constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
[[nodiscard]] constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
[[nodiscard]] inline std::string to_lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = to_lower(c);
  return made;
}
[[nodiscard]] inline std::string to_upper(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = to_upper(c);
  return made;
}

// Whether the letters of `part` stand in `text` in their order, in any case: `opat` in `openat`.
[[nodiscard]] inline bool is_spelt_in(std::string_view part, std::string_view text) {
  size_t at = 0;
  for (size_t i = 0; i < text.size() && at < part.size(); ++i) at += to_lower(text[i]) == to_lower(part[at]) ? 1 : 0;
  return at == part.size();
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
