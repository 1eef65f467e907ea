#include "sema/commands.h"

#include <algorithm>

#include "base/check.h"
#include "base/policy_limits.h"
#include "sema/conditions.h"
#include "sema/types.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
using target::kNarrowBits;

struct Selector {
  const target::Arg* arg;
  uint64_t bits;  // that hold the command
};

std::optional<Selector> selector_of_call(const Site& site) {
  if (!Facts::is_builtin(site.call) || site.args == nullptr) return std::nullopt;
  const target::CallId call(site.call);
  const std::string_view name = target::selector_of(call);
  const target::Arg* arg = name.empty() ? nullptr : find_arg(*site.args, name);
  if (arg == nullptr) return std::nullopt;
  return Selector{arg, target::command_bits(call, site.abi, arg->width)};
}

// ---- which commands ----

using Commands = std::optional<std::vector<target::Command>>;  // unset: may be any

bool is_selector(const Site& site, const Selector& selector, const Expr& expr) {
  if (expr.kind != ExprKind::name || expr.name.parts.size() != 1) return false;
  const target::Arg* arg = find_arg(*site.args, expr.name.last());
  return arg != nullptr && arg->slots.low == selector.arg->slots.low;
}

// Whether the left side is the selector, under no mask that hides a part of the command.
bool tests_command(const Site& site, const Selector& selector, ExprId left) {
  const Expr& expr = strip_parens(site.env, left);
  if (expr.kind != ExprKind::op || expr.op != Op::bit_and) return is_selector(site, selector, expr);
  const bool first = is_selector(site, selector, strip_parens(site.env, expr.operands[0]));
  if (!first && !is_selector(site, selector, strip_parens(site.env, expr.operands[1]))) return false;
  const Value mask = evaluate(eval_of(site), expr.operands[first ? 1 : 0]);
  return mask.kind == Value::Kind::number && (selector.bits & ~low_bits(mask.number, 64)) == 0;
}

Commands compared_with(const Site& site, const Selector& selector, const Expr& expr) {
  if (!tests_command(site, selector, expr.operands[0])) return std::nullopt;
  const Value value = evaluate(eval_of(site), expr.operands[1]);
  std::vector<target::Command> found;
  const auto add = [&](target::ConstantId constant, Int number) {
    found.push_back({constant, low_bits(number, selector.arg->width) & selector.bits, selector.bits});
  };
  if (value.kind == Value::Kind::number) {
    add(value.parts.size() == 1 ? value.parts[0].constant : target::ConstantId{}, value.number);
    return found;
  }
  if (value.kind != Value::Kind::set) return std::nullopt;
  for (const Element& element : value.elements) {
    if (element.hole.valid() ||
        element.last - element.first >= static_cast<Int>(limits::kSelectorCommands - found.size()))
      return std::nullopt;
    for (Int number = element.first; number <= element.last; ++number) {
      add(element.first == element.last ? element.constant : target::ConstantId{}, number);
    }
  }
  return found;
}

// The commands with which the condition can hold (or can fail to).
Commands commands_if(const Site& site, const Selector& selector, ExprId id, bool holds) {
  const Expr& expr = strip_parens(site.env, id);
  if (expr.kind != ExprKind::op) return std::nullopt;
  if (expr.op == Op::not_) return commands_if(site, selector, expr.operands[0], !holds);
  if (expr.op == Op::or_ || expr.op == Op::and_) {
    const bool is_either = (expr.op == Op::or_) == holds;
    std::vector<target::Command> all;
    for (ExprId operand : expr.operands) {
      const Commands here = commands_if(site, selector, operand, holds);
      if (here && !is_either) return here;
      if (!here && is_either) return std::nullopt;
      if (here) all.insert(all.end(), here->begin(), here->end());
    }
    return is_either && all.size() <= limits::kSelectorCommands ? Commands(std::move(all)) : std::nullopt;
  }
  const bool fixes = holds ? expr.op == Op::eq || expr.op == Op::in : expr.op == Op::ne || expr.op == Op::not_in;
  return fixes ? compared_with(site, selector, expr) : std::nullopt;
}

// ---- what they make of a test ----

Condition never() {
  Condition condition;
  condition.kind = Condition::Kind::never;
  return condition;
}

CondId fixed_truth(std::vector<Condition>& conditions, bool truth) {
  return truth ? kAlways : add_condition(conditions, never());
}

