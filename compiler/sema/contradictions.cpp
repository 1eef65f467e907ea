// contradictions.cpp: tests of one argument that can't hold together (`fd == 1, fd == 2`), or one of which always holds
// (`fd != 1 || fd != 2`). Only tests as written: what parameters bring together vanishes in silence.
#include <algorithm>
#include <map>
#include <optional>

#include "base/check.h"
#include "base/policy_limits.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "sema/comparison.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;

using Intervals = std::vector<ValueRange>;  // sorted, disjoint, in the argument's own order

Int in_own_order(Int value, const ArgRef& arg) {
  const uint64_t bits = low_bits(value, arg.width);
  const bool negative = arg.is_signed && (bits >> (arg.width - 1U) & 1U) != 0;
  return negative ? static_cast<Int>(bits) - (Int{1} << arg.width) : static_cast<Int>(bits);
}

Intervals sorted(Intervals list) {
  std::ranges::sort(list, {}, &ValueRange::first);
  Intervals result;
  for (const ValueRange& range : list) {
    if (!result.empty() && range.first <= result.back().last + 1) {
      result.back().last = std::max(result.back().last, range.last);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

Intervals complement(const Intervals& list, Bounds domain) {
  Intervals result;
  Int next = domain.low;
  for (const ValueRange& range : list) {
    if (range.first > next) result.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= domain.high) result.push_back({next, domain.high});
  return result;
}

Intervals intersection(const Intervals& a, const Intervals& b) {
  Intervals result;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const Int first = std::max(a[i].first, b[j].first);
    const Int last = std::min(a[i].last, b[j].last);
    if (first <= last) result.push_back({first, last});
    (a[i].last < b[j].last ? i : j) += 1;
  }
  return result;
}

// A test as written, or `!` of one.
struct Said {
  const Test& test;
  bool negated;
};

// Nothing of what is no single test: `!` of one that always holds.
std::optional<Said> said_by(const Site& site, const Built& part) {
  if (!part.literal) return std::nullopt;
  const Condition& condition = (*site.conditions)[part.id.value];
  if (condition.kind == Condition::Kind::test) return Said{condition.test, false};
  if (condition.kind != Condition::Kind::negation) return std::nullopt;
  const Condition& inner = (*site.conditions)[condition.operands[0].value];
  return inner.kind == Condition::Kind::test ? std::optional(Said{inner.test, true}) : std::nullopt;
}

// The values of an unmasked test; nullopt if it is masked or too long.
std::optional<Intervals> intervals_of(const Test& test) {
  if (low_bits(static_cast<Int>(~test.mask), test.arg.width) != 0 || !test.holes.empty() ||
      test.values.size() > limits::kContradictionValues)
    return std::nullopt;
  const Bounds domain = bounds(test.arg.width, test.arg.is_signed);
  Intervals list;
  for (const ValueRange& range : test.values) {
    list.push_back({in_own_order(range.first, test.arg),
                    range.first == range.last ? in_own_order(range.first, test.arg) : range.last});
  }
  list = sorted(std::move(list));
  const Int value = list.empty() ? 0 : list.front().first;
  switch (test.op) {
    case Compare::eq:
    case Compare::in: return list;
    case Compare::ne:
    case Compare::not_in: return complement(list, domain);
    case Compare::lt: return Intervals{{domain.low, value - 1}};
    case Compare::le: return Intervals{{domain.low, value}};
    case Compare::gt: return Intervals{{value + 1, domain.high}};
    case Compare::ge: return Intervals{{value, domain.high}};
  }
  CHECK(false);
}

// What the tests of one argument have said so far.
struct Known {
  uint64_t mask = 0;   // bits that are fixed ...
  uint64_t value = 0;  // ... to this
  std::optional<Intervals> intervals;
  std::vector<Span> spans;
};

std::optional<Intervals> intervals_of(const Said& said) {
  auto intervals = intervals_of(said.test);
  if (!intervals || !said.negated) return intervals;
  return complement(*intervals, bounds(said.test.arg.width, said.test.arg.is_signed));
}

struct Bits {
  uint64_t mask;
  uint64_t value;
};

std::optional<Bits> fixed_bits(const Said& said) {
  const Test& test = said.test;
  if (test.op != (said.negated ? Compare::ne : Compare::eq) || test.values.size() != 1 || !test.holes.empty())
    return std::nullopt;
  const uint64_t mask = low_bits(static_cast<Int>(test.mask), test.arg.width);
  return Bits{mask, low_bits(test.values[0].first, test.arg.width) & mask};
}

// Adds a test; true if nothing is left.
bool contradicts(Known& known, const Said& test) {
  if (const auto bits = fixed_bits(test)) {
    if ((known.mask & bits->mask & (known.value ^ bits->value)) != 0) return true;
    known.mask |= bits->mask;
    known.value |= bits->value;
  }
  if (auto intervals = intervals_of(test)) {
    known.intervals = known.intervals ? intersection(*known.intervals, *intervals) : std::move(*intervals);
    return known.intervals->empty();
  }
  return false;
}

// A bit test against the one value or few that are left.
bool bits_leave_nothing(const Known& known, const ArgRef& arg) {
  if (!known.intervals || known.mask == 0 || known.intervals->size() > 64) return false;
  return std::ranges::all_of(*known.intervals, [&](const ValueRange& range) {
    return range.first == range.last && (low_bits(range.first, arg.width) & known.mask) != known.value;
  });
}

using ArgKey = std::pair<ArgRef::Kind, unsigned>;
ArgKey key_of(const ArgRef& arg) { return {arg.kind, arg.slots.low | unsigned{arg.width} << 8}; }

void check_repeat(const Site& site, std::span<const Built> parts, const Built& part) {
  for (const Built& earlier : parts) {
    if (&earlier == &part) return;
    if (!earlier.literal || site.context.text(earlier.span) != site.context.text(part.span)) continue;
    site.context.report(kinds::RepeatedCondition, part.span, site.context.text(part.span))
        .label(earlier.span, "first written here");
    return;
  }
}

}  // namespace

void check_contradictions(const Site& site, std::span<const Built> parts) {
  if (parts.size() > limits::kContradictionParts) return;
  std::map<ArgKey, Known> known;
  for (const Built& part : parts) {
    const auto test = said_by(site, part);
    if (!test) continue;
    const ArgRef arg = test->test.arg;
    Known& said = known[key_of(arg)];
    if (contradicts(said, *test) || bits_leave_nothing(said, arg)) {
      auto report = site.context.report(kinds::Contradiction, part.span, site.context.text(part.span),
                                        said.spans.empty() ? "" : " together with what stands before it");
      for (const Span& span : said.spans) report.label(span, "together with this");
      report.note(
          "conditions joined by `,` or `&&` must all hold at once; alternatives are joined by `||`, values by `in { "
          "... }`");
      return;
    }
    if (!said.spans.empty() && parts.size() <= 64) check_repeat(site, parts, part);
    said.spans.push_back(part.span);
  }
}

void check_tautology(const Site& site, std::span<const Built> parts) {
  if (parts.size() > limits::kContradictionParts) return;
  std::map<ArgKey, Intervals> rejected;  // by every part so far
  for (const Built& part : parts) {
    const auto said = said_by(site, part);
    const auto intervals = said ? intervals_of(*said) : std::nullopt;
    if (!intervals) continue;
    const ArgRef& arg = said->test.arg;
    const Intervals others = complement(*intervals, bounds(arg.width, arg.is_signed));
    auto [entry, is_new] = rejected.try_emplace(key_of(arg), others);
    if (!is_new) entry->second = intersection(entry->second, others);
    if (!entry->second.empty()) continue;
    const Span whole =
        parts.front().span.valid() && part.span.valid() ? join(parts.front().span, part.span) : part.span;
    site.context.report(kinds::AlwaysTrue, whole, site.context.text(whole))
        .note("every value passes one of the alternatives; `x !in { A, B }` excludes several");
    return;
  }
}

}  // namespace sbpc::sema
