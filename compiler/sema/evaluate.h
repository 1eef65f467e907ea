// evaluate.h: an expression -> its exact value on one ABI. Constants are integers in [-2^63, 2^64); what leaves that
// range is an error.
//
// Before: `SAFE | O_NONBLOCK` in the scope of a rule set on mips.  After: 131200, of openat.flags, made of two named
// parts. Tested by test/language/types_test.cpp.
#pragma once

#include "sema/context.h"
#include "sema/types.h"

namespace sbpc::sema {

struct Site;  // sema/site.h: the call whose condition the expression stands in

struct Eval {
  Context& context;
  const Env& env;
  target::Abi abi;
  const Site* site = nullptr;
};

[[nodiscard]] Value evaluate(const Eval& eval, ast::ExprId expr);
// The same, and it must be a number (or a hole or unknown of one); poison after a report.
[[nodiscard]] Value evaluate_number(const Eval& eval, ast::ExprId expr);
// As a parameter's or const's value; actions are read as actions.
[[nodiscard]] Value evaluate_as(const Eval& eval, ast::ExprId expr, const Slot& slot);

// The value of a const or param item; poison if it needs itself or has none.
[[nodiscard]] Value value_of(Context& context, Decl decl, target::Abi abi);
// A `param` without a default that nobody gives a value.
void report_missing_parameter(Context& context, const ast::Parameter& parameter);
// Consts or groups that need each other too many deep; said once.
void report_too_deep(Context& context, Decl decl);
// Whether a lone name is a value in this scope (so that it is no misspelt argument).
[[nodiscard]] bool is_value_name(const Context& context, const Env& env, const ast::QName& name);

[[nodiscard]] const ast::Expr& strip_parens(const Env& env, ast::ExprId expr);

}  // namespace sbpc::sema
