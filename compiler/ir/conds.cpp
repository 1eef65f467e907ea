// conds.cpp: hash-consed conditions and the simplifications their constructors make.
//
// Before: any(arg1.lo == 3, arg1.lo == 4, all(nr == 1, x), all(nr == 1, y))   After: any(arg1.lo in 3..4, all(nr == 1,
// any(x, y))) where x and y test the same word under the same mask. Operands are kept in an order that depends on
// structure only, so that text that is printed and read back gives the same text. Tested by
// test/unit/ir/program_test.cpp.
#include <algorithm>
#include <bit>
#include <span>

#include "base/check.h"
#include "ir/program.h"

namespace sbpc::ir {
namespace {

constexpr size_t kFirstConds = 64;

// The values that `word & mask` can have are the submasks of mask. The largest one <= value:
uint32_t submask_down(uint32_t mask, uint32_t value) {
  uint32_t outside = value & ~mask;
  if (outside == 0) return value;
  uint32_t below = std::bit_floor(outside) - 1;  // bits under the first one that mask lacks
  return (value & mask & ~below) | (mask & below);
}

std::optional<uint32_t> submask_after(uint32_t mask, uint32_t submask) {
  uint32_t next = ((submask | ~mask) + 1) & mask;
  if (submask == mask) return std::nullopt;
  return next;
}

std::optional<uint32_t> submask_up(uint32_t mask, uint32_t value) {
  uint32_t down = submask_down(mask, value);
  return down == value ? value : submask_after(mask, down);
}

uint32_t submask_before(uint32_t mask, uint32_t submask) { return (submask - 1) & mask; }

std::vector<Range> intersect(const std::vector<Range>& a, const std::vector<Range>& b) {
  std::vector<Range> result;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    uint32_t first = std::max(a[i].first, b[j].first);
    uint32_t last = std::min(a[i].last, b[j].last);
    if (first <= last) result.push_back({first, last});
    (a[i].last < b[j].last ? i : j) += 1;
  }
  return result;
}

// Of one list or more, by halves: each of `x != 1 && x != 2 ...` is walked as often as their number can be halved.
std::vector<Range> intersection(std::span<const std::vector<Range>* const> lists) {
  if (lists.size() == 1) return *lists[0];
  const size_t half = lists.size() / 2;
  return intersect(intersection(lists.first(half)), intersection(lists.subspan(half)));
}

void mix_in(size_t& hash, size_t value) { hash = (hash ^ value) * size_t{0x9E3779B97F4A7C15U} ^ hash >> 29; }

size_t hash_of(const Cond& cond) {
  size_t hash = static_cast<size_t>(cond.kind);
  mix_in(hash, static_cast<size_t>(cond.word) << 32 | cond.mask);
  for (Range range : cond.ranges) mix_in(hash, size_t{range.first} << 32 | range.last);
  mix_in(hash, size_t{cond.hole_id.value} << 1 | (cond.hole_high ? 1 : 0));
  for (CondId operand : cond.operands) mix_in(hash, operand.value);
  return hash ^ hash >> 32;
}

bool is_member(const Cond& cond) { return cond.kind == Cond::Kind::member; }

}  // namespace

std::vector<Range> canonical_ranges(uint32_t mask, std::vector<Range> ranges) {
  if (!std::is_sorted(ranges.begin(), ranges.end())) std::sort(ranges.begin(), ranges.end());
  size_t kept = 0;  // in place: a range never grows into one that was not looked at yet
  for (Range range : ranges) {
    std::optional<uint32_t> first = submask_up(mask, range.first);
    uint32_t last = submask_down(mask, range.last);
    if (!first || *first > last) continue;
    if (kept != 0) {
      std::optional<uint32_t> next = submask_after(mask, ranges[kept - 1].last);
      if (!next || *first <= *next) {
        ranges[kept - 1].last = std::max(ranges[kept - 1].last, last);
        continue;
      }
    }
    ranges[kept++] = {*first, last};
  }
  ranges.resize(kept);
  return ranges;
}

std::vector<Range> complement_ranges(uint32_t mask, const std::vector<Range>& canonical) {
  std::vector<Range> result;
  std::optional<uint32_t> from = 0U;
  for (Range range : canonical) {
    if (*from < range.first) result.push_back({*from, submask_before(mask, range.first)});
    from = submask_after(mask, range.last);
    if (!from) return result;
  }
  result.push_back({*from, mask});
  return result;
}

Conds::Conds() {
  table_.assign(kFirstConds, 0);
  CHECK(add({}) == always());
  Cond none;
  none.kind = Cond::Kind::never;
  CHECK(add(std::move(none)) == never());
}

