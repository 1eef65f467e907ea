#include "lower/stack.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "ir/meaning.h"

namespace sbpc::lower {
namespace {

constexpr size_t kMostPairs = size_t{1} << 16;  // of clauses of one call: StackTooLarge

using ir::Clause;
using ir::CondId;
using ir::Function;
using ir::FunctionId;
using ir::PlaceId;
using target::Verdict;

// A program's conditions and parameters in the terms of the fused one.
class Guest {
 public:
  Guest(const ir::Program& from, ir::Program& to, PlaceId offset) : from_(from), to_(to), offset_(offset) {
    for (const ir::Hole& hole : from.holes) holes_.push_back(hole_of(hole));
    for (uint32_t id = 0; id < from.conds.size(); ++id) conds_.push_back(cond_of(from.conds[CondId(id)]));
  }

  [[nodiscard]] Function function(FunctionId id) const {
    const Function& own = from_.functions[id.value];
    Function copy{own.clauses, own.otherwise, own.otherwise_places, {}, {}};
    for (Clause& clause : copy.clauses) {
      clause.when = conds_[clause.when.value];
      for (PlaceId& place : clause.places) place += offset_;
    }
    for (PlaceId& place : copy.otherwise_places) place += offset_;
    return copy;
  }
  [[nodiscard]] const ir::Section* section(uint32_t arch) const {
    const auto found = std::ranges::find(from_.sections, arch, &ir::Section::arch);
    return found == from_.sections.end() ? nullptr : &*found;
  }
  [[nodiscard]] const ir::Program& program() const { return from_; }

 private:
  ir::HoleId hole_of(const ir::Hole& hole) {
    auto known = std::ranges::find(to_.holes, hole);
    if (known == to_.holes.end()) known = to_.holes.insert(known, hole);
    return ir::HoleId(static_cast<uint32_t>(known - to_.holes.begin()));
  }
  CondId cond_of(const ir::Cond& cond) {
    std::vector<CondId> operands;
    for (const CondId operand : cond.operands)
      operands.push_back(conds_[operand.value]);  // made before what they are part of
    switch (cond.kind) {
      case ir::Cond::Kind::always: return to_.conds.always();
      case ir::Cond::Kind::never: return to_.conds.never();
      case ir::Cond::Kind::member: return to_.conds.member(cond.word, cond.mask, cond.ranges);
      case ir::Cond::Kind::hole:
        return to_.conds.hole(cond.word, holes_[cond.hole_id.value], cond.hole_high, cond.mask);
      case ir::Cond::Kind::flag: return to_.conds.flag(holes_[cond.hole_id.value]);
      case ir::Cond::Kind::negation: return to_.conds.negation(operands[0]);
      case ir::Cond::Kind::all: return to_.conds.all(std::move(operands));
      case ir::Cond::Kind::any: return to_.conds.any(std::move(operands));
    }
    return to_.conds.never();
  }

  const ir::Program& from_;
  ir::Program& to_;
  PlaceId offset_;
  std::vector<ir::HoleId> holes_;  // by the guest's HoleId
  std::vector<CondId> conds_;      // by the guest's CondId
};

bool newer_decides(Verdict older, Verdict newer) { return stacked(older, newer) == newer; }

class Fusion {
 public:
  Fusion(const ir::Program& older, const ir::Program& newer, PlaceId offset)
      : older_(older, fused_, 0), newer_(newer, fused_, offset), cond_diagrams_(fused_) {
    fused_.big_endian = older.big_endian;
    fused_.name = older.name + "+" + newer.name;
    fused_.foreign = stacked(older.foreign, newer.foreign);
  }

  std::optional<ir::Program> run() {
    for (const target::AbiInfo& abi : target::abis()) add_section(abi.audit_arch);
    if (too_large_) return std::nullopt;
    return std::move(fused_);
  }

