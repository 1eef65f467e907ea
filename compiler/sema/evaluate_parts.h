// evaluate_parts.h: the kinds of expressions that evaluate() leaves to a file of their own. Private to evaluate*.cpp
// and action.cpp.
#pragma once

#include "sema/evaluate.h"

namespace sbpc::sema {

[[nodiscard]] Value number_value(Int value);

// ---- evaluate_operators.cpp ----

[[nodiscard]] Value evaluate_operation(const Eval& eval, const ast::Expr& expr);

// ---- evaluate_sets.cpp ----

// `4..7`; nullopt after a report.
[[nodiscard]] std::optional<Element> evaluate_range(const Eval& eval, const ast::Expr& expr);
[[nodiscard]] Value evaluate_set(const Eval& eval, const ast::Expr& expr);

// ---- joined_values.cpp ----

// `errno(EPERM | EACCES)`; false after a report.
[[nodiscard]] bool check_joined_data(const Eval& eval, ast::ExprId id, const Value& value);
// `{ AF_INET | AF_INET6 }`; false after a report.
[[nodiscard]] bool check_joined_element(const Eval& eval, ast::ExprId id, const Value& value);

}  // namespace sbpc::sema
