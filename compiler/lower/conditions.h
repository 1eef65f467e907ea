// conditions.h: the conditions of one ABI's policy as conditions on words, each made once.
#pragma once

#include <vector>

#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::lower {

class Conditions {
 public:
  Conditions(const sema::AbiPolicy& policy, ir::Conds& conds)
      : policy_(policy), conds_(conds), made_(policy.conditions.size()) {}
  [[nodiscard]] ir::CondId operator()(sema::CondId condition);
  [[nodiscard]] ir::Conds& conds() { return conds_; }
  [[nodiscard]] bool is_of(const sema::AbiPolicy& policy) const { return &policy == &policy_; }

 private:
  ir::CondId make(const sema::Condition& condition);
  std::vector<ir::CondId> operands(const sema::Condition& condition);
  const sema::AbiPolicy& policy_;
  ir::Conds& conds_;
  std::vector<ir::CondId> made_;  // by sema::CondId; invalid: not made yet
};

}  // namespace sbpc::lower
