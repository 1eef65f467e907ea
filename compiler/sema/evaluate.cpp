#include "sema/evaluate.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/evaluate_parts.h"
#include "sema/ioctl_number.h"
#include "sema/modes.h"
#include "sema/site.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprKind;
namespace kinds = diag::kinds;

Value boolean(bool truth) {
  Value result;
  result.kind = Value::Kind::boolean;
  result.truth = truth;
  return result;
}

// ---- names ----

// What was probably meant: names of this file and the constants of the argument at hand before all others.
std::vector<std::string_view> near_values(const Eval& eval, const Expr& expr, const Found& found) {
  std::vector<std::string_view> close{"true", "false"};
  if (eval.env.frame != nullptr) {
    for (const auto& binding : eval.env.frame->bindings) close.push_back(binding.name);
  }
  if (eval.site != nullptr && eval.site->expected) {
    const auto& constants = target::arg_type(*eval.site->expected).constants;
    close.insert(close.end(), constants.begin(), constants.end());
  }
  const auto own = eval.context.names.all(Space::values, found.file == kNoFile ? eval.env.file : found.file);
  close.insert(close.end(), own.begin(), own.end());
  std::vector<std::string_view> all;
  for (size_t i = 0; i < target::constant_count(); ++i) all.push_back(target::constant_name(target::ConstantId(i)));
  const std::string_view word = expr.name.last();
  const auto first = near_name(word, close);
  const auto second = near_name(word, all);
  const bool take_second = second && (!first || closer(word, *second, *first));
  return take_second ? std::vector{*second} : close;
}

// `fd == stdout`, `buf == null`
bool report_foreign_value(const Eval& eval, const Expr& expr) {
  struct Stream {
    std::string_view name, constant, number;
  };
  static constexpr Stream kStreams[] = {
      {"stdin", "STDIN_FILENO", "0"}, {"stdout", "STDOUT_FILENO", "1"}, {"stderr", "STDERR_FILENO", "2"}};
  static constexpr std::string_view kNulls[] = {"null", "nullptr", "Null", "nil", "None"};
  if (std::ranges::find(kNulls, expr.name.last()) != std::end(kNulls)) {
    eval.context.report(kinds::UnknownConstant, expr.span, expr.name.last())
        .note("the pointer that points nowhere is `NULL`")
        .fix("write `NULL`", expr.span, "NULL", true);
    return true;
  }
  const auto* row = std::ranges::find(kStreams, expr.name.last(), &Stream::name);
  if (row == std::end(kStreams)) return false;
  const std::string_view written = target::find_constant(row->constant) ? row->constant : row->number;
  eval.context.report(kinds::UnknownConstant, expr.span, row->name)
      .note("a stream is a descriptor to the kernel: `" + std::string(row->name) + "` is " + std::string(row->number))
      .fix("write `" + std::string(written) + "`", expr.span, std::string(written));
  return true;
}

void report_unknown_value(const Eval& eval, const Expr& expr, const Found& found) {
  if (found.kind == Found::Kind::none && expr.name.parts.size() == 1 && target::find_action(expr.name.last())) {
    eval.context.report(kinds::UnknownConstant, expr.span, expr.name.last())
        .note("it is an action, no value; rule sets take one through a parameter of type `action`");
    return;
  }
  if (found.kind == Found::Kind::none && expr.name.parts.size() == 1 &&
      (eval.context.refused_names.contains(expr.name.last()) || report_foreign_value(eval, expr)))
    return;
  report_unknown(eval.context, found, expr.name,
                 {kinds::UnknownConstant, Space::values, [&] { return near_values(eval, expr, found); }});
}

Value constant(const Eval& eval, const Expr& expr, target::ConstantId id) {
  Context& context = eval.context;
  context.note_use({NameUse::Kind::constant, expr.span, {}, id.value});
  const auto exact = target::constant_value(id, eval.abi);
  if (!exact) {
    AbiSet having;
    for (target::Abi abi : AbiSet::all()) {
      if (target::constant_value(id, abi)) having.add(abi);
    }
    if (context.lenient) return {};
    auto report = context.report(kinds::ConstantNotOnAbi, expr.span, expr.name.last(), target::info(eval.abi).name);
    report.note("it exists on " + to_string(having) + "; put the statement into `on " + to_string(having) +
                " { ... }`");
    return {};
  }
  Value value = number_value(*exact);
  const auto types = context.facts.types_of(id);
  if (!types.empty()) value.belongs = {Belongs::How::listed, {}, types};
  value.parts = context.arena.keep_one(Part{id, *exact});
  return value;
}

