// assert_parameters.cpp: `assert (listen >= 0);`, what a rule set or a policy asks of the values that its parameters
// are given.
//
// A value that breaks it is an error where the value was given: at the innermost `use` outside of the standard library.
// Tested by test/diag/ParameterRefused*.sb.
#include <algorithm>

#include "diag/kinds/names.def"
#include "sema/action.h"
#include "sema/comparison.h"
#include "sema/expand.h"
#include "sema/if_condition.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

// Where the value comes from: a library's inner `use` only hands it on.
Span place_of_values(const Context& context, Span assertion) {
  const auto is_own = [&](Span use) {
    return std::ranges::none_of(context.module.files,
                                [&](const LoadedFile& file) { return file.is_standard && file.ast.file == use.file; });
  };
  const auto& stack = context.use_stack.uses();
  const auto own = std::find_if(stack.rbegin(), stack.rend(), is_own);
  if (own != stack.rend()) return *own;
  return stack.empty() ? assertion : stack.front();
}

std::string holder(const Body& body) {
  if (body.build.open.empty()) return "the policy";
  return "`" + std::string(body.context().node<ast::Rules>(body.build.open.back()).name.text) + "`";
}

// The author's own words: the `///` before the statement, one line.
std::string meaning(std::string_view doc) {
  std::string text(doc);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void report_refused(const Statement& statement, Span condition) {
  Context& context = statement.body.context();
  const Span place = place_of_values(context, condition);
  auto report =
      context.report.about(condition, kinds::ParameterRefused, place, context.text(condition), holder(statement.body));
  if (!(place == condition)) report.label(condition, "asked for here");
  if (!statement.ast.doc.empty()) report.note(meaning(statement.ast.doc));
}

}  // namespace

void assert_parameters(const Statement& statement, ast::ExprId condition) {
  const Body& body = statement.body;
  const Span span = strip_parens(body.env, condition).span;
  for (Abi abi : body.abis) {
    const Truth truth = truth_of({body.context(), body.env, abi}, condition);
    if (truth.kind == Truth::Kind::flag) {
      Value hole;
      hole.kind = Value::Kind::hole;
      hole.hole = truth.flag;
      report_hole_misuse(body.context(), span, hole, "asserted: its value is not known before the program is loaded");
    }
    if (truth.kind != Truth::Kind::no || body.is_checked_only) continue;
    report_refused(statement, span);
    return;
  }
}

}  // namespace sbpc::sema
