// close.cpp: who answers which number, and what.
//
// owner_of is the rule; sections are made region by region so that they agree with it (a test compares them number by
// number). x86_64 and x32 share an arch word: numbers with bit 30 and not bit 31 are x32's, 512..547 belong to nobody
// (before Linux 5.4 they reached x32's calls, commit 6365b842aae4), numbers with bit 31 are unknown. Tested by
// test/unit/lower/close_test.cpp.
#include "lower/close.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::lower {
namespace {

using ir::FunctionId;
using target::Abi;
using target::Verdict;

constexpr uint32_t kUnknownBit = 0x80000000U;

const sema::AbiPolicy* find_abi(const sema::Policy& policy, Abi abi) {
  for (const sema::AbiPolicy& one : policy.abis) {
    if (one.abi == abi) return &one;
  }
  return nullptr;
}

Verdict foreign_of(const sema::Policy& policy, Abi abi) {
  for (const auto& [named, verdict] : policy.foreign.abis) {
    if (named == abi) return verdict;
  }
  if (abi == Abi::x32 && policy.foreign.x32) return *policy.foreign.x32;
  return policy.foreign.all;
}

Owner owner(const sema::Policy& policy, Abi abi) {
  const sema::AbiPolicy* own = find_abi(policy, abi);
  return own != nullptr ? Owner{own, {}} : Owner{nullptr, foreign_of(policy, abi)};
}

struct Region {
  uint32_t first;
  uint32_t last;
  Owner owner;
};

std::vector<Region> x86_regions(const sema::Policy& policy) {
  Owner native = owner(policy, Abi::x86_64);
  Owner x32 = owner(policy, Abi::x32);
  bool ours = native.abi != nullptr || x32.abi != nullptr;
  Owner legacy{nullptr, policy.foreign.legacy.value_or(ours ? policy.foreign.all : native.foreign)};
  Owner unknown = native.abi == nullptr && x32.abi != nullptr ? x32 : native;
  return {{0, target::kX32LegacyFirst - 1, native},
          {target::kX32LegacyFirst, target::kX32LegacyLast, legacy},
          {target::kX32LegacyLast + 1, target::kX32Bit - 1, native},
          {target::kX32Bit, kUnknownBit - 1, x32},
          {kUnknownBit, 0xffffffffU, unknown}};
}

std::vector<Region> regions(const sema::Policy& policy, uint32_t arch) {
  if (arch == target::info(Abi::x86_64).audit_arch) return x86_regions(policy);
  for (const target::AbiInfo& row : target::abis()) {
    if (row.audit_arch == arch) return {{0, 0xffffffffU, owner(policy, row.abi)}};
  }
  return {{0, 0xffffffffU, {nullptr, policy.foreign.all}}};
}

bool is_declared(const sema::AbiPolicy& abi, uint32_t nr) {
  const auto at = std::partition_point(abi.declared.begin(), abi.declared.end(),
                                       [nr](const sema::DeclaredNumber& call) { return call.nr < nr; });
  return at != abi.declared.end() && at->nr == nr;
}

// A number of x86_64's table that x32 lacks: the kernel would run x86_64's call in an x32 task.
bool only_native(const sema::AbiPolicy& abi, uint32_t nr) {
  return abi.abi == Abi::x32 && nr >= target::kX32Bit && !target::call_at(Abi::x32, nr) && !is_declared(abi, nr) &&
         target::call_at(Abi::x86_64, nr - target::kX32Bit).has_value();
}

Verdict unknown_verdict(const sema::Policy& policy) { return policy.kernel ? policy.newer : policy.otherwise; }

class SectionMaker {
 public:
  SectionMaker(const sema::Policy& policy, Workshop& workshop, std::vector<ClosedCall>& closed)
      : policy_(policy), workshop_(workshop), closed_(closed) {}

