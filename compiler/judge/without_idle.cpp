// without_idle.cpp: first what `except`s take becomes part of the conditions, then swallowed `allow`s are set apart;
// last, scopes with statements that do nothing are marked.
//
// Tested by test/cli/expand_idle.test, expand_by_value.test and test/agree/expand_test.cpp.
#include "judge/without_idle.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "judge/idle.h"
#include "judge/swallowed.h"
#include "lower/both.h"
#include "lower/parts.h"
#include "target/multiplexers.h"
#include "target/syscalls.h"

namespace sbpc::judge {
namespace {

using sema::ScopeId;
using ConditionKind = sema::Condition::Kind;
using Policies = std::vector<sema::Policy>;

// `change` asks an ABI as it was, and changes it.
template <class Change>
void on_each_abi(Policies& policies, std::span<const Family> families, const Change& change) {
  for (size_t i = 0; i < policies.size(); ++i) {
    const sema::Policy before = policies[i];
    for (size_t abi = 0; abi < before.abis.size(); ++abi) {
      View view(before, before.abis[abi], families[i].program);
      change(view, policies[i].abis[abi]);
    }
  }
}

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

// Whether it is a multiplexer that is taken as a whole before `else`, which answers calls behind it that have
// conditions.
bool takes_from_else(const sema::Rule& rule, const sema::Target& out, target::Abi abi) {
  const auto known = target::call_at(abi, out.nr);
  return rule.otherwise && !out.sub_call && out.when == sema::kAlways && known &&
         target::find_multiplexer(*known) != nullptr;
}

// Without the calls that the `except` takes as a whole, and without what it takes of no call that is left: neither is
// written.
sema::Rule without_taken(const sema::Rule& rule, const std::vector<sema::Condition>& conditions, target::Abi abi) {
  const auto selected = [&](const sema::Target& target) {
    return conditions[target.when.value].test.values.front().first;
  };
  const auto takes = [&](const sema::Target& out, const sema::Target& target) {
    if (out.nr != target.nr || out.sub_call != target.sub_call) return false;
    return out.sub_call ? selected(out) == selected(target) : out.when == sema::kAlways;
  };
  sema::Rule left = rule;
  std::erase_if(left.targets, [&](const sema::Target& target) {
    return std::any_of(rule.except.begin(), rule.except.end(),
                       [&](const sema::Target& out) { return takes(out, target); });
  });
  std::erase_if(left.except, [&](const sema::Target& out) {
    return !takes_from_else(rule, out, abi) &&
           std::none_of(left.targets.begin(), left.targets.end(),
                        [&](const sema::Target& target) { return target.nr == out.nr; });
  });
  return left;
}

void fold_excepts(View& view, sema::Scope& scope, std::vector<sema::Condition>& conditions) {
  std::vector<bool> is_emptied;
  for (sema::Rule& rule : scope.rules) {
    if (sema::Rule left = without_taken(rule, conditions, view.abi.abi); !left.targets.empty()) rule = std::move(left);
    const bool is_of_else = std::ranges::any_of(
        rule.except, [&](const sema::Target& out) { return takes_from_else(rule, out, view.abi.abi); });
    const bool is_idle = !rule.except.empty() && !is_of_else && !removes(view, rule);
    const bool takes_it_all = !rule.except.empty() && takes_all(view, rule);
    // What `else` says of calls that `except` takes as a whole goes with them, which no condition can say.
    is_emptied.push_back(takes_it_all && (rule.otherwise || has_sub_calls(rule)));
    if (is_idle && has_sub_calls(rule)) rule.except.clear();
    if ((is_idle || takes_it_all) && !rule.except.empty() && !is_emptied.back()) fold_except(view, rule, conditions);
  }
  size_t index = 0;
  std::erase_if(scope.rules, [&](const sema::Rule&) { return is_emptied[index++]; });
}

void fold_all_excepts(Policies& policies, std::span<const Family> families) {
  on_each_abi(policies, families, [](View& view, sema::AbiPolicy& abi) {
    for (const ScopeId id : view.scopes) fold_excepts(view, abi.scopes[id.value], abi.conditions);
  });
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

void set_swallowed_apart(Policies& policies, std::span<const Family> families) {
  SetsApart sets;
  const size_t scopes = policies.front().abis.front().scopes.size();  // of every ABI
  on_each_abi(policies, families, [&](View& view, sema::AbiPolicy& abi) {
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
  });
  for (sema::Policy& policy : policies) {
    for (sema::AbiPolicy& abi : policy.abis) abi.scopes.resize(scopes + sets.size());
  }
}

// ---- what is excused ----

// What an `except` makes of the conditions of the set: the same ones, none that ever hold, or others.
enum class Left : uint8_t { all, nothing, some };

Left left_by_except(View& view, const sema::Use& use) {
  ir::Conds& conds = view.program.conds;
  const std::vector<lower::Exclusion> except = lower::exclusions(use.except, view.conditions);
  bool is_same = true;
  bool is_empty = true;
  for (const lower::Saying& saying : view.sayings[use.scope.value].all) {
    const lower::Exclusion* out_of = lower::find_exclusion(except, saying.nr);
    const auto look_at = [&](const lower::Clauses& clauses, ir::CondId out) {
      for (const ir::Clause& clause : clauses) {
        const ir::CondId left = lower::both(conds, clause.when, conds.negation(out));
        is_same = is_same && left == clause.when;
        is_empty = is_empty && left == conds.never();
      }
    };
    look_at(saying.strong.clauses, out_of == nullptr ? conds.never() : out_of->events);
    look_at(saying.weak.clauses, out_of == nullptr ? conds.never() : out_of->named);
  }
  if (is_empty) return Left::nothing;
  return is_same ? Left::all : Left::some;
}

// Collects the scopes in which a statement does nothing.
class Excuses {
 public:
  void look_at(View& view, sema::AbiPolicy& abi) {
    for (sema::Scope& scope : abi.scopes) scope.has_untaken = false;
    for (const ScopeId id : view.scopes) {
      sema::Scope& scope = abi.scopes[id.value];
      std::erase_if(scope.uses, [&](sema::Use& use) { return !use.except.empty() && is_left_out(view, use); });
      if (!scope.overrides.empty()) look_at_overrides(view, id, scope);
    }
    std::erase_if(abi.assertions, [&](const sema::Assertion& assertion) { return takes_all(view, assertion); });
  }
  void put_into(Policies& policies) {
    for (const auto& [statement, is_effective] : overrides_) {
      if (!is_effective) scopes_.insert(statement.first);
    }
    for (sema::Policy& policy : policies) {
      for (sema::AbiPolicy& abi : policy.abis) {
        for (const ScopeId id : scopes_) abi.scopes[id.value].has_untaken = true;
      }
    }
  }

 private:
  bool is_left_out(View& view, sema::Use& use) {
    switch (left_by_except(view, use)) {
      case Left::nothing: return true;
      case Left::all: use.except.clear(); return false;
      case Left::some: break;
    }
    if (!removes(view, use) || takes_all_rules(view, use)) scopes_.insert(use.scope);
    return false;
  }

  void look_at_overrides(View& view, ScopeId id, sema::Scope& scope) {
    std::vector<bool> is_out(scope.overrides.size());
    for (size_t i = 0; i < is_out.size(); ++i) is_out[i] = is_silent(view, id, i);
    const std::vector<bool> effective = effective_overrides(view, id, is_out);
    for (size_t i = 0; i < is_out.size(); ++i) {
      if (!is_out[i]) overrides_[{id, scope.overrides[i].place}] |= effective[i];
    }
    size_t index = 0;
    std::erase_if(scope.overrides, [&](const sema::Override&) { return is_out[index++]; });
  }

  std::set<ScopeId> scopes_;
  std::map<std::pair<ScopeId, sema::PlaceId>, bool> overrides_;  // whether it changes something on any ABI
};

}  // namespace

Policies without_idle(std::span<const Family> families) {
  for (const Family& family : families) family.program.diagram.begin_part(limits::kDiagramNodes);
  Policies policies;
  for (const Family& family : families) policies.push_back(family.policy);
  fold_all_excepts(policies, families);
  set_swallowed_apart(policies, families);
  fold_all_excepts(policies, families);  // an exception from one target of several has gone apart with each
  Excuses excuses;
  on_each_abi(policies, families, [&](View& view, sema::AbiPolicy& abi) { excuses.look_at(view, abi); });
  excuses.put_into(policies);
  for (const Family& family : families) family.program.diagram.drop_part();
  return policies;
}

}  // namespace sbpc::judge
