// ranges.h: the algorithms of std::ranges, bit_cast, the order of strings, sets and optionals, and the reading of decimals that the compiler uses,
// which Emscripten 3.1.6's library (LLVM 14) does not have yet.
// Included before everything else by editors/web/build.py; a newer library's own are taken.
#ifndef SBPC_WEB_RANGES_H
#define SBPC_WEB_RANGES_H

#ifdef __cplusplus
#include <version>
#if __cplusplus >= 202002L && !defined(__cpp_lib_ranges)
#include <algorithm>
#include <charconv>
#include <compare>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <utility>

namespace std::ranges {

template <class Range, class Value, class Projection = identity>
constexpr auto find(Range&& range, const Value& value, Projection projection = {}) {
  auto at = std::begin(range);
  while (at != std::end(range) && !(std::invoke(projection, *at) == value)) ++at;
  return at;
}

template <class Range, class Predicate, class Projection = identity>
constexpr auto find_if(Range&& range, Predicate predicate, Projection projection = {}) {
  auto at = std::begin(range);
  while (at != std::end(range) && !std::invoke(predicate, std::invoke(projection, *at))) ++at;
  return at;
}

template <class Range, class Predicate, class Projection = identity>
constexpr bool any_of(Range&& range, Predicate predicate, Projection projection = {}) {
  return ranges::find_if(range, predicate, projection) != std::end(range);
}

template <class Range, class Predicate, class Projection = identity>
constexpr bool none_of(Range&& range, Predicate predicate, Projection projection = {}) {
  return !ranges::any_of(range, predicate, projection);
}

template <class Range, class Predicate, class Projection = identity>
constexpr bool all_of(Range&& range, Predicate predicate, Projection projection = {}) {
  for (auto&& value : range) {
    if (!std::invoke(predicate, std::invoke(projection, value))) return false;
  }
  return true;
}

template <class Range, class Value, class Projection = identity>
constexpr ptrdiff_t count(Range&& range, const Value& value, Projection projection = {}) {
  ptrdiff_t found = 0;
  for (auto&& one : range) found += std::invoke(projection, one) == value ? 1 : 0;
  return found;
}

template <class Range, class Predicate, class Projection = identity>
constexpr ptrdiff_t count_if(Range&& range, Predicate predicate, Projection projection = {}) {
  ptrdiff_t found = 0;
  for (auto&& one : range) found += std::invoke(predicate, std::invoke(projection, one)) ? 1 : 0;
  return found;
}

template <class Left, class Right, class Predicate = std::equal_to<>>
constexpr bool equal(Left&& left, Right&& right, Predicate predicate = {}) {
  auto a = std::begin(left);
  auto b = std::begin(right);
  for (; a != std::end(left) && b != std::end(right); ++a, ++b) {
    if (!std::invoke(predicate, *a, *b)) return false;
  }
  return a == std::end(left) && b == std::end(right);
}

template <class Range, class Value>
constexpr void replace(Range&& range, const Value& from, const Value& to) {
  for (auto& value : range) {
    if (value == from) value = to;
  }
}

template <class Range, class Compare = std::less<>, class Projection = identity>
constexpr auto max_element(Range&& range, Compare compare = {}, Projection projection = {}) {
  auto most = std::begin(range);
  for (auto at = most; at != std::end(range); ++at) {
    if (std::invoke(compare, std::invoke(projection, *most), std::invoke(projection, *at))) most = at;
  }
  return most;
}

template <class Range, class Predicate = std::equal_to<>, class Projection = identity>
constexpr auto adjacent_find(Range&& range, Predicate predicate = {}, Projection projection = {}) {
  auto at = std::begin(range);
  if (at == std::end(range)) return at;
  for (auto after = at; ++after != std::end(range); at = after) {
    if (std::invoke(predicate, std::invoke(projection, *at), std::invoke(projection, *after))) return at;
  }
  return std::end(range);
}

// The first place where `before` of the value there no longer holds.
template <class Range, class Before>
constexpr auto boundary(Range&& range, Before before) {
  auto first = std::begin(range);
  for (auto length = std::end(range) - first; length > 0;) {
    const auto half = length / 2;
    if (before(*(first + half))) {
      first += half + 1;
      length -= half + 1;
    } else {
      length = half;
    }
  }
  return first;
}

template <class Range, class Value, class Compare = std::less<>, class Projection = identity>
constexpr auto lower_bound(Range&& range, const Value& value, Compare compare = {}, Projection projection = {}) {
  return ranges::boundary(range, [&](auto&& one) { return std::invoke(compare, std::invoke(projection, one), value); });
}

template <class Range, class Value, class Compare = std::less<>, class Projection = identity>
constexpr auto upper_bound(Range&& range, const Value& value, Compare compare = {}, Projection projection = {}) {
  return ranges::boundary(range, [&](auto&& one) { return !std::invoke(compare, value, std::invoke(projection, one)); });
}

template <class Range, class Value, class Compare = std::less<>, class Projection = identity>
constexpr bool binary_search(Range&& range, const Value& value, Compare compare = {}, Projection projection = {}) {
  const auto at = ranges::lower_bound(range, value, compare, projection);
  return at != std::end(range) && !std::invoke(compare, value, std::invoke(projection, *at));
}

template <class Range, class Compare = std::less<>, class Projection = identity>
constexpr void sort(Range&& range, Compare compare = {}, Projection projection = {}) {
  auto before = [&](auto&& a, auto&& b) { return std::invoke(compare, std::invoke(projection, a), std::invoke(projection, b)); };
  if (!std::is_constant_evaluated()) {
    std::sort(std::begin(range), std::end(range), before);
    return;
  }
  for (auto sorted = std::begin(range); sorted != std::end(range); ++sorted) {  // that library's std::sort is not constexpr
    for (auto at = sorted; at != std::begin(range) && before(*at, *(at - 1)); --at) std::swap(*at, *(at - 1));
  }
}

template <class Range, class Out, class Predicate>
constexpr void copy_if(Range&& range, Out out, Predicate predicate) {
  std::copy_if(std::begin(range), std::end(range), out, predicate);
}

template <class Left, class Right>
constexpr bool includes(Left&& left, Right&& right) {
  return std::includes(std::begin(left), std::end(left), std::begin(right), std::end(right));
}

template <class Range, class Predicate>
void stable_partition(Range&& range, Predicate predicate) {
  std::stable_partition(std::begin(range), std::end(range), predicate);
}

template <class Range, class Compare = std::less<>, class Projection = identity>
void stable_sort(Range&& range, Compare compare = {}, Projection projection = {}) {
  std::stable_sort(std::begin(range), std::end(range),
                   [&](auto&& a, auto&& b) { return std::invoke(compare, std::invoke(projection, a), std::invoke(projection, b)); });
}

}  // namespace std::ranges

