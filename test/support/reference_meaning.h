// reference_meaning.h: docs/language.md, "Meaning", evaluated event by event on a typed policy.
//
// Written to share nothing with lower/: no lists, no diagrams, no 32-bit words; values are exact integers and a verdict
// is an action with its set of (datum, place). Slow, obvious, and the judge of everything faster.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>

#include "sema/policy.h"
#include "target/seccomp_data.h"

namespace sbpc::support {

class ReferenceMeaning {
 public:
  struct Answer {
    target::Action action;
    std::set<std::pair<uint16_t, uint32_t>> voices;  // datum, place
    [[nodiscard]] std::set<uint16_t> data() const {
      std::set<uint16_t> result;
      for (auto [datum, place] : voices) result.insert(datum);
      return result;
    }
  };
  static constexpr uint32_t kNoStatement = 0xffffffffU;

  ReferenceMeaning(const sema::Policy& policy, std::span<const uint64_t> holes) : policy_(policy), holes_(holes) {}

  [[nodiscard]] Answer closed(const target::SeccompData& data) const {
    auto nr = static_cast<uint32_t>(data.nr);
    const sema::AbiPolicy* abi = nullptr;
    if (std::optional<target::Verdict> foreign = foreign_answer(data.arch, nr, abi)) return plain(*foreign);
    Says says = scope(*abi, abi->root, data);
    if (says.strong) return *says.strong;
    if (says.weak) return *says.weak;
    return plain(lacked_by_kernel(*abi, nr) ? policy_.newer : policy_.otherwise);
  }

  // Whether the targets of an assertion match the event.
  [[nodiscard]] bool matches(const sema::AbiPolicy& abi, const std::vector<sema::Target>& targets,
                             const target::SeccompData& data) const {
    for (const sema::Target& target : targets) {
      if (target.nr == static_cast<uint32_t>(data.nr) && holds(abi, target.when, data)) return true;
    }
    return false;
  }
  [[nodiscard]] bool holds(const sema::AbiPolicy& abi, sema::CondId id, const target::SeccompData& data) const {
    const sema::Condition& condition = abi.conditions[id.value];
    switch (condition.kind) {
      case sema::Condition::Kind::always: return true;
      case sema::Condition::Kind::never: return false;
      case sema::Condition::Kind::flag: return holes_[condition.flag.value] != 0;
      case sema::Condition::Kind::test: return holds(condition.test, data);
      case sema::Condition::Kind::negation: return !holds(abi, condition.operands[0], data);
      case sema::Condition::Kind::all:
        for (sema::CondId operand : condition.operands) {
          if (!holds(abi, operand, data)) return false;
        }
        return true;
      case sema::Condition::Kind::any:
        for (sema::CondId operand : condition.operands) {
          if (holds(abi, operand, data)) return true;
        }
        return false;
    }
    return false;
  }

  [[nodiscard]] bool holds(const sema::Test& test, const target::SeccompData& data) const {
    using sema::Int;
    Int modulus = Int{1} << test.arg.width;
    auto wrapped = [&](Int value) { return ((value % modulus) + modulus) % modulus; };
    Int value = 0;
    if (test.arg.kind == sema::ArgRef::Kind::instruction_pointer) {
      value = static_cast<Int>(data.instruction_pointer);
    } else if (test.arg.slots.high) {
      value = static_cast<Int>(data.args[test.arg.slots.low] & 0xffffffffU) +
              (static_cast<Int>(data.args[*test.arg.slots.high] & 0xffffffffU) << 32);
    } else {
      value = static_cast<Int>(data.args[test.arg.slots.low]);
    }
    value = static_cast<Int>(static_cast<uint64_t>(wrapped(value)) & test.mask);
    Int ordered = test.arg.is_signed && value >= modulus / 2 ? value - modulus : value;
    bool found = false;
    for (sema::ValueRange range : test.values) {
      switch (test.op) {
        case sema::Compare::lt: return ordered < range.first;
        case sema::Compare::le: return ordered <= range.first;
        case sema::Compare::gt: return ordered > range.first;
        case sema::Compare::ge: return ordered >= range.first;
        default: break;
      }
      found = found || (range.first == range.last ? wrapped(range.first) == value
                                                  : range.first <= ordered && ordered <= range.last);
    }
    for (sema::HoleId hole : test.holes) found = found || wrapped(static_cast<Int>(holes_[hole.value])) == value;
    return found == (test.op == sema::Compare::eq || test.op == sema::Compare::in);
  }

 private:
  struct Says {
    std::optional<Answer> strong;
    std::optional<Answer> weak;
  };

  static Answer plain(target::Verdict verdict) { return {verdict.action, {{verdict.data, kNoStatement}}}; }

  // Strictest first in the enumeration; equal actions unite what they hold.
  static void merge(std::optional<Answer>& into, const std::optional<Answer>& other) {
    if (!other) return;
    if (!into || other->action < into->action) {
      into = other;
    } else if (other->action == into->action) {
      into->voices.insert(other->voices.begin(), other->voices.end());
    }
  }
  static std::optional<Answer> answer(target::Verdict verdict, sema::PlaceId place) {
    return Answer{verdict.action, {{verdict.data, place.value}}};
  }

