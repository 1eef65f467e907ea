#include "sema/conditions.h"

#include <algorithm>

#include "ast/operators.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/types.def"
#include "sema/commands.h"
#include "sema/comparison.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

Built condition(const Site& site, ExprId id);

void flatten(const Env& env, ExprId id, Op op, std::vector<ExprId>& operands) {
  const Expr& expr = strip_parens(env, id);
  if (expr.kind != ExprKind::op || expr.op != op) {
    operands.push_back(id);
    return;
  }
  for (ExprId operand : expr.operands) flatten(env, operand, op, operands);
}

Built conjunction(const Site& outer, std::span<const ExprId> written) {
  std::vector<ExprId> operands;
  for (ExprId id : written) flatten(outer.env, id, Op::and_, operands);
  Site site = outer;
  const auto selected = commands_beside(outer, operands, true);
  if (!selected.empty()) site.selected = selected;
  std::vector<Built> parts;
  parts.reserve(operands.size());
  for (ExprId id : operands) {
    const bool is_alone = std::ranges::find(written, id) != written.end();  // between commas
    site.around = is_alone ? outer.around : Op::and_;
    parts.push_back(condition(site, id));
  }
  if (parts.size() == 1) return parts[0];
  check_contradictions(site, parts);
  std::vector<CondId> ids;
  for (const Built& part : parts) ids.push_back(part.id);
  return {all_of(*site.conditions, std::move(ids)), false, {}};
}

// Each operand decides where the others fail: in `level != SOL_TCP || optname == TCP_NODELAY` optname is SOL_TCP's.
Built disjunction(const Site& outer, ExprId id) {
  std::vector<ExprId> operands;
  flatten(outer.env, id, Op::or_, operands);
  Site site = outer;
  site.around = Op::or_;
  const auto selected = commands_beside(outer, operands, false);
  if (!selected.empty()) site.left_over = selected;
  std::vector<Built> parts;
  std::vector<CondId> ids;
  for (ExprId operand : operands) {
    parts.push_back(condition(site, operand));
    const CondId part = parts.back().id;
    if ((*site.conditions)[part.value].kind != Condition::Kind::never) ids.push_back(part);
  }
  check_tautology(site, parts);
  if (ids.empty()) return parts[0];
  if (ids.size() == 1) return {ids[0], false, {}};
  if (std::ranges::find(ids, kAlways) != ids.end()) return {};
  Condition any;
  any.kind = Condition::Kind::any;
  any.operands = std::move(ids);
  return {add_condition(*site.conditions, std::move(any)), false, {}};
}

diag::Builder report_no_condition(const Site& site, const Expr& expr) {
  auto report = site.context.report(kinds::NotACondition, expr.span, site.context.text(expr.span));
  const std::string list = list_arguments(site.context, site.call);
  if (!list.empty())
    report.note("a condition compares an argument of `" + std::string(site.context.facts.name(site.call)) +
                "`; they are " + list);
  return report;
}

// The argument whose constant a lone value is: `socket(AF_INET)` means the domain.
const target::Arg* argument_of(const Site& site, const Belongs& belongs) {
  if (site.args == nullptr || belongs.how != Belongs::How::listed) return nullptr;
  const auto arg = std::ranges::find_if(*site.args, [&](const target::Arg& each) {
    return std::ranges::find(belongs.types, each.type) != belongs.types.end();
  });
  return arg == site.args->end() ? nullptr : &*arg;
}

bool is_flags_test(const Expr& expr) {
  return expr.op == Op::has || expr.op == Op::any || expr.op == Op::lacks || expr.op == Op::only;
}

// What stands before a constant in its condition.
struct Before {
  const Expr* test = nullptr;  // the last test of flags or of equality
  bool is_its_value = false;   // only `,` or `||` is between them: `flags lacks A, B`, `sig != A, B`
};