CondId Conds::add(Cond cond) {
  size_t mask = table_.size() - 1;
  size_t slot = hash_of(cond) & mask;
  while (table_[slot] != 0) {
    if (conds_[table_[slot] - 1] == cond) return CondId(table_[slot] - 1);
    slot = (slot + 1) & mask;
  }
  conds_.push_back(std::move(cond));
  CondId id(conds_.size() - 1);
  table_[slot] = id.value + 1;
  if (conds_.size() * 2 <= table_.size()) return id;
  table_.assign(table_.size() * 2, 0);
  mask = table_.size() - 1;
  for (size_t i = 0; i < conds_.size(); ++i) {
    slot = hash_of(conds_[i]) & mask;
    while (table_[slot] != 0) slot = (slot + 1) & mask;
    table_[slot] = static_cast<uint32_t>(i + 1);
  }
  return id;
}

int Conds::compare(CondId a, CondId b) const {
  if (a == b) return 0;
  const Cond& x = conds_[a.value];
  const Cond& y = conds_[b.value];
  // Flags first: they are cheapest to test. Then words in the order of diagrams, members and holes of a word together.
  auto group = [](const Cond& cond) {
    switch (cond.kind) {
      case Cond::Kind::always: return 0;
      case Cond::Kind::never: return 1;
      case Cond::Kind::flag: return 2;
      case Cond::Kind::member: return 3;
      case Cond::Kind::hole: return 3;
      case Cond::Kind::negation: return 4;
      case Cond::Kind::all: return 5;
      case Cond::Kind::any: return 6;
    }
    CHECK(false);
  };
  auto three_way = [](auto p, auto q) { return p < q ? -1 : p == q ? 0 : 1; };
  if (int order = three_way(group(x), group(y)); order != 0) return order;
  if (x.operands.empty()) {
    if (int order = three_way(word_rank(x.word), word_rank(y.word)); order != 0) return order;
    if (int order = three_way(x.kind, y.kind); order != 0) return order;
    if (int order = three_way(x.mask, y.mask); order != 0) return order;
    if (int order = three_way(x.hole_id, y.hole_id); order != 0) return order;
    if (int order = three_way(x.hole_high, y.hole_high); order != 0) return order;
    return three_way(x.ranges, y.ranges);
  }
  for (size_t i = 0; i < x.operands.size() && i < y.operands.size(); ++i) {
    if (int order = compare(x.operands[i], y.operands[i]); order != 0) return order;
  }
  return three_way(x.operands.size(), y.operands.size());
}

CondId Conds::member(Word word, uint32_t mask, std::vector<Range> ranges) {
  Cond cond;
  cond.ranges = canonical_ranges(mask, std::move(ranges));
  if (cond.ranges.empty()) return never();
  if (cond.ranges.front() == Range{0, mask}) return always();
  cond.kind = Cond::Kind::member;
  cond.word = word;
  cond.mask = mask;
  return add(std::move(cond));
}

CondId Conds::hole(Word word, HoleId hole, bool high, uint32_t mask) {
  Cond cond;
  cond.kind = Cond::Kind::hole;
  cond.word = word;
  cond.mask = mask;
  cond.hole_id = hole;
  cond.hole_high = high;
  return add(std::move(cond));
}

CondId Conds::flag(HoleId hole) {
  Cond cond;
  cond.kind = Cond::Kind::flag;
  cond.hole_id = hole;
  return add(std::move(cond));
}

CondId Conds::negation(CondId operand) {
  const Cond& what = conds_[operand.value];
  switch (what.kind) {
    case Cond::Kind::always: return never();
    case Cond::Kind::never: return always();
    case Cond::Kind::negation: return what.operands[0];
    case Cond::Kind::member: return member(what.word, what.mask, complement_ranges(what.mask, what.ranges));
    case Cond::Kind::hole:
    case Cond::Kind::flag:
    case Cond::Kind::all:
    case Cond::Kind::any: break;
  }
  Cond cond;
  cond.kind = Cond::Kind::negation;
  cond.operands = {operand};
  return add(std::move(cond));
}

CondId Conds::all(std::vector<CondId> operands) { return join(Cond::Kind::all, std::move(operands)); }
CondId Conds::any(std::vector<CondId> operands) { return join(Cond::Kind::any, std::move(operands)); }

// all and any are each other's dual: `unit` changes nothing, `zero` decides.
CondId Conds::join(Cond::Kind kind, std::vector<CondId> operands) {
  bool is_all = kind == Cond::Kind::all;
  if (operands.size() == 1) return operands[0];
  if (std::optional<CondId> member = is_all ? std::nullopt : any_member(operands)) return *member;
  CondId unit = is_all ? always() : never();
  CondId zero = is_all ? never() : always();
  std::vector<CondId> flat;
  flat.reserve(operands.size());
  for (CondId operand : operands) {
    const Cond& cond = conds_[operand.value];
    if (operand == zero) return zero;
    if (operand == unit) continue;
    if (cond.kind == kind) {
      flat.insert(flat.end(), cond.operands.begin(), cond.operands.end());
    } else {
      flat.push_back(operand);
    }
  }
  if (flat.size() > 1) {
    std::sort(flat.begin(), flat.end(), [this](CondId a, CondId b) { return before(a, b); });
    flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
    join_members(kind, flat);
    // Until nothing changes: what is read back from text is then found simplified.
    bool changed = !is_all && factor(flat);
    if (absorb(kind, flat) || changed) return join(kind, std::move(flat));
  }
  for (CondId operand : flat) {
    const Cond& cond = conds_[operand.value];
    bool contradicted =
        cond.kind == Cond::Kind::negation && std::find(flat.begin(), flat.end(), cond.operands[0]) != flat.end();
    if (operand == zero || contradicted) return zero;
  }
  std::erase(flat, unit);
  if (flat.empty()) return unit;
  if (flat.size() == 1) return flat[0];
  Cond cond;
  cond.kind = kind;
  cond.operands = std::move(flat);
  return add(std::move(cond));
}