// As a register holds it: 2^64 - 1 is -1.
Int in_register(Int value) { return value >= Int{1} << 63 ? value - (Int{1} << 64) : value; }

// Those values that the kernel can see in its bits of the register.
std::vector<ValueRange> visible(const std::vector<ValueRange>& values, Bounds range) {
  std::vector<ValueRange> kept;
  for (const ValueRange& value : values) {
    if (value.first == value.last) {
      const Int number = in_register(value.first);
      if (fits_width(number, kNarrowBits)) kept.push_back({number, number});
      continue;
    }
    const ValueRange cut{std::max(value.first, range.low), std::min(value.last, range.high)};
    if (cut.first <= cut.last) kept.push_back(cut);
  }
  return kept;
}

// An order that every value or none fulfils; nullopt if it depends.
std::optional<bool> decides(Compare op, Int value, Bounds range) {
  const bool none_below = value <= range.low;
  const bool all_below = value > range.high;
  const bool none_up_to = value < range.low;
  const bool all_up_to = value >= range.high;
  const auto either = [](bool yes, bool no) { return yes || no ? std::optional(yes) : std::nullopt; };
  switch (op) {
    case Compare::lt: return either(all_below, none_below);
    case Compare::le: return either(all_up_to, none_up_to);
    case Compare::gt: return either(none_up_to, all_up_to);
    case Compare::ge: return either(none_below, all_below);
    case Compare::eq:
    case Compare::ne:
    case Compare::in:
    case Compare::not_in: return std::nullopt;
  }
  CHECK(false);
}

// What is asked of a value none of whose bits the kernel reads: 0.
bool holds_for_zero(const Test& test) {
  const Int value = test.values.empty() ? 0 : test.values.front().first;
  const bool is_in =
      std::ranges::any_of(test.values, [](const ValueRange& range) { return range.first <= 0 && range.last >= 0; });
  switch (test.op) {
    case Compare::eq:
    case Compare::in: return is_in;
    case Compare::ne:
    case Compare::not_in: return !is_in;
    case Compare::lt: return 0 < value;
    case Compare::le: return 0 <= value;
    case Compare::gt: return 0 > value;
    case Compare::ge: return 0 >= value;
  }
  CHECK(false);
}

// The test of the bits that the kernel reads.
CondId narrowed(std::vector<Condition>& conditions, Test test) {
  test.arg.width = kNarrowBits;
  test.arg.slots.high.reset();
  if (low_bits(static_cast<Int>(test.mask), kNarrowBits) == 0) return fixed_truth(conditions, holds_for_zero(test));
  const Bounds range = bounds(kNarrowBits, test.arg.is_signed);
  const bool is_order = test.op >= Compare::lt && test.op <= Compare::ge;
  if (is_order) {
    if (const auto truth = decides(test.op, test.values.front().first, range)) return fixed_truth(conditions, *truth);
  } else {
    test.values = visible(test.values, range);
    if (test.values.empty() && test.holes.empty())
      return fixed_truth(conditions, test.op == Compare::ne || test.op == Compare::not_in);
  }
  Condition condition;
  condition.kind = Condition::Kind::test;
  condition.test = std::move(test);
  return add_condition(conditions, std::move(condition));
}

CondId equals(std::vector<Condition>& conditions, const target::Arg& arg, uint64_t mask,
              std::vector<ValueRange> values) {
  Condition condition;
  condition.kind = Condition::Kind::test;
  ArgRef ref;
  ref.slots = arg.slots;
  ref.width = arg.width;
  ref.is_signed = arg.is_signed;
  if (ref.width <= 32) ref.slots.high.reset();
  condition.test = {ref, mask, Compare::in, std::move(values), {}};
  return add_condition(conditions, std::move(condition));
}

// The command and the second selector of a row, `option == PR_SET_MM && arg2 == PR_SET_MM_EXE_FILE`.
CondId both_selectors(const Site& site, const Selector& selector, const target::CommandArg& row) {
  const target::CallId call(site.call);
  const std::string_view command = target::constant_name(row.command);
  const target::Arg* found = find_arg(*site.args, target::second_selector(call, command));
  CHECK(found != nullptr);
  target::Arg second = *found;
  for (const target::DependentArg& meaning : target::dependent_args(call, command)) {
    if (meaning.arg == second.name && meaning.width != 0) second.width = std::min(meaning.width, second.width);
  }
  const Int value = *target::constant_value(row.command, site.abi);
  const Int other = *target::constant_value(row.second, site.abi);
  return all_of(*site.conditions, {equals(*site.conditions, *selector.arg, selector.bits, {{value, value}}),
                                   equals(*site.conditions, second, ~uint64_t{0}, {{other, other}})});
}

