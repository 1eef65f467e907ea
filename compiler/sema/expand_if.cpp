// expand_if.cpp: constant conditions choose a branch on each ABI; a run-time bool guards both.
#include "sema/conditions.h"
#include "sema/expand.h"
#include "sema/if_condition.h"

namespace sbpc::sema {
namespace {

using target::Abi;

struct Branches {
  AbiSet then;
  AbiSet otherwise;
  bool is_open = false;  // unknown or wrong: both are only read
};

// Adds the flag, or its opposite, to the guard of a branch.
void guard(Body& branch, Abi abi, Truth truth, bool holds) {
  auto& conditions = branch.conditions(abi);
  CondId flag = flag_condition(conditions, truth.flag);
  if (truth.is_negated == holds) flag = negation_of(conditions, flag);
  CondId& slot = branch.guards[static_cast<size_t>(abi)];
  slot = all_of(conditions, {slot, flag});
}

}  // namespace

void expand_if(const Statement& statement, const ast::IfStatement& node) {
  const Body& body = statement.body;
  Body then = body;
  then.is_nested = true;
  Body otherwise = then;
  Branches branches;
  for (Abi abi : body.abis) {
    const Truth truth = truth_of({body.context(), body.env, abi}, node.condition);
    branches.is_open |= truth.kind == Truth::Kind::unknown || truth.kind == Truth::Kind::poison;
    if (truth.kind == Truth::Kind::yes || truth.kind == Truth::Kind::flag) branches.then.add(abi);
    if (truth.kind == Truth::Kind::no || truth.kind == Truth::Kind::flag) branches.otherwise.add(abi);
    if (truth.kind != Truth::Kind::flag || body.is_checked_only) continue;
    guard(then, abi, truth, true);
    guard(otherwise, abi, truth, false);
  }
  const auto expand = [&](Body& branch, const ast::Block& block, AbiSet abis) {
    if (branches.is_open || (abis.empty() && body.is_first_look)) {
      check_block(branch, block, body.abis, false);
    } else {
      branch.abis = abis;
      expand_block(branch, block);
    }
  };
  expand(then, node.then, branches.then);
  if (node.has_else) expand(otherwise, node.otherwise, branches.otherwise);
}

}  // namespace sbpc::sema
