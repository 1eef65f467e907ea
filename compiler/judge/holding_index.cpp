#include "judge/holding_index.h"

#include <algorithm>

namespace sbpc::judge {
namespace {

using ir::Cond;
using ir::CondId;

constexpr size_t kMostParts = 256;  // of a condition: one of more comes up for every event

}  // namespace

// What the condition asks for on one word, or on one of several: on no other event it holds. False if there is no such
// thing. Nested as deep as the policy's conditions are.
bool HoldingIndex::add_parts(CondId id, Parts& out) const {
  const Cond& cond = conds_[id];
  switch (cond.kind) {
    case Cond::Kind::never: return true;
    case Cond::Kind::always:
    case Cond::Kind::hole:
    case Cond::Kind::flag:
    case Cond::Kind::negation: return false;
    case Cond::Kind::member:
      if (cond.ranges.size() > kMostParts) return false;
      for (const ir::Range range : cond.ranges) out.emplace_back(Asked(cond.word, cond.mask), range);
      return true;
    case Cond::Kind::any:
      return cond.operands.size() <= kMostParts &&
             std::all_of(cond.operands.begin(), cond.operands.end(),
                         [&](CondId operand) { return out.size() <= kMostParts && add_parts(operand, out); });
    case Cond::Kind::all: break;
  }
  // Of what must hold together that tells most which the fewest conditions ask, as the lower half of `pos == 5`.
  const auto weight = [&](const Parts& parts) {
    uint64_t askers = 0, values = 0;
    for (const auto& [asked, range] : parts) {
      const auto known = askers_.find({asked, range.first, range.last});
      askers += known == askers_.end() ? 0 : known->second;
      values += uint64_t{range.last} - range.first + 1;
    }
    return std::pair(askers, values);
  };
  Parts best;
  bool found = false;
  for (const CondId operand : cond.operands) {
    Parts parts;
    if (!add_parts(operand, parts) || (found && weight(parts) >= weight(best))) continue;
    best = std::move(parts);
    found = true;
  }
  out.insert(out.end(), best.begin(), best.end());
  return found;
}

void HoldingIndex::add(CondId cond, uint32_t id) {
  Parts parts;
  if (!add_parts(cond, parts) || parts.size() > kMostParts) {
    others_.push_back(id);
    return;
  }
  for (const auto& [asked, range] : parts) {
    words_[asked].push_back({range.first, range.last, id, range.last});
    ++askers_[{asked, range.first, range.last}];
  }
}

void HoldingIndex::finish() {
  for (auto& [asked, all] : words_) {
    std::sort(all.begin(), all.end(),
              [](const Interval& a, const Interval& b) { return std::pair(a.first, a.id) < std::pair(b.first, b.id); });
    set_highest(all, 0, all.size());
  }
}

uint32_t HoldingIndex::set_highest(Intervals& all, size_t begin, size_t end) {
  if (begin == end) return 0;
  const size_t middle = begin + (end - begin) / 2;
  const uint32_t below = std::max(set_highest(all, begin, middle), set_highest(all, middle + 1, end));
  return all[middle].highest = std::max(all[middle].last, below);
}

void HoldingIndex::stab(const Intervals& all, std::pair<size_t, size_t> part, uint32_t value,
                        std::vector<uint32_t>& out) {
  const auto [begin, end] = part;
  if (begin == end) return;
  const size_t middle = begin + (end - begin) / 2;
  if (all[middle].highest < value) return;
  stab(all, {begin, middle}, value, out);
  if (all[middle].first > value) return;
  if (all[middle].last >= value) out.push_back(all[middle].id);
  stab(all, {middle + 1, end}, value, out);
}

std::vector<uint32_t> HoldingIndex::may_hold(const target::SeccompData& event) const {
  std::vector<uint32_t> ids = others_;
  for (const auto& [asked, all] : words_)
    stab(all, {0, all.size()}, target::word_value(event, asked.first) & asked.second, ids);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace sbpc::judge
