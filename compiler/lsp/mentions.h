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

}  // namespace sbpc::lsp