 private:
  void add_section(uint32_t arch) {
    const ir::Section* older = older_.section(arch);
    const ir::Section* newer = newer_.section(arch);
    if ((older == nullptr && newer == nullptr) ||
        std::ranges::find(fused_.sections, arch, &ir::Section::arch) != fused_.sections.end())
      return;
    ir::Section section{arch, {}, {}, {}};
    for (const target::AbiInfo& abi : target::abis()) {
      const auto has = [&](const ir::Section* of) {
        return of != nullptr && std::ranges::count(of->abis, abi.abi) != 0;
      };
      if (has(older) || has(newer)) section.abis.push_back(abi.abi);
    }
    for (uint64_t first = 0; first <= UINT32_MAX;) {
      const uint32_t last = std::min(end_of(older, first), end_of(newer, first));
      section.ranges.push_back(
          {static_cast<uint32_t>(first), last, fused_at(older, newer, static_cast<uint32_t>(first))});
      first = uint64_t{last} + 1;
    }
    fused_.sections.push_back(std::move(section));
  }
  static uint32_t end_of(const ir::Section* section, uint64_t nr) {
    if (section == nullptr) return UINT32_MAX;
    return std::ranges::lower_bound(section->ranges, static_cast<uint32_t>(nr), {}, &ir::NrRange::last)->last;
  }
  FunctionId fused_at(const ir::Section* older, const ir::Section* newer, uint32_t nr) {
    const auto id = [nr](const ir::Section* section) {
      return section == nullptr ? FunctionId() : ir::function_of(*section, nr);
    };
    const std::pair key(id(older), id(newer));
    const auto found = made_.find(key);
    if (found != made_.end()) return found->second;
    const FunctionId made = fuse(taken(older_, key.first), taken(newer_, key.second));
    made_.emplace(key, made);
    return made;
  }
  static Function taken(const Guest& guest, FunctionId id) {
    return id.valid() ? guest.function(id) : Function{{}, guest.program().foreign, {}, {}, {}};
  }

  // First match among pairs in the order of the first list, then of the second, is the first match of each.
  FunctionId fuse(const Function& older, const Function& newer) {
    Function made;
    if (older.clauses.size() * newer.clauses.size() > kMostPairs) too_large_ = true;
    if (!too_large_) {
      for (const Clause& clause : older.clauses) add_pairs(clause, newer, made);
    }
    const Clause rest{fused_.conds.always(), older.otherwise, older.otherwise_places};
    add_pairs(rest, newer, made);
    made.otherwise = made.clauses.back().verdict;  // of what neither list has a clause for
    made.otherwise_places = made.clauses.back().places;
    made.clauses.pop_back();
    while (!made.clauses.empty() && made.clauses.back().verdict == made.otherwise) made.clauses.pop_back();
    return add(std::move(made));
  }
  void add_pairs(const Clause& first, const Function& newer, Function& made) {
    const Clause rest{fused_.conds.always(), newer.otherwise, newer.otherwise_places};
    const auto is_stricter = [&](const Clause& clause) { return !newer_decides(first.verdict, clause.verdict); };
    if (!(std::ranges::all_of(newer.clauses, is_stricter) && is_stricter(rest))) {
      for (const Clause& second : newer.clauses) made.clauses.push_back(pair(first, second));
    }
    made.clauses.push_back(pair(first, rest));
  }
  Clause pair(const Clause& older, const Clause& newer) {
    return {fused_.conds.all({older.when, newer.when}), stacked(older.verdict, newer.verdict),
            newer_decides(older.verdict, newer.verdict) ? newer.places : older.places};
  }
  FunctionId add(Function function) {
    fused_.diagram.begin_part();
    const ir::Ref meaning = ir::clauses_meaning(fused_, function, cond_diagrams_);
    if (fused_.diagram.end_part()) {
      function.meaning = meaning;
    } else {
      cond_diagrams_.forget();
    }
    fused_.functions.push_back(std::move(function));
    return FunctionId(static_cast<uint32_t>(fused_.functions.size() - 1));
  }

