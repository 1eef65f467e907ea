#include "sema/evaluate.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/limits.h"
#include "base/policy_limits.h"
#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/ioctl_number.h"
#include "sema/site.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

constexpr Int kLowest = -(Int{1} << 63);
constexpr Int kHighest = (Int{1} << 64) - 1;
constexpr size_t kLargeSet = 1024;  // elements: a smaller set is copied, so that messages show where it was named

Value number(Int value) {
  Value result;
  result.kind = Value::Kind::number;
  result.number = value;
  return result;
}

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

void report_unknown_value(const Eval& eval, const Expr& expr, const Found& found) {
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
  Value value = number(*exact);
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
      Value null = number(0);
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

// ---- operators ----

std::span<const Part> parts_of(Context& context, const Value& value) {
  return value.parts.empty() ? context.arena.keep_one(Part{{}, value.number}) : value.parts;
}

std::span<const Part> both_parts(Context& context, const Value& a, const Value& b) {
  std::vector<Part> parts;
  for (const Part& part : parts_of(context, a)) parts.push_back(part);
  for (const Part& part : parts_of(context, b)) parts.push_back(part);
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
  switch (expr.op) {
    case Op::neg: return -a;
    case Op::bit_not: return a < Int{1} << 63 ? ~a : kHighest - a;  // the complement in 64 bits, either way
    case Op::mul: {
      Int product = 0;
      return __builtin_mul_overflow(a, b, &product) ? kHighest + 1 : product;
    }
    case Op::add: return a + b;
    case Op::sub: return a - b;
    case Op::shl:
    case Op::shr: return shift(eval, expr, a, b);
    case Op::bit_and: return a & b;
    case Op::bit_or: return a | b;
    case Op::or_:
    case Op::and_:
    case Op::not_:
    case Op::assign:
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge:
    case Op::in:
    case Op::not_in:
    case Op::has:
    case Op::any:
    case Op::lacks:
    case Op::only: return std::nullopt;
  }
  CHECK(false);
}

bool is_condition(Op op) { return op < Op::bit_or; }

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

Value operation(const Eval& eval, const Expr& expr) {
  if (is_condition(expr.op)) {
    eval.context.report(kinds::ConditionAsValue, expr.span, eval.context.text(expr.span));
    return {};
  }
  const Value a = evaluate_number(eval, expr.operands[0]);
  const Value b = expr.operands.size() > 1 ? evaluate_number(eval, expr.operands[1]) : number(0);
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
  Value result = number(*exact);
  result.belongs = *belongs;
  result.via_parameter = a.via_parameter || b.via_parameter;
  if (expr.op == Op::bit_or) result.parts = both_parts(eval.context, a, b);
  return result;
}

// ---- sets ----

std::optional<Element> range(const Eval& eval, const Expr& expr) {
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

Value set(const Eval& eval, const Expr& expr) {
  SetParts parts;
  for (ast::ExprId operand : expr.operands) {
    const Expr& each = strip_parens(eval.env, operand);
    if (each.kind == ExprKind::range) {
      const auto element = range(eval, each);
      parts.poison |= !element;
      if (element) parts.elements.push_back(*element);
    } else {
      const Value value = evaluate(eval, operand);
      if (value.kind == Value::Kind::set && value.elements.size() >= kLargeSet && expr.operands.size() == 1)
        return value;  // `{ A }` of a large set is A
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
  if (!expr.overflow) return number(static_cast<Int>(expr.value));
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
    case ExprKind::op: return operation(eval, expr);
    case ExprKind::paren: return evaluate(eval, expr.operands[0]);
    case ExprKind::set: return set(eval, expr);
    case ExprKind::call: return ioctl_number(eval, expr);
    case ExprKind::range: {
      const auto element = range(eval, expr);
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
    context.report(kinds::MissingParameter, parameter.name.span, parameter.name.text)
        .note("give it one with `-D " + std::string(parameter.name.text) + "=VALUE` or a default: `= VALUE`");
    return {};
  }
  Value value = evaluate_as({context, env, abi}, *expr, {parameter.name.text, type, env.at(*expr).span});
  value.via_parameter = true;
  return value;
}

}  // namespace

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
