// conditions.cpp: sema::Condition -> ir::Cond. Tested by test/unit/lower/lower_test.cpp.
#include "lower/conditions.h"

#include "base/check.h"
#include "lower/split64.h"

namespace sbpc::lower {

ir::CondId Conditions::operator()(sema::CondId condition) {
  CHECK(condition.value < made_.size());
  if (!made_[condition.value].valid()) {
    ir::CondId made = make(policy_.conditions[condition.value]);
    made_[condition.value] = made;
  }
  return made_[condition.value];
}

ir::CondId Conditions::make(const sema::Condition& condition) {
  switch (condition.kind) {
    case sema::Condition::Kind::always: return conds_.always();
    case sema::Condition::Kind::never: return conds_.never();
    case sema::Condition::Kind::test: return split(condition.test, conds_);
    case sema::Condition::Kind::flag: return conds_.flag(ir::HoleId(condition.flag.value));
    case sema::Condition::Kind::negation: return conds_.negation((*this)(condition.operands[0]));
    case sema::Condition::Kind::all: return conds_.all(operands(condition));
    case sema::Condition::Kind::any: return conds_.any(operands(condition));
  }
  CHECK(false);
}

std::vector<ir::CondId> Conditions::operands(const sema::Condition& condition) {
  std::vector<ir::CondId> result;
  result.reserve(condition.operands.size());
  for (sema::CondId operand : condition.operands) result.push_back((*this)(operand));
  return result;
}

}  // namespace sbpc::lower