  ir::Program fused_;
  Guest older_;
  Guest newer_;
  ir::CondDiagrams cond_diagrams_;
  std::map<std::pair<FunctionId, FunctionId>, FunctionId> made_;
  bool too_large_ = false;
};

// Which statements name which calls, for who asks that; what they say of them is in the program. False without the ABI.
bool add_named_calls(const sema::Policy& from, sema::AbiPolicy& to, size_t offset) {
  const auto found = std::ranges::find(from.abis, to.abi, &sema::AbiPolicy::abi);
  if (found == from.abis.end()) return false;
  sema::Scope& root = to.scopes.front();
  for (const sema::Scope& scope : found->scopes) {
    for (const sema::Rule& rule : scope.rules) {
      sema::Rule named{sema::PlaceId(rule.place.value + offset), sema::kAlways, rule.verdict, {}, {}, std::nullopt};
      for (const sema::Target& target : rule.targets) named.targets.push_back({target.nr, sema::kAlways});
      root.rules.push_back(std::move(named));
    }
    for (const sema::Fallback& fallback : scope.fallbacks) {
      root.fallbacks.push_back(
          {sema::PlaceId(fallback.place.value + offset), sema::kAlways, fallback.verdict, fallback.calls, {}});
    }
  }
  for (const sema::DeclaredNumber& call : found->declared) {
    const auto is_same = [&](const sema::DeclaredNumber& own) { return own.nr == call.nr && own.name == call.name; };
    if (std::ranges::none_of(to.declared, is_same)) to.declared.push_back(call);
  }
  std::ranges::sort(to.declared, {}, [](const auto& call) { return std::tie(call.nr, call.name); });
  return true;
}

}  // namespace

// From the newest filter to the oldest, an answer gives way to one whose action is smaller as a signed number.
uint32_t stacked(uint32_t older, uint32_t newer) {
  constexpr uint32_t kAction = 0xffff0000U;  // SECCOMP_RET_ACTION_FULL
  return static_cast<int32_t>(older & kAction) < static_cast<int32_t>(newer & kAction) ? older : newer;
}

Verdict stacked(Verdict older, Verdict newer) {
  const uint32_t word = target::encode(older);
  return stacked(word, target::encode(newer)) == word ? older : newer;
}

std::optional<ir::Program> stack(const ir::Program& older, const ir::Program& newer, PlaceId place_offset) {
  return Fusion(older, newer, place_offset).run();
}

sema::Policy stack(const sema::Policy& older, const sema::Policy& newer) {
  sema::Policy policy;
  policy.name = older.name + "+" + newer.name;
  policy.span = newer.span;
  for (const target::AbiInfo& abi : target::abis()) {
    sema::AbiPolicy made;
    made.abi = abi.abi;
    made.conditions.emplace_back();
    made.scopes.emplace_back();
    made.root = sema::ScopeId(0U);
    const bool in_older = add_named_calls(older, made, 0);
    if (add_named_calls(newer, made, older.places.size()) || in_older) policy.abis.push_back(std::move(made));
  }
  policy.otherwise = stacked(older.otherwise, newer.otherwise);
  policy.foreign.all = stacked(older.foreign.all, newer.foreign.all);
  policy.newer = stacked(older.newer, newer.newer);
  policy.kernel = newer.kernel ? newer.kernel : older.kernel;
  policy.min_kernel = std::min(older.min_kernel, newer.min_kernel);
  policy.frequencies = newer.frequencies.empty() ? older.frequencies : newer.frequencies;
  policy.frequencies_at = newer.frequencies.empty() ? older.frequencies_at : newer.frequencies_at;
  policy.holes = older.holes;
  for (const sema::Hole& hole : newer.holes) {
    if (std::ranges::find(policy.holes, hole.name, &sema::Hole::name) == policy.holes.end())
      policy.holes.push_back(hole);
  }
  policy.places = older.places;
  policy.places.insert(policy.places.end(), newer.places.begin(), newer.places.end());
  policy.otherwise_place = newer_decides(older.otherwise, newer.otherwise)
                               ? sema::PlaceId(older.places.size() + newer.otherwise_place.value)
                               : older.otherwise_place;
  return policy;
}

}  // namespace sbpc::lower
