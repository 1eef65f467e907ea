// walk.h: every statement of a block.
#pragma once

#include <variant>

#include "ast/ast.h"

namespace sbpc::ast {

// Calls `visit` for every statement of a block and of the blocks inside.
template <class Visit>
void for_each_statement(const Block& block, const Visit& visit) {
  for (const Statement& statement : block) {
    visit(statement);
    if (const auto* on = std::get_if<OnStatement>(&statement.node)) {
      for_each_statement(on->then, visit);
      for_each_statement(on->otherwise, visit);
    } else if (const auto* branch = std::get_if<IfStatement>(&statement.node)) {
      for_each_statement(branch->then, visit);
      for_each_statement(branch->otherwise, visit);
    } else if (const auto* inner = std::get_if<OverrideStatement>(&statement.node)) {
      for_each_statement(inner->body, visit);
    }
  }
}

}  // namespace sbpc::ast