  void fill(const Region& region, const std::vector<Sayings>& roots, ir::Section& section) {
    if (region.owner.abi == nullptr) {
      add(section, {region.first, region.last, constant(region.owner.foreign)}, false);
      return;
    }
    const sema::AbiPolicy& abi = *region.owner.abi;
    auto index = static_cast<size_t>(region.owner.abi - policy_.abis.data());
    FunctionId gap = constant(unknown_verdict(policy_));
    uint64_t next = region.first;
    for (uint32_t nr : numbers(abi, roots[index], region)) {
      if (nr > next) add(section, {static_cast<uint32_t>(next), nr - 1, gap}, false);
      next = uint64_t{nr} + 1;
      const Saying* saying = find_saying(roots[index], nr);
      if (only_native(abi, nr)) {
        add(section, {nr, nr, constant(policy_.foreign.all)}, false);
      } else if (saying == nullptr) {
        add(section, {nr, nr, constant(silent_verdict(policy_, abi, nr))}, false);
      } else {
        const Verdict silent = silent_verdict(policy_, abi, nr);
        const FunctionId function = close_call(*saying, silent);
        const bool speaks = !is_mute(*saying, function, silent);
        add(section, {nr, nr, function}, speaks);
        if (speaks) closed_.push_back({index, nr, function, !saying->strong.exact || !saying->weak.exact});
      }
    }
    if (next <= region.last) add(section, {static_cast<uint32_t>(next), region.last, gap}, false);
  }

 private:
  FunctionId constant(Verdict verdict) { return ir::constant_function(workshop_.program, verdict); }

