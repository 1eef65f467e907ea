// view.h: one ABI of a policy with everything that questions about its statements need.
#pragma once

#include <optional>
#include <vector>

#include "lower/scopes.h"

namespace sbpc::judge {

struct View {
  View(const sema::Policy& whole, const sema::AbiPolicy& one, ir::Program& target);

  const sema::Policy& policy;
  const sema::AbiPolicy& abi;
  ir::Program& program;
  lower::Workshop workshop;
  lower::Conditions conditions;
  std::vector<lower::ScopeSayings> sayings;  // by ScopeId
  std::vector<sema::ScopeId> scopes;         // that the root reaches, outer first

  // The closed answer to a call; invalid if it outgrew its budget.
  [[nodiscard]] ir::Ref answer(uint32_t nr) const;
  // An event on which the condition holds; nothing if there is none or the budget ran out. nr and arch are filled in.
  [[nodiscard]] std::optional<ir::Diagram::Witness> example(uint32_t nr, ir::CondId cond);
  // Whether the condition ever holds; true if the budget ran out.
  [[nodiscard]] bool may_hold(ir::CondId cond);
};

}  // namespace sbpc::judge
