#include "base/number.h"

#include <charconv>

namespace sbpc {
namespace {

// `leading_zero` is the base of digits behind a zero; 0 where there may be none.
std::optional<uint64_t> parse(std::string_view text, int leading_zero) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const int named = text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : text[1] == 'b' ? 2 : 0;
    base = named != 0 ? named : leading_zero;
    if (base == 0) return std::nullopt;
    text.remove_prefix(named != 0 ? 2 : 1);
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return negative ? ~value + 1 : value;
}

}  // namespace

std::optional<uint64_t> parse_number(std::string_view text) { return parse(text, 0); }

std::optional<uint64_t> parse_c_number(std::string_view text) { return parse(text, 8); }

std::optional<uint32_t> parse_number32(std::string_view text) {
  const auto number = parse_number(text);
  constexpr uint64_t kLowest = ~uint64_t{INT32_MAX};
  if (!number || (*number > UINT32_MAX && *number < kLowest)) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

}  // namespace sbpc