Value name(const Eval& eval, const Expr& expr) {
  Context& context = eval.context;
  const bool lone = expr.name.parts.size() == 1;
  if (lone && eval.env.frame != nullptr) {
    if (const auto* binding = eval.env.frame->find(expr.name.last())) {
      context.note_use({NameUse::Kind::parameter, expr.span, binding->span});
      return binding->on(eval.abi);
    }
  }
  const Found found = context.names.resolve(Space::values, eval.env.file, expr.name);
  if (found.kind == Found::Kind::declared) {
    context.note_use({NameUse::Kind::constant, expr.span, context.span_of(found.decl)});
    return value_of(context, found.decl, eval.abi);
  }
  if (found.kind == Found::Kind::none && lone) {
    if (const auto id = target::find_constant(expr.name.last())) return constant(eval, expr, *id);
    if (expr.name.last() == "NULL") {
      Value null = number_value(0);
      null.belongs = {Belongs::How::kind, target::TypeKind::pointer, {}};
      return null;
    }
    if (eval.site != nullptr && names_argument(*eval.site, expr.name)) {
      context.report(kinds::NotConstant, expr.span, expr.name.last())
          .note("an argument is compared with a constant: a filter can't compare two arguments");
      return {};
    }
  }
  report_unknown_value(eval, expr, found);
  return {};
}

}  // namespace

const Expr& strip_parens(const Env& env, ast::ExprId id) {
  const Expr* expr = &env.at(id);
  while (expr->kind == ExprKind::paren) expr = &env.at(expr->operands[0]);
  return *expr;
}

bool is_value_name(const Context& context, const Env& env, const ast::QName& name) {
  if (name.parts.size() > 1) return true;
  if (env.frame != nullptr && env.frame->find(name.last()) != nullptr) return true;
  return context.names.find(Space::values, env.file, name.last()).valid() || target::find_constant(name.last()) ||
         name.last() == "NULL";
}

namespace {

Value integer(const Eval& eval, const Expr& expr) {
  if (!expr.overflow) return number_value(static_cast<Int>(expr.value));
  eval.context.report(kinds::NumberOutOfRange, expr.span, eval.context.text(expr.span))
      .note("constants are exact integers from -2^63 to 2^64-1");
  return {};
}

Value value_of(const Eval& eval, ast::ExprId id) {
  const Expr& expr = eval.env.at(id);
  switch (expr.kind) {
    case ExprKind::integer:
    case ExprKind::character: return integer(eval, expr);
    case ExprKind::boolean: return boolean(expr.value != 0);
    case ExprKind::name: return name(eval, expr);
    case ExprKind::op: return evaluate_operation(eval, expr);
    case ExprKind::paren: return evaluate(eval, expr.operands[0]);
    case ExprKind::set: return evaluate_set(eval, expr);
    case ExprKind::call: return ioctl_number(eval, expr);
    case ExprKind::range: {
      const auto element = evaluate_range(eval, expr);
      Value value;
      if (!element) return value;
      value.kind = Value::Kind::set;
      value.elements = eval.context.arena.keep_one(*element);
      return value;
    }
    case ExprKind::raw:
      eval.context.report(kinds::NotConstant, expr.span, eval.context.text(expr.span))
          .note("an argument is compared with a constant: a filter can't compare two arguments");
      return {};
    case ExprKind::version: eval.context.report(kinds::VersionAsValue, expr.span, expr.text); return {};
    case ExprKind::group: eval.context.report(kinds::GroupAsValue, expr.span, eval.context.text(expr.span)); return {};
    case ExprKind::error: return {};
  }
  CHECK(false);
}

}  // namespace

Value evaluate(const Eval& eval, ast::ExprId id) {
  Value value = value_of(eval, id);
  // What is poison drops out of the policy, so nobody may compile it without having been told. (Nobody compiles what is
  // looked at leniently.)
  CHECK(!is_poison(value) || eval.context.lenient || eval.context.report.errors() != 0);
  return value;
}

