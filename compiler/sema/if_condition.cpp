#include "sema/if_condition.h"

#include <algorithm>
#include <compare>

#include "ast/operators.h"
#include "base/check.h"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/comparison.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using ast::Comparison;
using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

Truth truth(bool value) { return {value ? Truth::Kind::yes : Truth::Kind::no, {}, false}; }

bool is_kernel(const Eval& eval, ExprId id) {
  const Expr& expr = strip_parens(eval.env, id);
  return expr.kind == ExprKind::name && expr.name.parts.size() == 1 && expr.name.last() == "kernel";
}

// Whether a comparison holds of two values in that order; nullopt if it asks for more than their order.
std::optional<bool> holds_of(Op op, std::strong_ordering order) {
  switch (*ast::as_comparison(op)) {
    case Comparison::eq: return order == 0;
    case Comparison::ne: return order != 0;
    case Comparison::lt: return order < 0;
    case Comparison::le: return order <= 0;
    case Comparison::gt: return order > 0;
    case Comparison::ge: return order >= 0;
    case Comparison::in:
    case Comparison::not_in:
    case Comparison::has:
    case Comparison::any:
    case Comparison::lacks:
    case Comparison::only: return std::nullopt;
  }
  CHECK(false);
}

// `kernel >= 4.8`: about the oldest kernel the filter will run on.
Truth kernel_test(const Eval& eval, const Expr& expr) {
  const Expr& right = strip_parens(eval.env, expr.operands[1]);
  if (right.kind == ExprKind::error) return {};  // the parser has reported it
  const bool is_version = right.kind == ExprKind::version || right.kind == ExprKind::integer;
  const auto version = is_version ? target::parse_kernel_version(right.text) : std::nullopt;
  const auto holds = version ? holds_of(expr.op, eval.context.options.min_kernel <=> *version) : std::nullopt;
  if (!holds) {
    eval.context.report(kinds::BadVersion, right.span, eval.context.text(right.span)).note("write `kernel >= 5.4`");
    return {};
  }
  return truth(*holds);
}

// Whether all of `part` is in `whole`, however either is cut into ranges.
bool is_subset(const Eval& eval, const Value& part, const Value& whole) {
  return std::ranges::all_of(part.elements, [&](const Element& range) {
    return eval.context.sets.holds(whole.elements, range.first, range.last);
  });
}

bool has_hole(const Eval& eval, const Value& set) { return eval.context.sets.has_hole(set.elements); }

bool compare_numbers(const Eval& eval, Op op, const Value& a, const Value& b) {
  const auto x = static_cast<uint64_t>(a.number);
  const auto f = static_cast<uint64_t>(b.number);
  switch (*ast::as_comparison(op)) {
    case Comparison::in: return eval.context.sets.holds(b.elements, a.number, a.number);
    case Comparison::not_in: return !eval.context.sets.holds(b.elements, a.number, a.number);
    case Comparison::has: return (x & f) == f;
    case Comparison::any: return (x & f) != 0;
    case Comparison::lacks: return (x & f) == 0;
    case Comparison::only: return (x & ~f) == 0;
    case Comparison::eq:
    case Comparison::ne:
    case Comparison::lt:
    case Comparison::le:
    case Comparison::gt:
    case Comparison::ge: return *holds_of(op, a.number <=> b.number);
  }
  CHECK(false);
}

// `if (fd == 1)`: the name of some call's argument that is no value.
bool is_argument_name(const Eval& eval, ExprId id) {
  const Expr* expr = &strip_parens(eval.env, id);
  if (expr->kind == ExprKind::raw) return true;
  if (expr->kind == ExprKind::op && expr->op == Op::bit_and) return is_argument_name(eval, expr->operands[0]);
  if (expr->kind != ExprKind::name || is_value_name(eval.context, eval.env, expr->name)) return false;
  for (CallRef call = 0; call < target::call_count(); ++call) {
    const auto* args = eval.context.facts.args(call, eval.abi);
    if (args != nullptr && find_arg(*args, expr->name.last()) != nullptr) return true;
  }
  return false;
}

