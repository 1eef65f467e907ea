// body.h: a policy being put together, and the body whose statements are being added to it.
#pragma once

#include <array>
#include <unordered_map>

#include "sema/abi_set.h"
#include "sema/context.h"

namespace sbpc::sema {

inline constexpr size_t kAbis = target::kAbiCount;

// One rule set with one choice of arguments for some ABIs, already expanded.
struct Instance {
  AbiSet abis;
  Frame frame;
  ScopeId scope;
  uint64_t statements = 0;
};

struct ScopedAssertion {
  ScopeId scope;
  Assertion assertion;
};

struct AbiBuild {
  AbiPolicy policy;
  std::vector<ScopedAssertion> assertions;
};

struct Build {
  explicit Build(Context& shared) : context(shared) {}

  Context& context;
  std::array<AbiBuild, kAbis> abis;
  std::vector<Place> places;
  std::vector<Condition> scratch{Condition{}};  // conditions of statements that are only checked
  uint32_t scopes = 0;
  uint64_t statements = 0;  // after expansion, shared rule sets counted each time
  bool too_many = false;
  bool default_runs = false;  // `default allow` and its like: the policy is a list of what is denied
  std::optional<Span> first_notify;
  std::unordered_map<uint64_t, std::vector<Instance>> instances;  // by Decl
  std::vector<Decl> open;                                         // the rule sets being expanded, outermost first

  ScopeId new_scope() { return ScopeId(scopes++); }
  Scope& scope(target::Abi abi, ScopeId id) {
    auto& list = abis[static_cast<size_t>(abi)].policy.scopes;
    if (list.size() <= id.value) list.resize(id.value + size_t{1});
    return list[id.value];
  }
};

// Where statements are being added. Copied for every inner block.
struct Body {
  Build& build;
  Env env;
  AbiSet abis;   // what the statements are for
  AbiSet named;  // what their author may have meant them for: a call that none of these has is a mistake
  ScopeId scope;
  std::array<CondId, kAbis> guards;  // the run-time bools around, on each ABI
  bool is_policy = false;            // the policy's own text
  bool is_nested = false;            // inside on, if or override
  bool is_checked_only = false;      // nothing is added, `use` is not followed
  bool is_first_look = true;         // later expansions of a rule set need no checks of branches not taken

  [[nodiscard]] Context& context() const { return build.context; }
  [[nodiscard]] std::vector<Condition>& conditions(target::Abi abi) const {
    if (is_checked_only) return build.scratch;
    return build.abis[static_cast<size_t>(abi)].policy.conditions;
  }
  [[nodiscard]] CondId guard(target::Abi abi) const { return guards[static_cast<size_t>(abi)]; }
};

[[nodiscard]] inline std::array<CondId, kAbis> no_guards() {
  std::array<CondId, kAbis> guards;
  guards.fill(kAlways);
  return guards;
}

}  // namespace sbpc::sema
