// split64.cpp: tests of values -> tests of words.
//
// Every test is first written as "x & mask lies in one of these unsigned ranges" over `width` bits: constants are taken
// mod 2^width, a signed order becomes at most two unsigned ranges (the sign splits at the top bit), != and !in the
// complement. Then the ranges are cut at the word boundary: lo sets under the same hi values go together.
//   Before: a 64-bit x <= 0x1_0000_0005     After: hi == 0 or (hi == 1 and lo in 0..5)
// Tested by test/unit/lower/split64_test.cpp against exact arithmetic at every boundary.
#include "lower/split64.h"

#include <algorithm>
#include <map>

#include "base/check.h"

namespace sbpc::lower {
namespace {

using ir::CondId;
using ir::Range;
using sema::Compare;
using sema::Int;

struct WideRange {
  uint64_t first;
  uint64_t last;
  auto operator<=>(const WideRange&) const = default;
};
using WideRanges = std::vector<WideRange>;

uint64_t largest(uint8_t width) { return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

// [first, last] of the type's own order, as unsigned values; a signed range that crosses zero is two.
void add_range(Int first, Int last, uint8_t width, WideRanges& out) {
  if (first > last) return;
  uint64_t max = largest(width);
  uint64_t a = static_cast<uint64_t>(first) & max;
  uint64_t b = static_cast<uint64_t>(last) & max;
  if (a <= b) {
    out.push_back({a, b});
  } else {
    out.push_back({0, b});
    out.push_back({a, max});
  }
}

WideRanges joined(WideRanges ranges) {
  std::sort(ranges.begin(), ranges.end());
  WideRanges result;
  for (WideRange range : ranges) {
    if (!result.empty() && (result.back().last == ~uint64_t{0} || range.first <= result.back().last + 1)) {
      result.back().last = std::max(result.back().last, range.last);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

WideRanges complement(const WideRanges& ranges, uint64_t max) {
  WideRanges result;
  uint64_t from = 0;
  for (WideRange range : ranges) {
    if (range.first > from) result.push_back({from, range.first - 1});
    if (range.last == max) return result;
    from = range.last + 1;
  }
  result.push_back({from, max});
  return result;
}

// The values of `x & mask` for which the comparison with the constants holds; for ne and not_in, for which eq and in
// do.
WideRanges constants(const sema::Test& test) {
  uint8_t width = test.arg.width;
  Int least = test.arg.is_signed ? -(Int{1} << (width - 1)) : Int{0};
  Int most = test.arg.is_signed ? (Int{1} << (width - 1)) - 1 : static_cast<Int>(largest(width));
  WideRanges result;
  for (sema::ValueRange value : test.values) {
    switch (test.op) {
      case Compare::eq:
      case Compare::ne:
      case Compare::in:
      case Compare::not_in: add_range(value.first, value.last, width, result); break;
      case Compare::lt: add_range(least, std::min(value.first - 1, most), width, result); break;
      case Compare::le: add_range(least, std::min(value.first, most), width, result); break;
      case Compare::gt: add_range(std::max(value.first + 1, least), most, width, result); break;
      case Compare::ge: add_range(std::max(value.first, least), most, width, result); break;
    }
  }
  return joined(std::move(result));
}

bool is_complement(Compare op) { return op == Compare::ne || op == Compare::not_in; }

std::vector<Range> narrow(const WideRanges& ranges) {
  std::vector<Range> result;
  for (WideRange range : ranges)
    result.push_back({static_cast<uint32_t>(range.first), static_cast<uint32_t>(range.last)});
  return result;
}

// Which lower words go with which upper words.
using Pieces = std::map<std::vector<Range>, std::vector<Range>>;  // set of lower words -> upper words, rising

Pieces cut(const WideRanges& ranges, uint32_t low_mask) {
  constexpr uint32_t kTop = 0xffffffffU;
  std::vector<std::pair<Range, Range>> rows;  // upper words, lower words
  for (WideRange range : ranges) {
    auto first_high = static_cast<uint32_t>(range.first >> 32);
    auto last_high = static_cast<uint32_t>(range.last >> 32);
    auto first_low = static_cast<uint32_t>(range.first);
    auto last_low = static_cast<uint32_t>(range.last);
    if (first_high == last_high) {
      rows.push_back({{first_high, first_high}, {first_low, last_low}});
      continue;
    }
    uint64_t from = first_high;
    uint64_t to = last_high;
    if (first_low != 0) rows.push_back({{first_high, first_high}, {first_low, kTop}});
    if (first_low != 0) ++from;
    if (last_low != kTop) --to;  // first_high < last_high, so this does not pass below 0
    if (from <= to) rows.push_back({{static_cast<uint32_t>(from), static_cast<uint32_t>(to)}, {0, kTop}});
    if (last_low != kTop) rows.push_back({{last_high, last_high}, {0, last_low}});
  }
  Pieces pieces;
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    std::vector<Range> low;
    for (end = begin; end < rows.size() && rows[end].first == rows[begin].first; ++end) low.push_back(rows[end].second);
    pieces[ir::canonical_ranges(low_mask, std::move(low))].push_back(rows[begin].first);
  }
  return pieces;
}

CondId constant_cond(const ValueWords& words, uint64_t mask, const WideRanges& ranges, ir::Conds& conds) {
  auto low_mask = static_cast<uint32_t>(mask);
  if (!words.high) return conds.member(words.low, low_mask, narrow(ranges));
  std::vector<CondId> parts;
  for (auto& [low, high] : cut(ranges, low_mask)) {
    CondId upper = conds.member(*words.high, static_cast<uint32_t>(mask >> 32), high);
    parts.push_back(conds.all({upper, conds.member(words.low, low_mask, low)}));
  }
  return conds.any(std::move(parts));
}

CondId hole_cond(const ValueWords& words, uint64_t mask, sema::HoleId hole, ir::Conds& conds) {
  ir::HoleId id(hole.value);
  CondId low = conds.hole(words.low, id, false, static_cast<uint32_t>(mask));
  if (!words.high) return low;
  return conds.all({conds.hole(*words.high, id, true, static_cast<uint32_t>(mask >> 32)), low});
}

}  // namespace

ValueWords words_of(const sema::ArgRef& arg) {
  CHECK(arg.width >= 1 && arg.width <= 64);
  ValueWords result{target::Word::ip_lo, std::nullopt, arg.width};
  bool wide = arg.width > 32;
  if (arg.kind == sema::ArgRef::Kind::instruction_pointer) {
    if (wide) result.high = target::Word::ip_hi;
    return result;
  }
  CHECK(arg.slots.low < 6 && arg.slots.high.value_or(0) < 6);
  result.low = arg.slots.low_word();
  if (wide) result.high = arg.slots.high_word();
  return result;
}

CondId split(const sema::Test& test, ir::Conds& conds) {
  ValueWords words = words_of(test.arg);
  uint64_t max = largest(words.width);
  uint64_t mask = test.mask & max;
  bool is_one_value = test.op == Compare::eq && test.holes.empty() && !words.high;
  if (is_one_value) {  // most tests of most policies: no sets, no vectors
    auto value = static_cast<uint32_t>(static_cast<uint64_t>(test.values[0].first) & max);
    return conds.member(words.low, static_cast<uint32_t>(mask), {{value, value}});
  }
  WideRanges ranges = constants(test);
  bool negated = is_complement(test.op);
  if (test.holes.empty()) return constant_cond(words, mask, negated ? complement(ranges, max) : ranges, conds);
  std::vector<CondId> parts{constant_cond(words, mask, ranges, conds)};
  for (sema::HoleId hole : test.holes) parts.push_back(hole_cond(words, mask, hole, conds));
  CondId any = conds.any(std::move(parts));
  return negated ? conds.negation(any) : any;
}

}  // namespace sbpc::lower
