// reach.cpp: from the root down, each scope after those that use it or override with it.
#include "judge/reach.h"

namespace sbpc::judge {

using ir::CondId;

CondId speaks(const lower::Clauses& clauses, ir::Conds& conds) {
  std::vector<CondId> when;
  for (const ir::Clause& clause : clauses) when.push_back(clause.when);
  return conds.any(std::move(when));
}

Reach::Reach(View& view, uint32_t nr)
    : view_(view), conds_(view.program.conds), nr_(nr), strong_{false, {}}, weak_{true, {}} {
  fill(strong_);
}

CondId Reach::weak(sema::ScopeId scope) {
  if (weak_.by_scope.empty()) fill(weak_);
  return weak_.by_scope[scope.value];
}

void Reach::fill(Layer& layer) {
  std::vector<CondId>& reach = layer.by_scope;
  reach.assign(view_.abi.scopes.size(), conds_.never());
  reach[view_.abi.root.value] = conds_.always();
  for (sema::ScopeId id : view_.scopes) {
    const sema::Scope& scope = view_.abi.scopes[id.value];
    for (const sema::Override& statement : scope.overrides) {
      widen(layer, statement.scope, {reach[id.value], view_.conditions(statement.guard)});
    }
    reach[id.value] = conds_.all({reach[id.value], conds_.negation(overridden(layer, id))});
    for (const sema::Use& use : scope.uses) {
      std::vector<CondId> all{reach[id.value], view_.conditions(use.guard)};
      for (const sema::Target& target : use.except) {  // as lower::exclusions, for one call
        const bool takes = !layer.is_weak || target.sub_call || target.when == sema::kAlways;
        if (target.nr == nr_ && takes) all.push_back(conds_.negation(view_.conditions(target.when)));
      }
      widen(layer, use.scope, std::move(all));
    }
  }
}

void Reach::widen(Layer& layer, sema::ScopeId scope, std::vector<CondId> all) {
  CondId more = conds_.all(std::move(all));
  layer.by_scope[scope.value] = conds_.any({layer.by_scope[scope.value], more});
}

CondId Reach::overridden(const Layer& layer, sema::ScopeId scope) {
  std::vector<CondId> when;
  for (const lower::Sayings& sayings : view_.sayings[scope.value].overrides) {
    const lower::Saying* saying = lower::find_saying(sayings, nr_);
    if (saying != nullptr)
      when.push_back(speaks(layer.is_weak ? saying->weak.clauses : saying->strong.clauses, conds_));
  }
  return conds_.any(std::move(when));
}

}  // namespace sbpc::judge
