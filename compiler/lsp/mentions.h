// mentions.h: every name of a file with what it stands for by its place in the grammar, and the declarations among
// them.
//
// Syntax alone: what a lone name in a condition is (an argument, a constant, a parameter) only sema knows, whose
// NameUses say it. Used by semantic tokens, navigation and completion.
#pragma once

#include <string_view>
#include <vector>

#include "ast/ast.h"

namespace sbpc::lsp {

struct Mention {
  enum class Role : uint8_t { call, group, value, rules, policy, parameter, module, type, abi, action, flag, argument };
  Role role{};
  Span span;  // one name; the parts of `net.tcp` are two
  bool declares = false;
};

// By place.
[[nodiscard]] std::vector<Mention> mentions_of(const ast::File& file);

// The parameters that a place of the file sees beside the file's names: those of the rule set or policy around it.
struct Scope {
  const ast::Item* item = nullptr;  // null: at the top level
  std::vector<const ast::Parameter*> parameters;
};
[[nodiscard]] Scope scope_at(const ast::File& file, size_t offset);

// Calls `visit` for every statement of a block and of the blocks inside of it.
template <class Visit>
void for_each_statement(const ast::Block& block, const Visit& visit) {
  for (const ast::Statement& statement : block) {
    visit(statement);
    if (const auto* on = std::get_if<ast::OnStatement>(&statement.node)) {
      for_each_statement(on->then, visit);
      for_each_statement(on->otherwise, visit);
    } else if (const auto* branch = std::get_if<ast::IfStatement>(&statement.node)) {
      for_each_statement(branch->then, visit);
      for_each_statement(branch->otherwise, visit);
    } else if (const auto* override_ = std::get_if<ast::OverrideStatement>(&statement.node)) {
      for_each_statement(override_->body, visit);
    }
  }
}

}  // namespace sbpc::lsp