namespace std {

// Digits with at most one point among them; what is no number of this form is not read at all.
inline from_chars_result from_chars(const char* first, const char* last, double& value, chars_format) {
  const char* end = first;
  bool digit = false;
  for (bool point = false; end != last && ((*end >= '0' && *end <= '9') || (*end == '.' && !point)); ++end) {
    point = point || *end == '.';
    digit = digit || *end != '.';
  }
  if (!digit) return {first, errc::invalid_argument};
  value = std::strtod(std::string(first, end).c_str(), nullptr);
  return {end, errc()};
}

}  // namespace std

template <class Traits, class Allocator>
std::strong_ordering operator<=>(const std::basic_string<char, Traits, Allocator>& left, const std::basic_string<char, Traits, Allocator>& right) {
  return left.compare(right) <=> 0;
}

template <class Value>
std::strong_ordering operator<=>(const std::optional<Value>& left, const std::optional<Value>& right) {
  return left && right ? *left <=> *right : left.has_value() <=> right.has_value();
}

template <class Key, class Compare, class Allocator>
std::strong_ordering operator<=>(const std::set<Key, Compare, Allocator>& left, const std::set<Key, Compare, Allocator>& right) {
  return left < right ? std::strong_ordering::less : right < left ? std::strong_ordering::greater : std::strong_ordering::equal;
}

namespace std {

template <class To, class From>
constexpr To bit_cast(const From& from) {
  return __builtin_bit_cast(To, from);
}

}  // namespace std
#endif
#endif
#endif
