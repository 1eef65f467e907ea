// find_statement.h: from a place back to the statement as written, and to the places in it where an edit goes.
#pragma once

#include <string_view>

#include "ast/ast.h"

namespace sbpc::explain {

[[nodiscard]] const ast::Policy* find_policy(const ast::File& file, std::string_view name);
// Where the policy's item begins, its documentation not counted.
[[nodiscard]] uint32_t find_item_begin(const ast::File& file, const ast::Policy& policy);
// The statement that is exactly `span`, in any rule set or policy of the file; null if there is none.
[[nodiscard]] const ast::Statement* find_statement(const ast::File& file, Span span);
// The innermost `override` of the policy that holds `span`; null if there is none.
[[nodiscard]] const ast::Statement* find_override(const ast::Policy& policy, Span span);

// Where a rule or a `use` takes (one more) exception; an invalid span: nowhere.
struct ExceptPlace {
  Span at;
  bool first = true;  // `except` itself is missing
};
[[nodiscard]] ExceptPlace except_place(const ast::Statement& statement);

// What to remove so that the rule does not name `call` any more: a target with its comma, or all of the statement.
// Invalid if the call is not written there by its name, or more than once.
[[nodiscard]] Span removal(const ast::RuleStatement& rule, Span statement, std::string_view call);

}  // namespace sbpc::explain
