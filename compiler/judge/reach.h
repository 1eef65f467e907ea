// reach.h: on which events of one call what a scope says is heard by the policy: nothing stands above it. For questions
// about single statements: does this one ever decide, does it decide here.
#pragma once

#include <vector>

#include "judge/view.h"

namespace sbpc::judge {

class Reach {
 public:
  Reach(View& view, uint32_t nr);

  // Of what the scope's own rules, requires and fallbacks say: no override covers it, no `except` on the way takes it
  // away. Whether something stricter stands beside it is another question.
  [[nodiscard]] ir::CondId strong(sema::ScopeId scope) const { return strong_.by_scope[scope.value]; }
  [[nodiscard]] ir::CondId weak(sema::ScopeId scope);

 private:
  struct Layer {
    bool is_weak;
    std::vector<ir::CondId> by_scope;
  };
  void fill(Layer& layer);
  void widen(Layer& layer, sema::ScopeId scope, std::vector<ir::CondId> all);
  [[nodiscard]] ir::CondId overridden(const Layer& layer, sema::ScopeId scope);
  View& view_;
  ir::Conds& conds_;
  uint32_t nr_;
  Layer strong_;
  Layer weak_;
};

// Where a list speaks at all.
[[nodiscard]] ir::CondId speaks(const lower::Clauses& clauses, ir::Conds& conds);

}  // namespace sbpc::judge