Before test_before(const Site& site, const Expr& constant) {
  Before before;
  for (const Expr& expr : site.env.ast->exprs) {
    const bool is_test = expr.kind == ExprKind::op && (is_flags_test(expr) || expr.op == Op::eq || expr.op == Op::ne);
    if (!is_test || expr.span.file != constant.span.file || expr.span.end >= constant.span.begin) continue;
    std::string_view between = site.context.text({expr.span.file, expr.span.end, constant.span.begin});
    if (between.find_first_of(";{}") != std::string_view::npos) continue;
    between.remove_prefix(std::min(between.find_first_not_of(" \t\r\n"), between.size()));
    between = between.substr(0, between.find_last_not_of(" \t\r\n") + 1);
    before = {&expr, between == "," || between == "||"};
  }
  return before;
}

// `flags lacks A, B`, `sig != A, B`
void report_further_value(const Site& site, const Expr& test, const Expr& constant) {
  const auto text = [&](const Span& span) { return std::string(site.context.text(span)); };
  const std::string value = text(constant.span);
  auto report = site.context.report(kinds::NotACondition, constant.span, value);
  const Span left = site.env.at(test.operands[0]).span;
  const Span right = site.env.at(test.operands[1]).span;
  if (is_flags_test(test)) {
    const std::string joined = text(test.span) + " | " + value;
    report.note("`,` and `||` join conditions; several flags are joined by `|`: `" + joined + "`")
        .fix("write `" + joined + "`", {test.span.file, right.end, constant.span.begin}, " | ");
    return;
  }
  const std::string joined =
      text(left) + (test.op == Op::eq ? " in { " : " !in { ") + text(right) + ", " + value + " }";
  report.note("`,` and `||` join conditions; several values are asked for by `in`: `" + joined + "`")
      .fix("write `" + joined + "`", join(test.span, constant.span), joined);
}

// A name alone is a bool.
Built lone_name(const Site& site, ExprId id) {
  const Expr& expr = site.env.at(id);
  if (expr.kind == ExprKind::name && !is_value_name(site.context, site.env, expr.name) &&
      names_argument(site, expr.name)) {
    const std::string name(expr.name.last());
    const target::Arg* arg = site.args != nullptr ? find_arg(*site.args, name) : nullptr;
    const std::string test = name + (arg != nullptr && arg->is_pointer ? " != NULL" : " != 0");
    site.context.report(kinds::LoneArgument, expr.span, name)
        .note("write what it is compared with")
        .fix("write `" + test + "`", expr.span, test);
    return {};
  }
  Site named = site;
  named.expected.reset();
  const Value value = evaluate(eval_of(named), id);
  if (is_poison(value)) return {};
  if (value.via_parameter) ++site.context.parameters_read;
  if (shape_of(value) != Value::Kind::boolean) {
    const Before before = test_before(site, expr);
    if (before.is_its_value) {
      report_further_value(site, *before.test, expr);
      return {};
    }
    auto report = report_no_condition(site, expr);
    report.under("this is " + std::string(describe(shape_of(value))));
    const target::Arg* arg = argument_of(site, value.belongs);
    if (arg != nullptr && before.test == nullptr) {
      const std::string fixed = std::string(arg->name) + " == " + std::string(site.context.text(expr.span));
      report.fix("write `" + fixed + "`", expr.span, fixed);
    }
    return {};
  }
  if (value.kind == Value::Kind::hole) return {flag_condition(*site.conditions, value.hole), false, expr.span};
  if (value.kind == Value::Kind::unknown || value.truth) return {};
  Condition never;
  never.kind = Condition::Kind::never;
  return {add_condition(*site.conditions, std::move(never)), false, expr.span};
}

