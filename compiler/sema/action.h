// action.h: `errno(EPERM)`, `allow`, or the name of an action parameter -> a verdict.
#pragma once

#include "sema/evaluate.h"

namespace sbpc::sema {

// As a value: Kind::action, Kind::unknown of that shape, or poison.
[[nodiscard]] Value action_of(const Eval& eval, const ast::Action& action);
// The same where the parser could not know that an action stands there: an argument or a default.
[[nodiscard]] Value action_of_expr(const Eval& eval, ast::ExprId expr, std::string_view parameter);

// Whether it is another tool's word for one of our actions or for `default`.
[[nodiscard]] bool is_foreign_action(std::string_view word);

struct OutcomeValue {
  target::Action action;
  std::optional<uint16_t> data;  // unset: any
};
// Of an assert or expect: data may be left out. nullopt after a report.
[[nodiscard]] std::optional<OutcomeValue> outcome_of(const Eval& eval, const ast::Outcome& outcome);

// A run-time parameter where its value must be known: says so, and how it came here.
void report_hole_misuse(Context& context, Span span, const Value& hole, std::string_view how);

}  // namespace sbpc::sema