CondId any_of(std::vector<Condition>& conditions, std::vector<CondId> operands) {
  if (operands.size() == 1) return operands[0];
  Condition any;
  any.kind = Condition::Kind::any;
  any.operands = std::move(operands);
  return add_condition(conditions, std::move(any));
}

// One of the commands with which the kernel reads less.
CondId is_narrow_command(const Site& site, const Left& left) {
  const auto selector = selector_of_call(site);
  CHECK(selector.has_value());
  std::vector<ValueRange> values;
  std::vector<CondId> ways;
  for (const target::CommandArg& row : left.narrow) {
    const Int value = *target::constant_value(row.command, site.abi);
    if (!row.second.valid()) {
      values.push_back({value, value});
    } else {
      ways.push_back(both_selectors(site, *selector, row));
    }
  }
  if (!values.empty()) ways.push_back(equals(*site.conditions, *selector->arg, selector->bits, std::move(values)));
  return any_of(*site.conditions, std::move(ways));
}

// Whether a command of the row's value may stand beside the test.
bool may_stand_beside(const Site& site, const target::CommandArg& row) {
  const auto value = static_cast<uint64_t>(*target::constant_value(row.command, site.abi));
  return site.selected.empty() || std::ranges::any_of(site.selected, [&](const target::Command& command) {
           return (value & command.bits) == command.value;
         });
}

}  // namespace

bool may_lie_in_upper_half(const Site& site, const target::Arg& arg) {
  if (!Facts::is_builtin(site.call)) return false;
  return std::ranges::any_of(target::upper_half_commands(target::CallId(site.call), site.abi, arg),
                             [&](const target::CommandArg& row) { return may_stand_beside(site, row); });
}

std::vector<target::Command> commands_beside(const Site& site, std::span<const ExprId> operands, bool hold) {
  const auto selector = selector_of_call(site);
  if (!selector || operands.size() < 2) return {};
  for (ExprId operand : operands) {
    if (auto commands = commands_if(site, *selector, operand, hold)) return *commands;
  }
  return {};
}

void specialize(const Site& site, const target::Arg& arg, Left& left) {
  const auto selector = selector_of_call(site);
  if (!selector || selector->arg->slots.low == arg.slots.low) return;
  const target::CallId call(site.call);
  const target::SharedMeaning shared = target::shared_meaning(call, site.abi, site.selected, arg);
  if (shared.type) {
    const target::ArgType& type = target::arg_type(*shared.type);
    left.type = *shared.type;
    left.by_command = true;
    left.is_pointer = type.kind == target::TypeKind::pointer;
    left.ref.is_signed = type.is_signed || type.kind == target::TypeKind::fd || type.kind == target::TypeKind::pid;
  } else if (const auto other = target::shared_meaning(call, site.abi, site.left_over, arg).type;
             other && target::arg_type(*other).kind != target::TypeKind::pointer) {
    left.type = *other;
    left.by_command = true;
  }
  if (shared.width) {
    left.ref.width = *shared.width;
    left.ref.slots.high.reset();
    return;
  }
  left.narrow = target::narrow_commands(call, site.abi, arg);
  std::erase_if(left.narrow, [&](const target::CommandArg& row) { return !may_stand_beside(site, row); });
}

bool depends_on_command(const Left& left, const Test& test) {
  return !left.narrow.empty() && test.arg.width > kNarrowBits &&
         low_bits(static_cast<Int>(test.mask), test.arg.width) >> kNarrowBits != 0;
}

CondId split_by_command(const Site& site, const Left& left, Test test) {
  std::vector<Condition>& conditions = *site.conditions;
  const CondId is_narrow = is_narrow_command(site, left);
  const CondId narrow = narrowed(conditions, test);
  Condition wide;
  wide.kind = Condition::Kind::test;
  wide.test = std::move(test);
  const CondId is_wide = negation_of(conditions, is_narrow);
  const CondId with_wide = all_of(conditions, {is_wide, add_condition(conditions, std::move(wide))});
  const CondId with_narrow = all_of(conditions, {is_narrow, narrow});
  return any_of(conditions, {with_narrow, with_wide});
}

}  // namespace sbpc::sema
