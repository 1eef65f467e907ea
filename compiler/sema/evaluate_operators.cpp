// evaluate_operators.cpp: `A | B`, `1 << 4`, `~X`: what they compute, and which argument's values that is.
#include <algorithm>

#include "ast/operators.h"
#include "base/check.h"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/evaluate_parts.h"
#include "sema/takes.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::Op;
using ast::ValueOp;
namespace kinds = diag::kinds;

constexpr Int kLowest = -(Int{1} << 63);
constexpr Int kHighest = (Int{1} << 64) - 1;

std::span<const Part> parts_of(Context& context, const Value& value) {
  return value.parts.empty() ? context.arena.keep_one(Part{{}, value.number}) : value.parts;
}

// Each once: generated rows of 100,000 operands are made of few. Of numbers without a name there may be some; of more
// nobody asks which they were.
std::span<const Part> both_parts(Context& context, const Value& a, const Value& b) {
  constexpr size_t kMostNumbers = 16;
  std::vector<Part> parts;
  size_t numbers = 0;
  for (const Value* value : {&a, &b}) {
    for (const Part& part : parts_of(context, *value)) {
      const auto is_it = [&](const Part& one) { return one.constant == part.constant && one.value == part.value; };
      if (std::ranges::any_of(parts, is_it)) continue;
      parts.push_back(part);
      numbers += part.constant.valid() ? 0 : 1;
    }
  }
  if (numbers > kMostNumbers) {
    Part whole;
    for (const Part& part : parts) whole.value |= part.constant.valid() ? 0 : part.value;
    std::erase_if(parts, [](const Part& part) { return !part.constant.valid(); });
    parts.push_back(whole);
  }
  return context.arena.keep(parts);
}

std::optional<Int> shift(const Eval& eval, const Expr& expr, Int value, Int count) {
  if (count < 0 || count > 63) {
    eval.context.report(kinds::ShiftTooFar, expr.span, to_string(count));
    return std::nullopt;
  }
  return expr.op == Op::shl ? value * (Int{1} << static_cast<int>(count)) : value >> static_cast<int>(count);
}

std::optional<Int> compute(const Eval& eval, const Expr& expr, Int a, Int b) {
  switch (*ast::as_value_op(expr.op)) {
    case ValueOp::neg: return -a;
    case ValueOp::bit_not: return a < Int{1} << 63 ? ~a : kHighest - a;  // the complement in 64 bits, either way
    case ValueOp::mul: {
      Int product = 0;
      return __builtin_mul_overflow(a, b, &product) ? kHighest + 1 : product;
    }
    case ValueOp::add: return a + b;
    case ValueOp::sub: return a - b;
    case ValueOp::shl:
    case ValueOp::shr: return shift(eval, expr, a, b);
    case ValueOp::bit_and: return a & b;
    case ValueOp::bit_or: return a | b;
  }
  CHECK(false);
}

// What both operands belong to. Nothing in common is an error, which a condition explains better: it knows the
// argument.
std::optional<Belongs> common(const Eval& eval, const Expr& expr, const Value& a, const Value& b) {
  if (expr.op == Op::shl || expr.op == Op::shr || expr.op == Op::mul) return Belongs{};
  const Belongs both = meet(eval.context, a.belongs, b.belongs);
  if (both.how != Belongs::How::listed || !both.types.empty() || eval.site != nullptr) return both;
  auto report = eval.context.report(kinds::MixedTypes, expr.span, eval.context.text(expr.span));
  if (!eval.context.report.was_kept()) return std::nullopt;
  const std::string first = example_argument(eval.context, a.belongs);
  const std::string second = example_argument(eval.context, b.belongs);
  if (!first.empty()) report.label(eval.env.at(expr.operands[0]).span, first);
  if (!second.empty()) report.label(eval.env.at(expr.operands[1]).span, second);
  return std::nullopt;
}

// An operand that has no value yet makes the whole unknown; a run-time value can't be calculated with.
std::optional<Value> open_operand(const Eval& eval, const Expr& expr, const Value& operand) {
  if (is_poison(operand)) return Value{};
  if (operand.kind == Value::Kind::hole) {
    report_hole_misuse(eval.context, expr.span, operand, "calculated with");
    return Value{};
  }
  if (operand.kind != Value::Kind::unknown) return std::nullopt;
  Value unknown = operand;
  unknown.parts = {};
  return unknown;
}

}  // namespace

Value evaluate_operation(const Eval& eval, const Expr& expr) {
  if (ast::class_of(expr.op) != ast::OpClass::value) {
    eval.context.report(kinds::ConditionAsValue, expr.span, eval.context.text(expr.span));
    return {};
  }
  const Value a = evaluate_number(eval, expr.operands[0]);
  const Value b = expr.operands.size() > 1 ? evaluate_number(eval, expr.operands[1]) : number_value(0);
  const std::optional<Belongs> belongs = is_poison(a) || is_poison(b) ? Belongs{} : common(eval, expr, a, b);
  if (!belongs) return {};
  for (const Value* operand : {&a, &b}) {
    if (auto open = open_operand(eval, expr, *operand)) {
      open->belongs = *belongs;
      return *open;
    }
  }
  const auto exact = compute(eval, expr, a.number, b.number);
  if (!exact) return {};
  if (*exact < kLowest || *exact > kHighest) {
    eval.context.report(kinds::NumberOutOfRange, expr.span, eval.context.text(expr.span));
    return {};
  }
  if (expr.op == Op::bit_and && *exact == 0 && a.parts.size() == 1 && b.parts.size() == 1 && a.number != 0 &&
      b.number != 0 && a.parts[0].constant.valid() && b.parts[0].constant.valid() && !a.via_parameter &&
      !b.via_parameter) {
    const std::string both = std::string(eval.context.text(eval.env.at(expr.operands[0]).span)) + " | " +
                             std::string(eval.context.text(eval.env.at(expr.operands[1]).span));
    eval.context.report(kinds::NothingInCommon, expr.span, eval.context.text(expr.span))
        .note("flags are joined by `|`: `" + both + "`")
        .fix("write `" + both + "`", expr.span, both);
    return {};
  }
  Value result = number_value(*exact);
  result.belongs = *belongs;
  result.via_parameter = a.via_parameter || b.via_parameter;
  const bool joins = expr.op == Op::bit_or || (expr.op == Op::add && (a.number & b.number) == 0);
  if (joins) result.parts = both_parts(eval.context, a, b);
  return result;
}

Value number_value(Int value) {
  Value result;
  result.kind = Value::Kind::number;
  result.number = value;
  return result;
}

}  // namespace sbpc::sema
