// without_idle.cpp: first what `except`s take becomes part of the conditions, then swallowed `allow`s are set apart.
//
// Tested by test/cli/expand_idle.test, expand_by_value.test and test/agree/expand_test.cpp.
#include "judge/without_idle.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/limits.h"
#include "judge/idle.h"
#include "judge/swallowed.h"

namespace sbpc::judge {
namespace {

using sema::ScopeId;
using ConditionKind = sema::Condition::Kind;

// ---- excepts of rules ----

sema::CondId add_condition(std::vector<sema::Condition>& conditions, ConditionKind kind,
                           std::vector<sema::CondId> operands) {
  conditions.push_back({kind, {}, {}, std::move(operands)});
  return sema::CondId(conditions.size() - 1);
}

void fold_except(View& view, sema::Rule& rule, std::vector<sema::Condition>& conditions) {
  ir::Conds& conds = view.program.conds;
  for (sema::Target& target : rule.targets) {
    std::vector<sema::CondId> taken;
    std::vector<ir::CondId> events;
    for (const sema::Target& out : rule.except) {
      if (out.nr != target.nr) continue;
      taken.push_back(out.when);
      events.push_back(view.conditions(out.when));
    }
    const ir::CondId when = view.conditions(target.when);
    if (conds.all({when, conds.negation(conds.any(std::move(events)))}) == when) continue;
    const sema::CondId any =
        taken.size() == 1 ? taken.front() : add_condition(conditions, ConditionKind::any, std::move(taken));
    const sema::CondId others = add_condition(conditions, ConditionKind::negation, {any});
    target.when = add_condition(conditions, ConditionKind::all, {target.when, others});
  }
  rule.except.clear();
}

// A call behind socketcall or ipc is named as a whole: nothing can be written of its conditions.
bool has_sub_calls(const sema::Rule& rule) {
  const auto is_sub_call = [](const sema::Target& target) { return target.sub_call; };
  return std::any_of(rule.targets.begin(), rule.targets.end(), is_sub_call) ||
         std::any_of(rule.except.begin(), rule.except.end(), is_sub_call);
}

void fold_excepts(View& view, sema::Scope& scope, std::vector<sema::Condition>& conditions) {
  std::vector<bool> is_emptied;
  for (sema::Rule& rule : scope.rules) {
    const bool is_idle = !rule.except.empty() && !removes(view, rule);
    const bool takes_it_all = !rule.except.empty() && takes_all(view, rule);
    // What `else` says of calls that `except` takes as a whole goes with them, which no condition can say.
    is_emptied.push_back(takes_it_all && (rule.otherwise || has_sub_calls(rule)));
    if (is_idle && has_sub_calls(rule)) rule.except.clear();
    if ((is_idle || takes_it_all) && !rule.except.empty() && !is_emptied.back()) fold_except(view, rule, conditions);
  }
  size_t index = 0;
  std::erase_if(scope.rules, [&](const sema::Rule&) { return is_emptied[index++]; });
}

sema::Policy with_excepts_folded(const sema::Policy& policy, ir::Program& program) {
  sema::Policy result = policy;
  for (size_t i = 0; i < policy.abis.size(); ++i) {
    View view(policy, policy.abis[i], program);
    sema::AbiPolicy& abi = result.abis[i];
    for (const ScopeId id : view.scopes) fold_excepts(view, abi.scopes[id.value], abi.conditions);
  }
  return result;
}

// ---- allows that others swallow ----

// Where each swallowed target goes: one set of its own, whatever the ABI.
using SetsApart = std::map<std::tuple<ScopeId, sema::PlaceId, size_t>, ScopeId>;

void set_apart(sema::AbiPolicy& abi, const SwallowedTarget& swallowed, ScopeId set) {
  sema::Rule rule = abi.scopes[swallowed.scope.value].rules[swallowed.rule];
  const sema::CondId guard = rule.guard;
  rule.targets = {rule.targets[swallowed.target]};
  rule.guard = sema::kAlways;
  if (abi.scopes.size() <= set.value) abi.scopes.resize(set.value + size_t{1});
  abi.scopes[swallowed.scope.value].uses.push_back({rule.place, guard, set, {}, false});
  abi.scopes[set.value].rules.push_back(std::move(rule));
}

sema::Policy with_swallowed_apart(const sema::Policy& policy, ir::Program& program) {
  sema::Policy result = policy;
  SetsApart sets;
  const size_t scopes = policy.abis.front().scopes.size();  // of every ABI
  for (size_t i = 0; i < policy.abis.size(); ++i) {
    View view(policy, policy.abis[i], program);
    sema::AbiPolicy& abi = result.abis[i];
    std::vector<SwallowedTarget> all = swallowed_targets(view);
    for (; !all.empty(); all.pop_back()) {  // the last first: indices stay true
      const SwallowedTarget& swallowed = all.back();
      const sema::Rule& rule = abi.scopes[swallowed.scope.value].rules[swallowed.rule];
      if (!swallowed.is_absorbed || rule.otherwise) {
        const ScopeId next(scopes + sets.size());
        set_apart(abi, swallowed,
                  sets.try_emplace({swallowed.scope, rule.place, swallowed.target}, next).first->second);
      }
      std::vector<sema::Rule>& rules = abi.scopes[swallowed.scope.value].rules;  // set_apart may have moved them
      std::vector<sema::Target>& targets = rules[swallowed.rule].targets;
      targets.erase(targets.begin() + static_cast<std::ptrdiff_t>(swallowed.target));
      if (targets.empty()) rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(swallowed.rule));
    }
  }
  for (sema::AbiPolicy& abi : result.abis) abi.scopes.resize(scopes + sets.size());
  return result;
}

// ---- what is left out ----

// Two that say the same are idle both, but only one may go: one at a time, the last first. What stood above an idle one
// may be idle without it.
void drop_overrides(View& view, ScopeId id, sema::Scope& scope) {
  std::vector<bool> left_out(scope.overrides.size());
  for (size_t i = 0; i < scope.overrides.size(); ++i) left_out[i] = is_silent(view, id, i);
  for (;;) {
    const std::vector<bool> effective = effective_overrides(view, id, left_out);
    size_t last = scope.overrides.size();
    while (last > 0 && (left_out[last - 1] || effective[last - 1])) --last;
    if (last == 0) break;
    left_out[last - 1] = true;
  }
  size_t index = 0;
  std::erase_if(scope.overrides, [&](const sema::Override&) { return left_out[index++]; });
}

sema::Policy without_the_rest(const sema::Policy& policy, ir::Program& program) {
  sema::Policy result = policy;
  for (size_t i = 0; i < policy.abis.size(); ++i) {
    View view(policy, policy.abis[i], program);
    for (const ScopeId id : view.scopes) {
      sema::Scope& scope = result.abis[i].scopes[id.value];
      std::erase_if(scope.uses, [&](const sema::Use& use) { return takes_all(view, use); });
      for (sema::Use& use : scope.uses) {
        if (!use.except.empty() && !removes(view, use)) use.except.clear();
      }
      if (!scope.overrides.empty()) drop_overrides(view, id, scope);
    }
    std::erase_if(result.abis[i].assertions,
                  [&](const sema::Assertion& assertion) { return takes_all(view, assertion); });
  }
  return result;
}

}  // namespace

sema::Policy without_idle(const sema::Policy& policy, ir::Program& program) {
  program.diagram.begin_part(limits::kDiagramNodes);
  sema::Policy result = with_excepts_folded(policy, program);
  result = with_swallowed_apart(result, program);
  result = with_excepts_folded(result, program);  // an exception from one target of several has gone apart with each
  result = without_the_rest(result, program);
  program.diagram.drop_part();
  return result;
}

}  // namespace sbpc::judge
