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

// Another value may leave out what the branches allow: that it makes other statements idle is no mistake of the text.
struct Allowed {
  const Body& body;
  std::array<size_t, kAbis> rules{};
  std::array<size_t, kAbis> uses{};

  explicit Allowed(const Body& around) : body(around) {
    if (body.is_checked_only) return;
    for (const Abi abi : body.abis) {
      const Scope& scope = body.build.scope(abi, body.scope);
      rules[static_cast<size_t>(abi)] = scope.rules.size();
      uses[static_cast<size_t>(abi)] = scope.uses.size();
    }
  }
  void depend_on_values() const {
    if (body.is_checked_only) return;
    std::vector<Place>& places = body.build.places;
    for (const Abi abi : body.abis) {
      const Scope& scope = body.build.scope(abi, body.scope);
      for (size_t i = rules[static_cast<size_t>(abi)]; i < scope.rules.size(); ++i) {
        if (scope.rules[i].verdict.action == target::Action::allow)
          places[scope.rules[i].place.value].by_parameter = true;
      }
      for (size_t i = uses[static_cast<size_t>(abi)]; i < scope.uses.size(); ++i)
        places[scope.uses[i].place.value].by_parameter = true;
    }
  }
};

void note_untaken(const Body& body, AbiSet abis) {
  if (body.is_checked_only) return;
  for (const Abi abi : abis) body.build.scope(abi, body.scope).has_untaken = true;
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
  const Allowed allowed(body);
  expand(then, node.then, branches.then);
  if (node.has_else) expand(otherwise, node.otherwise, branches.otherwise);
  allowed.depend_on_values();
  note_untaken(body, body.abis - branches.then);
  if (node.has_else) note_untaken(body, body.abis - branches.otherwise);
}

}  // namespace sbpc::sema
