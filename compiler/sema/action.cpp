#include "sema/action.h"

#include <algorithm>

#include "diag/kinds/lints.def"
#include "diag/kinds/names.def"
#include "diag/kinds/types.def"
#include "sema/evaluate_parts.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Action;
using target::ActionData;

struct Habit {
  std::string_view word;
  std::string_view action;
};
constexpr Habit kHabits[] = {
#define HABIT(word, action) {word, action},
#include "sema/builtins.def"
};

struct Words {
  std::string_view name;
  Span name_span;
  std::optional<ast::ExprId> data;
  Span span;
};

// A constant where an action is wanted: `default EPERM;`.
bool explain_constant(const Eval& eval, const Words& words, diag::Builder& report) {
  const auto constant = target::find_constant(words.name);
  if (!constant) return false;
  const auto types = eval.context.facts.types_of(*constant);
  const auto is_of = [&](std::string_view name) {
    const auto type = target::find_type(name);
    return type && std::ranges::find(types, *type) != types.end();
  };
  if (is_of("errno")) {
    const std::string action = "errno(" + std::string(words.name) + ")";
    report.note("it is the data of an action").fix("write `" + action + "`", words.name_span, action);
    return true;
  }
  if (!is_of("signal")) return false;
  report.note("a signal is no action: `kill_process` ends the program as SIGSYS would, `trap` sends SIGSYS");
  return true;
}

void report_unknown_action(const Eval& eval, const Words& words) {
  std::vector<std::string_view> candidates;
  for (int i = 0; i < target::kActionCount; ++i) candidates.push_back(target::info(static_cast<Action>(i)).name);
  if (eval.env.frame != nullptr) {
    for (const auto& binding : eval.env.frame->bindings) candidates.push_back(binding.name);
  }
  // What else a statement may begin with.
  static constexpr std::string_view kStatements[] = {"use",    "fallback", "require",   "override",
                                                     "assert", "default",  "foreign",   "kernel",
                                                     "newer",  "install",  "frequency", "param"};
  candidates.insert(candidates.end(), std::begin(kStatements), std::end(kStatements));
  auto report = eval.context.report(kinds::UnknownAction, words.name_span, words.name);
  const auto* habit = std::ranges::find(kHabits, words.name, &Habit::word);
  if (words.name == "kill") {
    report.note("`kill_process` ends the whole program, `kill_thread` only the thread that made the call");
    report.fix("write `kill_process`", words.name_span, "kill_process")
        .fix("write `kill_thread`", words.name_span, "kill_thread");
  } else if (habit != std::end(kHabits)) {
    report.note("here that is `" + std::string(habit->action) + "`")
        .fix("write `" + std::string(habit->action) + "`", words.name_span, std::string(habit->action));
  } else if (!explain_constant(eval, words, report) &&
             !add_suggestion(report, words.name_span, words.name, candidates)) {
    report.note("actions are `allow`, `log`, `notify`, `trace(n)`, `errno(E)`, `trap`, `kill_thread`, `kill_process`");
  }
}

// The value of a name that is an action parameter; nullopt if it is none.
std::optional<Value> action_parameter(const Eval& eval, const Words& words) {
  Value value;
  if (const auto* binding = eval.env.frame == nullptr ? nullptr : eval.env.frame->find(words.name)) {
    value = binding->on(eval.abi);
    eval.context.note_use({NameUse::Kind::parameter, words.name_span, binding->span});
  } else {
    const Decl decl = eval.context.names.find(Space::values, eval.env.file, words.name);
    if (!decl.valid()) return std::nullopt;
    eval.context.note_use({NameUse::Kind::constant, words.name_span, eval.context.span_of(decl)});
    value = value_of(eval.context, decl, eval.abi);
  }
  if (is_poison(value)) return value;
  if (shape_of(value) != Value::Kind::action) {
    eval.context.report(kinds::NotAnAction, words.name_span, words.name, describe(shape_of(value)));
    return Value{};
  }
  if (words.data) {
    eval.context.report(kinds::ActionTakesNoData, words.span, words.name);
    return Value{};
  }
  return value;
}