Value evaluate_number(const Eval& eval, ast::ExprId id) {
  Value value = evaluate(eval, id);
  if (is_poison(value) || shape_of(value) == Value::Kind::number) return value;
  const Expr& expr = eval.env.at(id);
  eval.context.report(kinds::NotANumber, expr.span, eval.context.text(expr.span), describe(shape_of(value)));
  return {};
}

namespace {

// `refused: denial` takes no action after which the call is made as if nothing had been said, nor one after which it
// seems to have been made: an open that is refused by errno(0) returns descriptor 0. After `notify` and `trace` a
// supervisor decides.
Value action_as(const Eval& eval, ast::ExprId id, const Slot& slot) {
  Value value = action_of_expr(eval, id, slot.name);
  const target::Action action = value.verdict.action;
  const bool lets_through = action == target::Action::log || action == target::Action::allow;
  const bool looks_done = action == target::Action::errno_ && value.verdict.data == 0;
  if (!slot.type.is_denial || value.kind != Value::Kind::action || (!lets_through && !looks_done)) return value;
  eval.context.report(kinds::NotADenial, slot.span, eval.context.text(slot.span), slot.name)
      .note("`errno(EPERM)` lets the call fail, `kill_process` ends the program");
  return {};
}

}  // namespace

Value evaluate_as(const Eval& eval, ast::ExprId id, const Slot& slot) {
  if (slot.type.shape == Value::Kind::action) return action_as(eval, id, slot);
  if (slot.type.argument) check_modes(eval.context, eval.env, *slot.type.argument, id);
  return convert(eval.context, slot, evaluate(eval, id));
}

namespace {

Value const_value(Context& context, Decl decl, const ast::Const& node, target::Abi abi) {
  const Env env = context.env_of(decl.file);
  const Eval eval{context, env, abi};
  if (!node.type) return evaluate(eval, node.value);
  const Type type = resolve_type(context, env, *node.type, abi);
  return evaluate_as(eval, node.value, {node.name.text, type, env.at(node.value).span});
}

Value param_value(Context& context, Decl decl, const ast::Param& node, target::Abi abi) {
  if (node.is_runtime) return {};  // reported where it is declared
  const ast::Parameter& parameter = node.parameter;
  const Type type = resolve_type(context, context.env_of(decl.file), parameter.type, abi);
  Env env = context.env_of(decl.file);
  std::optional<ast::ExprId> expr = parameter.value;
  if (const auto given = context.given.find(key_of(decl)); given != context.given.end()) {
    env = given->second.env;
    expr = given->second.expr;
  }
  if (!expr) {
    report_missing_parameter(context, parameter);
    return {};
  }
  Value value = evaluate_as({context, env, abi}, *expr, {parameter.name.text, type, env.at(*expr).span});
  value.via_parameter = true;
  return value;
}

}  // namespace

void report_missing_parameter(Context& context, const ast::Parameter& parameter) {
  context.report(kinds::MissingParameter, parameter.name.span, parameter.name.text)
      .note("give it one with `-D " + std::string(parameter.name.text) + "=VALUE` or a default: `= VALUE`");
}

void report_too_deep(Context& context, Decl decl) {
  if (!context.was_too_deep) context.report(kinds::TooDeep, context.span_of(decl), limits::kNesting);
  context.was_too_deep = true;
}

Value value_of(Context& context, Decl decl, target::Abi abi) {
  Memo& memo = context.values[key_of(decl, abi)];  // references into an unordered_map stay valid
  if (memo.state == Memo::State::done) return memo.value;
  if (memo.state == Memo::State::running) {
    context.report(kinds::CircularValue, context.span_of(decl), context.text(context.span_of(decl)));
    return {};
  }
  if (context.depth >= limits::kNesting) {
    report_too_deep(context, decl);
    return {};
  }
  memo.state = Memo::State::running;
  ++context.depth;
  if (const auto* constant_node = context.node_if<ast::Const>(decl)) {
    memo.value = const_value(context, decl, *constant_node, abi);
  } else if (const auto* param = context.node_if<ast::Param>(decl)) {
    memo.value = param_value(context, decl, *param, abi);
  }
  --context.depth;
  memo.state = Memo::State::done;
  return memo.value;
}

}  // namespace sbpc::sema