bool report_argument(const Eval& eval, ExprId id) {
  if (!is_argument_name(eval, id)) return false;
  const Span span = strip_parens(eval.env, id).span;
  eval.context.report(kinds::IfOnArgument, span, eval.context.text(span))
      .note("write the condition behind the call: `allow write(fd == 1);`");
  return true;
}

// `kernl >= 5.4`: only the kernel is compared with a version.
bool report_no_kernel(const Eval& eval, const Expr& expr) {
  const Expr& left = strip_parens(eval.env, expr.operands[0]);
  const bool is_version = strip_parens(eval.env, expr.operands[1]).kind == ExprKind::version;
  if (!is_version || left.kind != ExprKind::name || is_value_name(eval.context, eval.env, left.name)) return false;
  auto report = eval.context.report(kinds::UnknownConstant, left.span, left.name.last());
  if (!add_suggestion(report, left.span, left.name.last(), {"kernel"}))
    report.note("a version is compared with `kernel`: `if (kernel >= 5.4)`");
  return true;
}

// `arch == x86_64`
bool report_machine(const Eval& eval, const Expr& expr) {
  static constexpr std::string_view kWords[] = {"arch", "abi", "machine", "architecture"};
  const Expr& left = strip_parens(eval.env, expr.operands[0]);
  if (left.kind != ExprKind::name || left.name.parts.size() != 1 ||
      std::ranges::find(kWords, left.name.last()) == std::end(kWords) ||
      is_value_name(eval.context, eval.env, left.name))
    return false;
  const Expr& right = strip_parens(eval.env, expr.operands[1]);
  const bool is_abi = right.kind == ExprKind::name && target::find_abi(right.name.last());
  eval.context.report(kinds::UnknownConstant, left.span, left.name.last())
      .note("statements for some ABIs stand in `on " + std::string(is_abi ? right.name.last() : "x86_64") +
            " { ... }`, those for the others in its `else`");
  return true;
}

// Two bools, numbers with a number or a set, or a set with one that it is a part of.
Truth comparison_test(const Eval& eval, const Expr& expr) {
  if (is_kernel(eval, expr.operands[0])) return kernel_test(eval, expr);
  if (report_argument(eval, expr.operands[0]) || report_argument(eval, expr.operands[1])) return {};
  if (report_no_kernel(eval, expr) || report_machine(eval, expr)) return {};
  const Value a = evaluate(eval, expr.operands[0]);
  const Value b = evaluate(eval, expr.operands[1]);
  if (is_poison(a) || is_poison(b)) return {};
  for (const Value* side : {&a, &b}) {
    if (side->kind != Value::Kind::hole) continue;
    report_hole_misuse(eval.context, expr.span, *side, "compared by an `if`");
    return {};
  }
  const bool is_empty_test = (expr.op == Op::eq || expr.op == Op::ne) && shape_of(a) == Value::Kind::set &&
                             shape_of(b) == Value::Kind::set &&
                             strip_parens(eval.env, expr.operands[1]).kind == ExprKind::set;
  if (is_empty_test) {
    if (a.kind == Value::Kind::unknown) return {Truth::Kind::unknown, {}, false};
    return truth(a.elements.empty() == (expr.op == Op::eq));
  }
  if (expr.op == Op::in && shape_of(a) == Value::Kind::set && shape_of(b) == Value::Kind::set) {
    const bool is_unknown = a.kind == Value::Kind::unknown || b.kind == Value::Kind::unknown;
    if (is_unknown || has_hole(eval, a) || has_hole(eval, b)) return {Truth::Kind::unknown, {}, false};
    return truth(is_subset(eval, a, b));
  }
  const bool wants_set = expr.op == Op::in || expr.op == Op::not_in;
  const Value::Kind right = shape_of(a) == Value::Kind::boolean ? Value::Kind::boolean
                            : wants_set                         ? Value::Kind::set
                                                                : Value::Kind::number;
  const bool left_fits = shape_of(a) == Value::Kind::number || shape_of(a) == Value::Kind::boolean;
  if (!left_fits || shape_of(b) != right || (right == Value::Kind::boolean && expr.op != Op::eq && expr.op != Op::ne)) {
    eval.context.report(kinds::WrongOperand, expr.span, eval.context.text(expr.op_span), describe(right),
                        eval.context.text(expr.span));
    return {};
  }
  if (a.kind == Value::Kind::unknown || b.kind == Value::Kind::unknown || has_hole(eval, b))
    return {Truth::Kind::unknown, {}, false};
  if (right == Value::Kind::boolean) return truth((a.truth == b.truth) == (expr.op == Op::eq));
  return truth(compare_numbers(eval, expr.op, a, b));
}

