// policy_builder.h: sema::Policy values made by hand, for tests of the stages after sema.
//
//   PolicyBuilder b;                                   // x86_64, default kill_process, foreign kill_process
//   b.allow("read").errno_(13, b.call("openat", b.eq(b.arg(2), 0)));
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sema/policy.h"

namespace sbpc::support {

using sema::CondId;
using sema::ScopeId;
using target::Action;
using target::Verdict;

inline constexpr Verdict kAllow{Action::allow, 0};
inline constexpr Verdict kKill{Action::kill_process, 0};
inline Verdict errno_verdict(uint16_t number) { return {Action::errno_, number}; }

class PolicyBuilder {
 public:
  explicit PolicyBuilder(std::vector<target::Abi> abis = {target::Abi::x86_64}) {
    policy.name = "test";
    policy.otherwise = kKill;
    policy.foreign.all = kKill;
    policy.newer = errno_verdict(38);
    for (target::Abi abi : abis) {
      sema::AbiPolicy one;
      one.abi = abi;
      one.conditions.emplace_back();
      one.scopes.emplace_back();
      one.root = ScopeId(0U);
      policy.abis.push_back(std::move(one));
    }
  }

  // Statements go to the ABI and the scope chosen last.
  PolicyBuilder& on(size_t index) {
    abi_ = index;
    scope_ = policy.abis[index].root;
    return *this;
  }
  PolicyBuilder& in(ScopeId scope) {
    scope_ = scope;
    return *this;
  }
  ScopeId new_scope() {
    abi().scopes.emplace_back();
    return ScopeId(abi().scopes.size() - 1);
  }
  sema::AbiPolicy& abi() { return policy.abis[abi_]; }
  sema::Scope& scope() { return abi().scopes[scope_.value]; }

  // Places are spans of one character, in the order of the statements: place i has [i, i + 1) of file 0.
  sema::PlaceId place(uint32_t file = 0) {
    auto at = static_cast<uint32_t>(policy.places.size());
    policy.places.push_back({{FileId(file), at, at + 1}, {}, {}});
    return sema::PlaceId(at);
  }

  // ---- conditions ----
  CondId add(sema::Condition condition) {
    abi().conditions.push_back(std::move(condition));
    return CondId(abi().conditions.size() - 1);
  }
  static sema::ArgRef arg(uint8_t slot, uint8_t width = 32, bool is_signed = false) {
    sema::ArgRef result;
    result.slots.low = slot;
    result.width = width;
    result.is_signed = is_signed;
    return result;
  }
  CondId test(sema::Test test) {
    sema::Condition condition;
    condition.kind = sema::Condition::Kind::test;
    condition.test = std::move(test);
    return add(std::move(condition));
  }
  CondId compare(sema::ArgRef what, sema::Compare op, sema::Int value, uint64_t mask = ~uint64_t{0}) {
    sema::Test result;
    result.arg = what;
    result.op = op;
    result.mask = mask;
    result.values = {{value, value}};
    return test(std::move(result));
  }
  CondId eq(sema::ArgRef what, sema::Int value) { return compare(what, sema::Compare::eq, value); }
  CondId in_set(sema::ArgRef what, std::vector<sema::ValueRange> values) {
    sema::Test result;
    result.arg = what;
    result.op = sema::Compare::in;
    result.values = std::move(values);
    return test(std::move(result));
  }
  CondId flag(sema::HoleId hole) {
    sema::Condition condition;
    condition.kind = sema::Condition::Kind::flag;
    condition.flag = hole;
    return add(std::move(condition));
  }
  CondId join(sema::Condition::Kind kind, std::vector<CondId> operands) {
    sema::Condition condition;
    condition.kind = kind;
    condition.operands = std::move(operands);
    return add(std::move(condition));
  }
  CondId all(std::vector<CondId> operands) { return join(sema::Condition::Kind::all, std::move(operands)); }
  CondId any(std::vector<CondId> operands) { return join(sema::Condition::Kind::any, std::move(operands)); }
  CondId negation(CondId operand) { return join(sema::Condition::Kind::negation, {operand}); }
  sema::HoleId hole(std::string name, bool is_bool, uint8_t width = 32) {
    policy.holes.push_back({std::move(name), is_bool, width, false, {}});
    return sema::HoleId(policy.holes.size() - 1);
  }

  // ---- statements ----
  sema::Target call(std::string_view name, CondId when = sema::kAlways) {
    std::optional<target::CallId> id = target::find_call(name);
    std::optional<uint32_t> nr = id ? target::call_number(*id, abi().abi) : std::nullopt;
    return {nr.value_or(~0U), when};
  }
  sema::Rule& rule(Verdict verdict, std::vector<sema::Target> targets) {
    scope().rules.push_back({place(), sema::kAlways, verdict, std::move(targets), {}, {}});
    return scope().rules.back();
  }
  PolicyBuilder& allow(std::string_view name) {
    rule(kAllow, {call(name)});
    return *this;
  }
  sema::Fallback& fallback(Verdict verdict, std::vector<uint32_t> calls) {
    scope().fallbacks.push_back({place(), sema::kAlways, verdict, std::move(calls), {}});
    return scope().fallbacks.back();
  }
  sema::Require& require(std::vector<sema::Target> targets, Verdict otherwise) {
    scope().requires_.push_back({place(), sema::kAlways, std::move(targets), otherwise});
    return scope().requires_.back();
  }
  sema::Use& use(ScopeId set, std::vector<sema::Target> except = {}) {
    scope().uses.push_back({place(), sema::kAlways, set, std::move(except)});
    return scope().uses.back();
  }
  sema::Override& override_(ScopeId body) {
    scope().overrides.push_back({place(), sema::kAlways, body});
    return scope().overrides.back();
  }
  sema::Assertion& assertion(bool never, Action action, std::vector<sema::Target> targets) {
    abi().assertions.push_back({place(), sema::kAlways, never, action, {}, std::move(targets), {}});
    return abi().assertions.back();
  }

  sema::Policy policy;

 private:
  size_t abi_ = 0;
  ScopeId scope_{0U};
};

}  // namespace sbpc::support
