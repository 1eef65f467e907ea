// evaluate_sets.cpp: `{ A, 4..7 }`.
#include "base/limits.h"
#include "base/policy_limits.h"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/evaluate_parts.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprKind;
namespace kinds = diag::kinds;

constexpr size_t kLargeSet = 1024;  // elements: a smaller set is copied, so that messages show where it was named

struct SetParts {
  std::vector<Element> elements;
  bool via_parameter = false;
  bool unknown = false;
  bool poison = false;
};

void add_value(const Eval& eval, const Expr& expr, const Value& value, SetParts& set) {
  set.via_parameter |= value.via_parameter;
  switch (value.kind) {
    case Value::Kind::poison: set.poison = true; return;
    case Value::Kind::unknown: set.unknown = true; return;
    case Value::Kind::set:
      for (Element element : value.elements) {
        element.span = expr.span;
        set.elements.push_back(element);
      }
      return;
    case Value::Kind::number:
    case Value::Kind::hole: {
      Element element{value.number, value.number, value.belongs, value.hole, expr.span, {}};
      if (value.parts.size() == 1) element.constant = value.parts[0].constant;
      set.elements.push_back(element);
      return;
    }
    case Value::Kind::boolean:
    case Value::Kind::action:
      eval.context.report(kinds::WrongKindOfValue, expr.span, "an element of a set", describe(Value::Kind::number),
                          eval.context.text(expr.span));
      set.poison = true;
      return;
  }
}

// `fd in { 0-2 }`, a range as other languages write it: here it is the one number -2. In parentheses it is meant.
bool check_difference(const Eval& eval, const Expr& expr) {
  if (expr.kind != ExprKind::op || expr.op != ast::Op::sub || expr.operands.size() != 2) return true;
  const Expr& first = eval.env.at(expr.operands[0]);
  const Expr& last = eval.env.at(expr.operands[1]);
  const auto is_end = [&](const Expr& end) {
    return end.kind == ExprKind::integer ||
           (end.kind == ExprKind::name && end.name.parts.size() == 1 && target::find_constant(end.name.last()));
  };
  if (!is_end(first) || !is_end(last)) return true;
  const Value from = evaluate(eval, expr.operands[0]);
  const Value to = evaluate(eval, expr.operands[1]);
  if (from.kind != Value::Kind::number || to.kind != Value::Kind::number || from.via_parameter || to.via_parameter ||
      from.number > to.number)
    return true;
  const std::string range =
      std::string(eval.context.text(first.span)) + ".." + std::string(eval.context.text(last.span));
  eval.context
      .report(kinds::DifferenceInSet, expr.span, eval.context.text(expr.span), to_string(from.number - to.number))
      .note("a range is written `" + range + "`, both ends in it; for the number write it, or parentheses")
      .fix("write `" + range + "`", expr.span, range);
  return false;
}

}  // namespace

std::optional<Element> evaluate_range(const Eval& eval, const Expr& expr) {
  const Value first = evaluate_number(eval, expr.operands[0]);
  const Value last = evaluate_number(eval, expr.operands[1]);
  for (const Value* end : {&first, &last}) {
    if (end->kind == Value::Kind::hole) report_hole_misuse(eval.context, expr.span, *end, "the end of a range");
    if (end->kind != Value::Kind::number) return std::nullopt;
  }
  if (first.number > last.number) {
    const auto low = eval.context.text(eval.env.at(expr.operands[0]).span);
    const auto high = eval.context.text(eval.env.at(expr.operands[1]).span);
    eval.context.report(kinds::RangeBackwards, expr.span, low, high)
        .fix("swap the ends", expr.span, std::string(high) + ".." + std::string(low));
    return std::nullopt;
  }
  Element element;
  element.first = first.number;
  element.last = last.number;
  element.belongs = meet(eval.context, first.belongs, last.belongs);
  element.span = expr.span;
  return element;
}

Value evaluate_set(const Eval& eval, const Expr& expr) {
  SetParts parts;
  for (ast::ExprId operand : expr.operands) {
    const Expr& each = strip_parens(eval.env, operand);
    if (each.kind == ExprKind::range) {
      const auto element = evaluate_range(eval, each);
      parts.poison |= !element;
      if (element) parts.elements.push_back(*element);
    } else {
      const Value value = evaluate(eval, operand);
      if (value.kind == Value::Kind::set && value.elements.size() >= kLargeSet && expr.operands.size() == 1)
        return value;  // `{ A }` of a large set is A
      parts.poison |= !check_joined_element(eval, operand, value) || !check_difference(eval, eval.env.at(operand));
      add_value(eval, each, value, parts);
    }
    if (parts.elements.size() > limits::kSetElements) {
      eval.context.report(kinds::SetTooLarge, expr.span, limits::kSetElements);
      return {};
    }
  }
  Value value;
  if (parts.poison) return value;
  value.kind = parts.unknown ? Value::Kind::unknown : Value::Kind::set;
  value.shape = Value::Kind::set;
  value.via_parameter = parts.via_parameter;
  const auto kept = eval.context.sets.keep(&expr, parts.elements);
  if (!kept) {
    eval.context.report(kinds::SetsTooLarge, expr.span, limits::kKeptElements);
    return {};
  }
  value.elements = *kept;
  return value;
}

}  // namespace sbpc::sema