Built operation(const Site& site, ExprId id, const Expr& expr) {
  if (is_comparison(expr)) return comparison(site, expr);
  if (expr.op == Op::or_) return disjunction(site, id);
  if (expr.op == Op::and_) return conjunction(site, std::span(&id, 1));
  if (expr.op == Op::not_) {
    Site inner = site;
    inner.around = Op::not_;
    const Built negated = condition(inner, expr.operands[0]);
    return {negation_of(*site.conditions, negated.id), negated.literal, expr.span};
  }
  auto report = site.context.report(kinds::NotACondition, expr.span, site.context.text(expr.span));
  if (expr.op == Op::bit_and && mentions_argument(site, expr.operands[0], false)) {
    const std::string fixed = std::string(site.context.text(site.env.at(expr.operands[0]).span)) + " any " +
                              std::string(site.context.text(site.env.at(expr.operands[1]).span));
    report.note("`x any F` is true if some bit of F is set, `x has F` if all are")
        .fix("write `" + fixed + "`", expr.span, fixed);
  }
  return {};
}

Built in_parentheses(const Site& site, ExprId id) {
  Site inner = site;
  inner.around.reset();
  return condition(inner, id);
}

Built condition(const Site& site, ExprId id) {
  const Expr& expr = site.env.at(id);
  switch (expr.kind) {
    case ExprKind::paren: return in_parentheses(site, expr.operands[0]);
    case ExprKind::op: return operation(site, id, expr);
    case ExprKind::name:
    case ExprKind::boolean: return lone_name(site, id);
    case ExprKind::error: return {};
    case ExprKind::integer:
    case ExprKind::character:
    case ExprKind::version:
    case ExprKind::raw:
    case ExprKind::call:
    case ExprKind::group:
    case ExprKind::set:
    case ExprKind::range: break;
  }
  (void)report_no_condition(site, expr);
  return {};
}

}  // namespace

CondId add_condition(std::vector<Condition>& conditions, Condition condition) {
  conditions.push_back(std::move(condition));
  return CondId(conditions.size() - 1);
}

CondId all_of(std::vector<Condition>& conditions, std::vector<CondId> operands) {
  std::erase(operands, kAlways);
  if (operands.empty()) return kAlways;
  if (operands.size() == 1) return operands[0];
  for (CondId operand : operands) {
    if (conditions[operand.value].kind == Condition::Kind::never) return operand;
  }
  Condition all;
  all.kind = Condition::Kind::all;
  all.operands = std::move(operands);
  return add_condition(conditions, std::move(all));
}

CondId negation_of(std::vector<Condition>& conditions, CondId operand) {
  Condition result;
  const Condition::Kind kind = conditions[operand.value].kind;
  if (kind == Condition::Kind::never) return kAlways;
  if (kind == Condition::Kind::negation) return conditions[operand.value].operands[0];
  if (kind == Condition::Kind::always) {
    result.kind = Condition::Kind::never;
  } else {
    result.kind = Condition::Kind::negation;
    result.operands = {operand};
  }
  return add_condition(conditions, std::move(result));
}

CondId flag_condition(std::vector<Condition>& conditions, HoleId flag) {
  Condition condition;
  condition.kind = Condition::Kind::flag;
  condition.flag = flag;
  return add_condition(conditions, std::move(condition));
}

std::string in_place(const Site& site, Op op, std::string text) {
  const bool is_tighter = site.around && ast::level_of(op) < ast::level_of(*site.around);
  return is_tighter ? "(" + text + ")" : text;
}

bool names_argument(const Site& site, const ast::QName& name) {
  if (name.parts.size() != 1) return false;
  if (site.args != nullptr && find_arg(*site.args, name.last()) != nullptr) return true;
  if (!Facts::is_builtin(site.call)) return false;
  return target::why_no_arg(target::CallId(site.call), site.abi, name.last()) != target::ArgAbsence::unknown;
}

CondId build_conditions(const Site& site, std::span<const ExprId> operands) {
  if (operands.empty()) return kAlways;
  const Expr& first = strip_parens(site.env, operands[0]);
  if (operands.size() == 1 && first.kind == ExprKind::boolean && first.value == 0)
    site.context.report(kinds::AlwaysFalse, first.span, site.context.text(first.span))
        .note("the statement says nothing of the call");
  return conjunction(site, operands).id;
}

}  // namespace sbpc::sema