  // The numbers of a region whose answer is not the unknown numbers'.
  std::vector<uint32_t> numbers(const sema::AbiPolicy& abi, const Sayings& root, const Region& region) {
    std::vector<uint32_t> result;
    for (const Saying& saying : root) result.push_back(saying.nr);
    if (policy_.kernel) {
      for (target::NumberedCall call : target::calls_of(abi.abi)) result.push_back(call.nr);
      for (const sema::DeclaredNumber& call : abi.declared) result.push_back(call.nr);
    }
    if (abi.abi == Abi::x32) {
      for (target::NumberedCall call : target::calls_of(Abi::x86_64)) {
        if (only_native(abi, call.nr + target::kX32Bit)) result.push_back(call.nr + target::kX32Bit);
      }
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    std::erase_if(result, [&](uint32_t nr) { return nr < region.first || nr > region.last; });
    return result;
  }

  FunctionId close_call(const Saying& saying, Verdict silent) {
    ir::Program& program = workshop_.program;
    const Speech& strong = saying.strong;
    if (strong.exact && !strong.clauses.empty() && strong.clauses[0].when == program.conds.always())
      return always(strong.clauses[0].verdict);  // most calls: no diagram is needed
    ir::Ref meaning;
    bool fits = workshop_.part([&] {
      ir::Ref rest = program.diagram.terminal(target::encode(silent));
      meaning = meaning_over(saying.strong, meaning_over(saying.weak, rest, workshop_), workshop_);
    });
    if (!fits || !meaning.valid()) {
      program.functions.push_back(function(saying, silent));
      return FunctionId(program.functions.size() - 1);
    }
    if (auto known = by_meaning_.find(meaning); known != by_meaning_.end()) return known->second;
    bool is_constant =
        program.diagram.is_terminal(meaning) && !program.diagram.several(program.diagram.payload(meaning));
    FunctionId made;
    if (is_constant) {
      made = constant(target::decode(program.diagram.payload(meaning)));
    } else {
      program.functions.push_back(function(saying, silent));
      program.functions.back().meaning = meaning;
      made = FunctionId(program.functions.size() - 1);
    }
    by_meaning_.emplace(meaning, made);
    return made;
  }

  // Whether no event is answered by a statement: what a parameter's value or an `except` has emptied is as if it were
  // not written.
  bool is_mute(const Saying& saying, FunctionId closed, Verdict silent) {
    ir::Program& program = workshop_.program;
    const ir::Function& function = program.functions[closed.value];
    if (!function.clauses.empty() || function.otherwise != silent || !function.meaning.valid()) return false;
    ir::Ref said;
    const bool fits = workshop_.part([&] {
      said = meaning_over(saying.strong, meaning_over(saying.weak, program.diagram.none(), workshop_), workshop_);
    });
    return fits && said == program.diagram.none();
  }

  FunctionId always(Verdict verdict) {
    const ir::Ref meaning = workshop_.program.diagram.terminal(target::encode(verdict));
    if (!meaning.valid()) return constant(verdict);
    const auto [known, is_new] = by_meaning_.try_emplace(meaning);
    if (is_new) known->second = constant(verdict);
    return known->second;
  }

  ir::Function function(const Saying& saying, Verdict silent) {
    ir::Function result;
    result.clauses = overlay_clauses(saying.strong.clauses, saying.weak.clauses, workshop_.program.conds);
    if (!result.clauses.empty() && result.clauses.back().when == workshop_.program.conds.always()) {
      result.otherwise = result.clauses.back().verdict;
      result.otherwise_places = std::move(result.clauses.back().places);
      result.clauses.pop_back();
    } else {
      result.otherwise = silent;
      if (silent == policy_.otherwise && policy_.otherwise_place.valid())
        result.otherwise_places = {policy_.otherwise_place.value};
    }
    while (!result.clauses.empty() && result.clauses.back().verdict == result.otherwise) result.clauses.pop_back();
    return result;
  }

  // Numbers that statements name keep a range of their own: joining them is the optimiser's business.
  void add(ir::Section& section, const ir::NrRange& range, bool named) {
    bool joins = !named && !last_named_ && !section.ranges.empty() && section.ranges.back().function == range.function;
    last_named_ = named;
    if (joins) {
      section.ranges.back().last = range.last;
    } else {
      section.ranges.push_back(range);
    }
  }

  const sema::Policy& policy_;
  Workshop& workshop_;
  std::vector<ClosedCall>& closed_;
  std::map<ir::Ref, FunctionId> by_meaning_;
  bool last_named_ = false;
};

// Arch words that need a section: the policy's own, and foreign ones whose answer is not the general one. In the order
// of arches.def.
std::vector<uint32_t> arch_words(const sema::Policy& policy) {
  std::vector<uint32_t> result;
  for (const target::AbiInfo& row : target::abis()) {
    if (std::find(result.begin(), result.end(), row.audit_arch) != result.end()) continue;
    std::vector<Region> all = regions(policy, row.audit_arch);
    bool needed = std::any_of(all.begin(), all.end(), [&](const Region& region) {
      return region.owner.abi != nullptr || region.owner.foreign != policy.foreign.all;
    });
    if (needed) result.push_back(row.audit_arch);
  }
  return result;
}

}  // namespace

Verdict silent_verdict(const sema::Policy& policy, const sema::AbiPolicy& abi, uint32_t nr) {
  if (!policy.kernel || is_declared(abi, nr)) return policy.otherwise;
  std::optional<target::CallId> call = target::call_at(abi.abi, nr);
  if (!call) return policy.newer;
  target::Lifetime lifetime = target::call_lifetime(*call, abi.abi);
  // Calls that no kernel ever had, that it dropped, or whose first version is a guess, are not "newer".
  bool is_newer = lifetime.sure && !lifetime.never && lifetime.since > *policy.kernel;
  return is_newer ? policy.newer : policy.otherwise;
}

Owner owner_of(const sema::Policy& policy, uint32_t arch, uint32_t nr) {
  for (const Region& region : regions(policy, arch)) {
    if (nr > region.last) continue;
    if (region.owner.abi != nullptr && only_native(*region.owner.abi, nr)) return {nullptr, policy.foreign.all};
    return region.owner;
  }
  CHECK(false);
}

std::vector<ClosedCall> close(const sema::Policy& policy, const std::vector<Sayings>& roots, Workshop& workshop) {
  std::vector<ClosedCall> closed;
  SectionMaker maker(policy, workshop, closed);
  workshop.program.foreign = policy.foreign.all;
  for (uint32_t arch : arch_words(policy)) {
    ir::Section section;
    section.arch = arch;
    for (const sema::AbiPolicy& abi : policy.abis) {
      if (target::info(abi.abi).audit_arch == arch) section.abis.push_back(abi.abi);
    }
    for (const Region& region : regions(policy, arch)) maker.fill(region, roots, section);
    workshop.program.sections.push_back(std::move(section));
  }
  return closed;
}

}  // namespace sbpc::lower