Truth lone(const Eval& eval, ExprId id) {
  if (report_argument(eval, id)) return {};
  const Value value = evaluate(eval, id);
  if (is_poison(value)) return {};
  if (shape_of(value) != Value::Kind::boolean) {
    const Expr& expr = eval.env.at(id);
    eval.context.report(kinds::NotACondition, expr.span, eval.context.text(expr.span))
        .under("this is " + std::string(describe(shape_of(value))));
    return {};
  }
  if (value.kind == Value::Kind::hole) return {Truth::Kind::flag, value.hole, false};
  if (value.kind == Value::Kind::unknown) return {Truth::Kind::unknown, {}, false};
  return truth(value.truth);
}

Truth negate(Truth value) {
  if (value.kind == Truth::Kind::no || value.kind == Truth::Kind::yes) return truth(value.kind == Truth::Kind::no);
  value.is_negated = !value.is_negated;
  return value;
}

// AND of two; OR is its mirror image.
Truth conjunction(const Eval& eval, const Expr& expr, Truth a, Truth b) {
  if (a.kind == Truth::Kind::poison || b.kind == Truth::Kind::poison) return {};
  if (a.kind == Truth::Kind::no || b.kind == Truth::Kind::no) return truth(false);
  if (a.kind == Truth::Kind::yes) return b;
  if (b.kind == Truth::Kind::yes) return a;
  if (a.kind == Truth::Kind::unknown || b.kind == Truth::Kind::unknown) return {Truth::Kind::unknown, {}, false};
  eval.context.report(kinds::TwoRuntimeBools, expr.span, eval.context.text(expr.span))
      .note("nest two `if`s, one for each");
  return {};
}

Truth truth_of_operation(const Eval& eval, const Expr& expr) {
  if (expr.op == Op::not_) return negate(truth_of(eval, expr.operands[0]));
  if (expr.op == Op::and_ || expr.op == Op::or_) {
    const Truth a = truth_of(eval, expr.operands[0]);
    const Truth b = truth_of(eval, expr.operands[1]);
    if (expr.op == Op::and_) return conjunction(eval, expr, a, b);
    return negate(conjunction(eval, expr, negate(a), negate(b)));
  }
  if (expr.op == Op::assign) {
    eval.context.report(kinds::AssignInCondition, expr.op_span).fix("write `==`", expr.op_span, "==", true);
    return {};
  }
  if (is_comparison(expr)) return comparison_test(eval, expr);
  eval.context.report(kinds::NotACondition, expr.span, eval.context.text(expr.span));
  return {};
}

}  // namespace

Truth truth_of(const Eval& eval, ExprId id) {
  const Expr& expr = eval.env.at(id);
  switch (expr.kind) {
    case ExprKind::paren: return truth_of(eval, expr.operands[0]);
    case ExprKind::op: return truth_of_operation(eval, expr);
    case ExprKind::name:
    case ExprKind::boolean: return lone(eval, id);
    case ExprKind::raw: (void)report_argument(eval, id); return {};
    case ExprKind::error: return {};
    case ExprKind::integer:
    case ExprKind::character:
    case ExprKind::version:
    case ExprKind::call:
    case ExprKind::group:
    case ExprKind::set:
    case ExprKind::range: break;
  }
  eval.context.report(kinds::NotACondition, expr.span, eval.context.text(expr.span));
  return {};
}

}  // namespace sbpc::sema
