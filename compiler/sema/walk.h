// walk.h: every statement of a block.
#pragma once

#include <variant>

#include "ast/ast.h"

namespace sbpc::sema {

// Calls `visit` on every statement of a block and of the blocks inside.
template <class Visit>
void walk(const ast::Block& block, const Visit& visit) {
  for (const ast::Statement& statement : block) {
    visit(statement);
    if (const auto* on = std::get_if<ast::OnStatement>(&statement.node)) {
      walk(on->then, visit);
      walk(on->otherwise, visit);
    } else if (const auto* branch = std::get_if<ast::IfStatement>(&statement.node)) {
      walk(branch->then, visit);
      walk(branch->otherwise, visit);
    } else if (const auto* inner = std::get_if<ast::OverrideStatement>(&statement.node)) {
      walk(inner->body, visit);
    }
  }
}

}  // namespace sbpc::sema