// any of members that all look at one word under one mask: thousands of values, one by one, are common enough not to
// sort conditions.
std::optional<CondId> Conds::any_member(const std::vector<CondId>& operands) {
  if (operands.empty()) return std::nullopt;
  const Cond& first = conds_[operands[0].value];
  std::vector<Range> ranges;
  for (CondId operand : operands) {
    const Cond& cond = conds_[operand.value];
    if (!is_member(cond) || cond.word != first.word || cond.mask != first.mask) return std::nullopt;
    ranges.insert(ranges.end(), cond.ranges.begin(), cond.ranges.end());
  }
  return member(first.word, first.mask, std::move(ranges));
}

// Members of the same word and mask stand side by side in sorted operands: makes one of them.
void Conds::join_members(Cond::Kind kind, std::vector<CondId>& operands) {
  auto same = [this](CondId a, CondId b) {
    const Cond& x = conds_[a.value];
    const Cond& y = conds_[b.value];
    return is_member(x) && is_member(y) && x.word == y.word && x.mask == y.mask;
  };
  size_t kept = 0;
  for (size_t begin = 0, end = 0; begin < operands.size(); begin = end) {
    for (end = begin + 1; end < operands.size() && same(operands[begin], operands[end]);) ++end;
    CondId joined = operands[begin];
    if (end - begin > 1) {
      const Cond& first = conds_[operands[begin].value];
      std::vector<const std::vector<Range>*> lists;
      for (size_t i = begin; i < end; ++i) lists.push_back(&conds_[operands[i].value].ranges);
      std::vector<Range> ranges;
      if (kind == Cond::Kind::all) {
        ranges = intersection(lists);
      } else {
        for (const std::vector<Range>* list : lists) ranges.insert(ranges.end(), list->begin(), list->end());
      }
      joined = member(first.word, first.mask, std::move(ranges));
    }
    operands[kept++] = joined;
  }
  operands.resize(kept);
}

// any(all(p, x), all(p, y)) -> any(all(p, any(x, y))) where x and y are last and test the same word and mask. Sorted
// operands have such pairs side by side.
bool Conds::factor(std::vector<CondId>& operands) {
  auto same = [this](CondId a, CondId b) {
    const Cond& x = conds_[a.value];
    const Cond& y = conds_[b.value];
    if (x.kind != Cond::Kind::all || y.kind != Cond::Kind::all || x.operands.size() != y.operands.size()) return false;
    const Cond& p = conds_[x.operands.back().value];
    const Cond& q = conds_[y.operands.back().value];
    return is_member(p) && is_member(q) && p.word == q.word && p.mask == q.mask &&
           std::equal(x.operands.begin(), x.operands.end() - 1, y.operands.begin());
  };
  size_t kept = 0;
  size_t before = operands.size();
  for (size_t begin = 0, end = 0; begin < before; begin = end) {
    for (end = begin + 1; end < before && same(operands[begin], operands[end]);) ++end;
    CondId joined = operands[begin];
    if (end - begin > 1) {
      std::vector<CondId> shared = conds_[operands[begin].value].operands;
      std::vector<CondId> lasts;
      for (size_t i = begin; i < end; ++i) lasts.push_back(conds_[operands[i].value].operands.back());
      shared.back() = any(std::move(lasts));
      joined = all(std::move(shared));
    }
    operands[kept++] = joined;
  }
  operands.resize(kept);
  return kept != before;
}

// any(x, all(x, y)) -> x, and the dual.
bool Conds::absorb(Cond::Kind kind, std::vector<CondId>& operands) const {
  Cond::Kind dual = kind == Cond::Kind::all ? Cond::Kind::any : Cond::Kind::all;
  std::vector<CondId> present = operands;
  std::sort(present.begin(), present.end());
  return std::erase_if(operands, [&](CondId operand) {
           const Cond& cond = conds_[operand.value];
           return cond.kind == dual && std::any_of(cond.operands.begin(), cond.operands.end(), [&](CondId inner) {
                    return std::binary_search(present.begin(), present.end(), inner);
                  });
         }) != 0;
}

}  // namespace sbpc::ir