  // The call is named without conditions; a call behind a multiplexer is what its selector says.
  [[nodiscard]] bool names_plainly(const sema::AbiPolicy& abi, const std::vector<sema::Target>& targets,
                                   const target::SeccompData& data) const {
    for (const sema::Target& target : targets) {
      if (target.nr != static_cast<uint32_t>(data.nr)) continue;
      if (target.sub_call ? holds(abi, target.when, data) : target.when == sema::kAlways) return true;
    }
    return false;
  }
  [[nodiscard]] bool names(const sema::AbiPolicy& abi, const std::vector<sema::Target>& targets,
                           const target::SeccompData& data) const {
    for (const sema::Target& target : targets) {
      if (target.nr == static_cast<uint32_t>(data.nr) && (!target.sub_call || holds(abi, target.when, data)))
        return true;
    }
    return false;
  }

  [[nodiscard]] Says scope(const sema::AbiPolicy& abi, sema::ScopeId id, const target::SeccompData& data) const {
    const sema::Scope& body = abi.scopes[id.value];
    auto nr = static_cast<uint32_t>(data.nr);
    Says says;
    for (const sema::Rule& rule : body.rules) {
      if (!holds(abi, rule.guard, data)) continue;
      if (matches(abi, rule.targets, data) && !matches(abi, rule.except, data))
        merge(says.strong, answer(rule.verdict, rule.place));
      if (rule.otherwise && names(abi, rule.targets, data) && !names_plainly(abi, rule.except, data)) {
        merge(says.weak, answer(*rule.otherwise, rule.place));
      }
    }
    for (const sema::Fallback& fallback : body.fallbacks) {
      if (!holds(abi, fallback.guard, data)) continue;
      bool named = matches(abi, fallback.sub_calls, data);
      for (uint32_t call : fallback.calls) named = named || call == nr;
      if (named) merge(says.weak, answer(fallback.verdict, fallback.place));
    }
    for (const sema::Require& require : body.requires_) {
      bool named = false;
      for (const sema::Target& target : require.targets) named = named || (target.nr == nr && !target.sub_call);
      if (holds(abi, require.guard, data) && named && !matches(abi, require.targets, data)) {
        merge(says.strong, answer(require.otherwise, require.place));
      }
    }
    for (const sema::Use& use : body.uses) {
      if (!holds(abi, use.guard, data)) continue;
      Says set = scope(abi, use.scope, data);
      if (!matches(abi, use.except, data)) merge(says.strong, set.strong);
      if (!names_plainly(abi, use.except, data)) merge(says.weak, set.weak);
    }
    Says over;
    for (const sema::Override& statement : body.overrides) {
      if (!holds(abi, statement.guard, data)) continue;
      Says inner = scope(abi, statement.scope, data);
      merge(over.strong, inner.strong);
      merge(over.weak, inner.weak);
    }
    if (over.strong) says.strong = over.strong;
    if (over.weak) says.weak = over.weak;
    return says;
  }

  [[nodiscard]] const sema::AbiPolicy* own(target::Abi abi) const {
    for (const sema::AbiPolicy& one : policy_.abis) {
      if (one.abi == abi) return &one;
    }
    return nullptr;
  }
  [[nodiscard]] target::Verdict foreign(target::Abi abi) const {
    for (const auto& [named, verdict] : policy_.foreign.abis) {
      if (named == abi) return verdict;
    }
    return abi == target::Abi::x32 ? policy_.foreign.x32.value_or(policy_.foreign.all) : policy_.foreign.all;
  }

  // Rulings 3: which ABI a number belongs to, or the answer if none of the policy's.
  [[nodiscard]] std::optional<target::Verdict> foreign_answer(uint32_t arch, uint32_t nr,
                                                              const sema::AbiPolicy*& abi) const {
    using target::Abi;
    Abi which = Abi::x86_64;
    bool known = false;
    for (const target::AbiInfo& row : target::abis()) {
      if (row.audit_arch == arch && !known) {
        which = row.abi;
        known = true;
      }
    }
    if (!known) return policy_.foreign.all;
    bool top = (nr & 0x80000000U) != 0;
    bool bit30 = (nr & 0x40000000U) != 0;
    if (which == Abi::x86_64) {
      if (!top && bit30) which = Abi::x32;
      if (!top && !bit30 && nr >= 512 && nr <= 547) {
        if (policy_.foreign.legacy) return policy_.foreign.legacy;
        return own(Abi::x86_64) != nullptr || own(Abi::x32) != nullptr ? policy_.foreign.all : foreign(Abi::x86_64);
      }
      if (top && own(Abi::x86_64) == nullptr && own(Abi::x32) != nullptr) which = Abi::x32;
    }
    abi = own(which);
    if (abi == nullptr) return foreign(which);
    bool lacks =
        which == Abi::x32 && !top && !target::call_at(Abi::x32, nr) && target::call_at(Abi::x86_64, nr & ~0x40000000U);
    if (lacks) {
      for (const auto& call : abi->declared) lacks = lacks && call.nr != nr;
    }
    if (lacks) return policy_.foreign.all;
    return std::nullopt;
  }

  // Ruling 4.
  [[nodiscard]] bool lacked_by_kernel(const sema::AbiPolicy& abi, uint32_t nr) const {
    if (!policy_.kernel) return false;
    for (const auto& call : abi.declared) {
      if (call.nr == nr) return false;
    }
    auto call = target::call_at(abi.abi, nr);
    if (!call) return true;
    target::Lifetime life = target::call_lifetime(*call, abi.abi);
    if (life.never || !life.sure) return false;
    return life.since > *policy_.kernel;
  }

  const sema::Policy& policy_;
  std::span<const uint64_t> holes_;
};

}  // namespace sbpc::support