// The number in `errno(...)`, checked; nullopt after a report. An unknown one counts as 1.
std::optional<uint16_t> action_data(const Eval& eval, const Words& words, Action action) {
  const Value value = evaluate_number(eval, *words.data);
  const Span span = eval.env.at(*words.data).span;
  if (value.kind == Value::Kind::unknown) return 1;
  if (value.kind == Value::Kind::hole) report_hole_misuse(eval.context, span, value, "the data of an action");
  if (value.kind != Value::Kind::number) return std::nullopt;
  const auto errno_type = target::find_type("errno");
  if (action == Action::errno_ && errno_type && !compatible(value.belongs, belongs_to(eval.context, *errno_type))) {
    eval.context.report(kinds::NotAnErrno, span, eval.context.text(span))
        .note("`errno(EPERM)` makes the call fail with EPERM");
    return std::nullopt;
  }
  const auto signal_type = target::find_type("signal");
  if (action == Action::errno_ && !check_joined_data(eval, *words.data, value)) return std::nullopt;
  const bool is_signal = value.belongs.how == Belongs::How::listed && signal_type &&
                         std::ranges::find(value.belongs.types, *signal_type) != value.belongs.types.end();
  if (action == Action::trap && is_signal) {
    eval.context.report(kinds::WrongType, span, eval.context.text(span), words.name)
        .note("`trap` sends SIGSYS, and no other signal; its number is what a handler finds in si_errno: `trap(1)`")
        .fix("write `trap`", words.span, "trap");
    return std::nullopt;
  }
  const Int highest = action == Action::errno_ ? target::kMaxErrno : target::kMaxData;
  if (value.number < 0 || value.number > highest) {
    auto report =
        eval.context.report(kinds::DataOutOfRange, span, words.name, to_string(value.number), to_string(highest));
    const std::string_view text = eval.context.text(span);
    if (action == Action::errno_ && text.starts_with("-")) {
      const std::string positive(text.substr(1));
      report.note("errors are positive here; the kernel negates them itself")
          .fix("write `" + positive + "`", span, positive);
    }
    return std::nullopt;
  }
  if (action == Action::errno_ && value.number == 0) {
    eval.context.report(kinds::ErrnoZero, words.span)
        .note(
            "the call is skipped and reports success, with 0 as its result; most callers then go on with data they "
            "never got");
  }
  return static_cast<uint16_t>(value.number);
}

Value action_value(const Eval& eval, const Words& words) {
  const auto known = target::find_action(words.name);
  if (!known) {
    if (const auto value = action_parameter(eval, words)) return *value;
    report_unknown_action(eval, words);
    return {};
  }
  const target::ActionInfo& row = target::info(*known);
  Value value;
  value.verdict.action = *known;
  if (words.data && row.data == ActionData::none) {
    eval.context.report(kinds::ActionTakesNoData, words.span, words.name);
    return {};
  }
  if (!words.data && row.data == ActionData::required) {
    eval.context.report(kinds::ActionNeedsData, words.span, words.name,
                        words.name == "errno" ? "errno(EPERM)" : "trace(1)");
    return {};
  }
  if (words.data) {
    const auto data = action_data(eval, words, *known);
    if (!data) return {};
    value.verdict.data = *data;
  }
  value.kind = Value::Kind::action;
  return value;
}

}  // namespace

bool is_foreign_action(std::string_view word) {
  return std::ranges::find(kHabits, word, &Habit::word) != std::end(kHabits);
}

Value action_of(const Eval& eval, const ast::Action& action) {
  return action_value(eval, {action.name.text, action.name.span, action.data, action.span});
}

Value action_of_expr(const Eval& eval, ast::ExprId id, std::string_view parameter) {
  const ast::Expr& expr = strip_parens(eval.env, id);
  if (expr.kind == ast::ExprKind::error) return {};
  const bool is_call = expr.kind == ast::ExprKind::call && expr.operands.size() == 1;
  if ((expr.kind != ast::ExprKind::name && !is_call) || expr.name.parts.size() != 1) {
    eval.context.report(kinds::WrongKindOfValue, expr.span, "`" + std::string(parameter) + "`",
                        describe(Value::Kind::action), eval.context.text(expr.span));
    return {};
  }
  std::optional<ast::ExprId> data;
  if (is_call) data = expr.operands[0];
  return action_value(eval, {expr.name.last(), expr.name.span, data, expr.span});
}

std::optional<OutcomeValue> outcome_of(const Eval& eval, const ast::Outcome& outcome) {
  const auto known = target::find_action(outcome.name.text);
  if (known && !outcome.data && target::info(*known).data != ActionData::none)
    return OutcomeValue{*known, std::nullopt};
  const Value value = action_of(eval, outcome);
  if (value.kind == Value::Kind::unknown) return OutcomeValue{Action::allow, std::nullopt};
  if (value.kind != Value::Kind::action) return std::nullopt;
  OutcomeValue result{value.verdict.action, std::nullopt};
  if (target::info(result.action).data != ActionData::none) result.data = value.verdict.data;
  return result;
}

void report_hole_misuse(Context& context, Span span, const Value& hole, std::string_view how) {
  const Hole& parameter = context.holes[hole.hole.value];
  auto report = context.report(kinds::HoleMisuse, span, parameter.name, how);
  report.label(parameter.span, "it gets its value only when the program is loaded");
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  report.note(
      "a run-time parameter can be compared with `==` and `!=` or stand in a set after `in`; a `param` has its value "
      "when the policy is compiled");
}

}  // namespace sbpc::sema
