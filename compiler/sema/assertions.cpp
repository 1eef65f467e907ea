// assertions.cpp: brings the asserts of a policy and of the sets it uses together, under the `if`s and `except`s on
// their way.
#include <algorithm>
#include <unordered_set>

#include "sema/conditions.h"
#include "sema/expand.h"

namespace sbpc::sema {
namespace {

using target::Abi;

class Collector {
 public:
  Collector(AbiBuild& abi, size_t scopes) : abi_(abi), by_scope_(scopes), has_any_(scopes, kUnseen) {
    for (size_t i = 0; i < abi.assertions.size(); ++i) by_scope_[abi.assertions[i].scope.value].push_back(i);
  }

  void run(ScopeId root) { visit(root, kAlways, {}); }

 private:
  static constexpr uint8_t kUnseen = 2;

  // Whether the scope or one below it asserts anything.
  bool has_any(ScopeId id) {
    if (id.value >= abi_.policy.scopes.size()) return !by_scope_[id.value].empty();
    if (has_any_[id.value] != kUnseen) return has_any_[id.value] != 0;
    const Scope& scope = abi_.policy.scopes[id.value];
    bool any = !by_scope_[id.value].empty();
    for (const Use& use : scope.uses) any = has_any(use.scope) || any;
    for (const Override& inner : scope.overrides) any = has_any(inner.scope) || any;
    has_any_[id.value] = any ? 1 : 0;
    return any;
  }

  void visit(ScopeId id, CondId guard, const std::vector<uint32_t>& excepted) {
    if (!has_any(id)) return;
    const bool is_plain = guard == kAlways && excepted.empty();
    if (is_plain && !plain_.insert(id.value).second) return;  // the same assertions again
    for (size_t index : by_scope_[id.value]) add(abi_.assertions[index].assertion, guard, excepted);
    if (id.value >= abi_.policy.scopes.size()) return;
    const Scope& scope = abi_.policy.scopes[id.value];
    for (const Use& use : scope.uses) {
      std::vector<uint32_t> inner = excepted;
      for (const Target& target : use.except) {
        if (target.when == kAlways && !target.sub_call) inner.push_back(target.nr);
      }
      visit(use.scope, all_of(abi_.policy.conditions, {guard, use.guard}), inner);
    }
    for (const Override& inner : scope.overrides)
      visit(inner.scope, all_of(abi_.policy.conditions, {guard, inner.guard}), excepted);
  }

  void add(Assertion assertion, CondId guard, const std::vector<uint32_t>& excepted) {
    const size_t taken = std::erase_if(assertion.targets, [&](const Target& target) {
      return std::ranges::find(excepted, target.nr) != excepted.end();
    });
    if (assertion.targets.empty()) return;
    assertion.is_cut = taken != 0;
    assertion.guard = all_of(abi_.policy.conditions, {guard, assertion.guard});
    abi_.policy.assertions.push_back(std::move(assertion));
  }

  AbiBuild& abi_;
  std::vector<std::vector<size_t>> by_scope_;
  std::vector<uint8_t> has_any_;
  std::unordered_set<uint32_t> plain_;
};

}  // namespace

void collect_assertions(Build& build, ScopeId root) {
  for (AbiBuild& abi : build.abis) {
    if (!abi.assertions.empty()) Collector(abi, build.scopes).run(root);
  }
}

}  // namespace sbpc::sema
