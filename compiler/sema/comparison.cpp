// comparison.cpp: the shape of a comparison. One argument on the left, constants on the right; every other shape is
// explained.
#include "sema/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "ast/operators.h"
#include "base/check.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/commands.h"
#include "sema/conditions.h"
#include "sema/unknown.h"
#include "target/multiplexers.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

std::string text_of(const Site& site, ExprId id) { return std::string(site.context.text(site.env.at(id).span)); }
std::string text_of(const Site& site, const Expr& expr) { return std::string(site.context.text(expr.span)); }

struct OpWords {
  Op op;
  std::string_view spelling;
  Op mirrored;
};
constexpr OpWords kMirrors[] = {
    {Op::eq, "==", Op::eq}, {Op::ne, "!=", Op::ne}, {Op::lt, "<", Op::gt},
    {Op::le, "<=", Op::ge}, {Op::gt, ">", Op::lt},  {Op::ge, ">=", Op::le},
};

const OpWords* mirror_of(Op op) {
  const auto* row = std::ranges::find(kMirrors, op, &OpWords::op);
  return row == std::end(kMirrors) ? nullptr : row;
}

std::string spelling_of(Op op) {
  const OpWords* row = mirror_of(op);
  return row == nullptr ? std::string() : std::string(row->spelling);
}

// `1 == flags`.
void report_reversed(const Site& site, const Expr& expr) {
  const OpWords* row = mirror_of(expr.op);
  auto report = site.context.report(kinds::ReversedComparison, expr.span, text_of(site, expr));
  if (row == nullptr) return;
  const std::string fixed =
      text_of(site, expr.operands[1]) + " " + spelling_of(row->mirrored) + " " + text_of(site, expr.operands[0]);
  report.note("write `" + fixed + "`").fix("swap the sides", expr.span, fixed, true);
}

bool is_rising(Op op) { return op == Op::le || op == Op::lt; }

// `fd == 1 | fd == 2` is `fd == (1 | fd) == 2`: the `|` or `&` that was to join the last comparison of the chain to
// those before it.
std::optional<Op> joined_by(const Site& site, const Expr& expr) {
  const Expr& left = site.env.at(expr.operands[0]);
  if (!is_comparison(left)) return std::nullopt;
  const Expr& middle = site.env.at(left.operands[1]);
  if (middle.kind != ExprKind::op || (middle.op != Op::bit_or && middle.op != Op::bit_and)) return std::nullopt;
  return mentions_argument(site, middle.operands[1], true) ? std::optional(middle.op) : std::nullopt;
}

void report_joined(const Site& site, const Expr& expr, diag::Builder& report) {
  const Expr& left = site.env.at(expr.operands[0]);
  const Expr& middle = site.env.at(left.operands[1]);
  const auto before = joined_by(site, left);
  if (before && *before != middle.op) {  // `fd == 1 | fd == 2 & count == 3`: who knows what goes with what
    report.note("`|` and `&` join bits: join conditions with `||` and `&&`, where `A || B && C` is `A || (B && C)`");
    return;
  }
  const Op op = middle.op == Op::bit_or ? Op::or_ : Op::and_;
  const Span first{left.span.file, left.span.begin, site.env.at(middle.operands[0]).span.end};
  const Span second = join(site.env.at(middle.operands[1]).span, site.env.at(expr.operands[1]).span);
  const std::string fixed = in_place(site, op,
                                     std::string(site.context.text(first)) + (op == Op::or_ ? " || " : " && ") +
                                         std::string(site.context.text(second)));
  // `!fd == 1 | fd == 2` may have been meant to negate the first alone.
  const bool is_safe = site.around != Op::not_;
  report.note("write `" + fixed + "`: `|` and `&` join bits, `||` and `&&` conditions")
      .fix("join the comparisons", expr.span, fixed, is_safe);
}

// `1 <= x <= 3`.
void report_chain(const Site& site, const Expr& expr) {
  auto report = site.context.report(kinds::ChainedComparison, expr.span, text_of(site, expr));
  const Expr& left = strip_parens(site.env, expr.operands[0]);
  if (!is_comparison(left)) {
    report.note("join two comparisons with `&&`");
    return;
  }
  if (joined_by(site, expr)) {
    report_joined(site, expr, report);
    return;
  }
  const std::string low = text_of(site, left.operands[0]);
  const std::string name = text_of(site, left.operands[1]);
  const std::string high = text_of(site, expr.operands[1]);
  if (left.op == Op::le && expr.op == Op::le) {
    const Expr& first = strip_parens(site.env, left.operands[0]);
    const Expr& last = strip_parens(site.env, expr.operands[1]);
    const bool is_empty =
        first.kind == ExprKind::integer && last.kind == ExprKind::integer && first.value > last.value;  // SB3011
    if (is_empty) {
      report.note("no value is both: `" + low + "` is above `" + high + "`");
      return;
    }
    const std::string fixed = name + " in " + low + ".." + high;
    report.note("both ends of a range are in: `" + fixed + "`").fix("write a range", expr.span, fixed, true);
  } else if (is_rising(left.op) && is_rising(expr.op)) {
    const std::string both =
        name + (left.op == Op::le ? " >= " : " > ") + low + " && " + name + " " + spelling_of(expr.op) + " " + high;
    const std::string fixed = in_place(site, Op::and_, both);
    report.note("write `" + fixed + "`").fix("write two comparisons", expr.span, fixed, true);
  } else {
    report.note("join two comparisons with `&&`");
  }
}

// Neither side speaks of an argument: a misspelt one, or constants only.
void report_no_argument(const Site& site, const Expr& expr) {
  const Expr* left = &strip_parens(site.env, expr.operands[0]);
  if (left->kind == ExprKind::op && left->op == Op::bit_and) left = &strip_parens(site.env, left->operands[0]);
  if (left->kind == ExprKind::error || strip_parens(site.env, expr.operands[1]).kind == ExprKind::error) return;
  if (left->kind == ExprKind::name && !is_value_name(site.context, site.env, left->name)) {
    if (site.args == nullptr) {
      site.context.report(kinds::NoSignature, left->span, left->name.last(), site.context.facts.name(site.call));
    } else {
      report_unknown_argument(site.context, {site.call, left->span, left->name.last()});
    }
    return;
  }
  auto report = site.context.report(kinds::NoArgumentCompared, expr.span, text_of(site, expr),
                                    site.context.facts.name(site.call));
  const std::string list = list_arguments(site.context, site.call);
  if (!list.empty()) report.note("its arguments are " + list);
}

// `x | 1`, `x + 1`, `flags & A | B`: what stands left of a comparison but is no masked argument.
void report_arithmetic(const Site& site, const Expr& expr) {
  if (expr.op != Op::bit_or) {
    site.context.report(kinds::ArithmeticOnArgument, expr.span, text_of(site, expr));
    return;
  }
  const Expr& left = strip_parens(site.env, expr.operands[0]);
  if (left.kind == ExprKind::op && left.op == Op::bit_and && mentions_argument(site, left.operands[0], false)) {
    const std::string fixed = text_of(site, left.operands[0]) + " & (" + text_of(site, left.operands[1]) + " | " +
                              text_of(site, expr.operands[1]) + ")";
    site.context.report(kinds::MaskPrecedence, expr.span, text_of(site, expr))
        .note("`&` binds tighter than `|`: write `" + fixed + "`")
        .fix("put the mask into parentheses", expr.span, fixed, true);
    return;
  }
  site.context.report(kinds::ArithmeticOnArgument, expr.span, text_of(site, expr));
}

// The call's arguments on an ABI where it has that one; empty if there is none.
std::vector<target::Arg> arguments_with(target::CallId call, std::string_view name) {
  for (const target::AbiInfo& row : target::abis()) {
    if (target::find_arg(call, row.abi, name))
      return target::call_args(call, row.abi).value_or(std::vector<target::Arg>());
  }
  return {};
}

// The call that takes the missing argument here and most of the others, too, and least beside: mmap2 for mmap, not
// pread64, which has an `fd` as well; _newselect for select, not pselect6. nullopt if none has the half of them.
std::optional<target::CallId> replacement(const Site& site, std::string_view name) {
  const target::CallId call(site.call);
  const std::vector<target::Arg> wanted = arguments_with(call, name);
  std::optional<target::CallId> best;
  std::pair<size_t, size_t> rank;  // arguments in common, and those that are not its own
  for (const target::Sibling& sibling : target::siblings_of(call, site.abi)) {
    const auto has = [&](const target::Arg& arg) {
      const auto found = target::find_arg(sibling.call, site.abi, arg.name);
      return found && found->type == arg.type;
    };
    const auto shared = static_cast<size_t>(std::ranges::count_if(wanted, has));
    const bool has_it =
        std::ranges::any_of(wanted, [&](const target::Arg& arg) { return arg.name == name && has(arg); });
    const size_t own = target::call_args(sibling.call, site.abi).value_or(std::vector<target::Arg>()).size();
    const std::pair here{shared, 6 - std::min<size_t>(own, 6)};
    if (!has_it || shared * 2 <= wanted.size() || here <= rank) continue;
    best = sibling.call;
    rank = here;
  }
  return best;
}

void report_missing_argument(const Site& site, const Expr& expr) {
  Context& context = site.context;
  const target::CallId call(site.call);
  if (context.lenient) return;
  const std::string here(target::info(site.abi).name);
  auto report =
      context.report(kinds::ArgumentNotOnAbi, expr.span, expr.name.last(), context.facts.name(site.call), here);
  switch (target::why_no_arg(call, site.abi, expr.name.last())) {
    case target::ArgAbsence::in_memory:
      report.note("there the call takes one pointer to its arguments, and a filter can't look behind a pointer");
      break;
    case target::ArgAbsence::on_stack: report.note("there it is passed on the stack, which a filter can't see"); break;
    case target::ArgAbsence::elsewhere:
      if (site.args != nullptr && !site.args->empty()) {
        std::string names;
        for (const target::Arg& arg : *site.args) names += (names.empty() ? "" : ", ") + std::string(arg.name);
        report.note("there its arguments are " + names);
      }
      break;
    case target::ArgAbsence::unknown: break;
  }
  if (const auto found = replacement(site, expr.name.last())) {
    const std::string other(target::call_name(*found));
    report.note("`" + other + "` has it there: write `on " + here + " { ... " + other + "(...) ... } else { ... }`");
    return;
  }
  report.note("write the statement for the other ABIs: `on " + here + " { ... } else { ... }`");
}

// semctl's SETVAL on big-endian machines.
void report_upper_half(const Site& site, const Expr& expr, const target::Arg& arg) {
  if (site.context.lenient) return;
  const std::string here(target::info(site.abi).name);
  site.context.report(kinds::UpperHalf, expr.span, expr.name.last(), site.context.facts.name(site.call), here)
      .note(fmt::format("write `on {} {{ ... ${} & 0xffffffff00000000 == VALUE << 32 ... }} else {{ ... }}`", here,
                        arg.slots.low));
}

// `close($5 == 9)`
void check_unread(const Site& site, const Expr& expr) {
  if (site.args == nullptr || !Facts::is_builtin(site.call) || site.context.lenient) return;
  const bool is_read = std::ranges::any_of(*site.args, [&](const target::Arg& arg) {
    return arg.slots.low == expr.value || (arg.slots.high && *arg.slots.high == expr.value);
  });
  if (is_read || target::find_multiplexer(target::CallId(site.call)) != nullptr) return;
  const std::string list = list_arguments(site.context, site.call);
  site.context
      .report(kinds::UnreadRegister, expr.span, site.context.text(expr.span), site.context.facts.name(site.call))
      .note(list.empty() ? "it takes no arguments" : "its arguments are " + list);
}

std::optional<Left> raw_slot(const Site& site, const Expr& expr) {
  check_unread(site, expr);
  Left left;
  left.ref.kind = ArgRef::Kind::raw;
  left.ref.slots.low = static_cast<uint8_t>(expr.value);
  left.ref.width = target::info(site.abi).register_bits;
  left.name = site.context.text(expr.span);
  left.name_span = left.span = expr.span;
  return left;
}

std::optional<Left> named_argument(const Site& site, const Expr& expr) {
  Left left;
  left.name = expr.name.last();
  left.name_span = left.span = expr.span;
  const target::Arg* arg = site.args == nullptr ? nullptr : find_arg(*site.args, expr.name.last());
  if (arg == nullptr && expr.name.last() == "ip") {
    left.ref.kind = ArgRef::Kind::instruction_pointer;
    return left;
  }
  if (arg == nullptr) {
    report_missing_argument(site, expr);
    return std::nullopt;
  }
  site.context.note_use({NameUse::Kind::argument, expr.span, {}, site.call});
  if (may_lie_in_upper_half(site, *arg)) {
    report_upper_half(site, expr, *arg);
    return std::nullopt;
  }
  left.ref.slots = arg->slots;
  left.ref.width = arg->width;
  left.ref.is_signed = arg->is_signed;
  left.is_pointer = arg->is_pointer;
  if (arg->type.valid()) left.type = arg->type;
  specialize(site, *arg, left);
  return left;
}

std::optional<Left> masked_argument(const Site& site, const Expr& expr) {
  const bool argument_first = mentions_argument(site, expr.operands[0], false);
  auto left = read_left(site, expr.operands[argument_first ? 0 : 1]);
  if (!left) return std::nullopt;
  if (left->masked) {
    site.context.report(kinds::MaskedTwice, expr.span, text_of(site, expr))
        .note("one mask is enough: `x & (A & B)`, or `x & (A | B)` if both were meant");
    return std::nullopt;
  }
  Site with_type = site;
  with_type.expected = left->type;
  const ExprId mask_id = expr.operands[argument_first ? 1 : 0];
  const Value mask = evaluate_number(eval_of(with_type), mask_id);
  const Span mask_span = site.env.at(mask_id).span;
  if (mask.kind == Value::Kind::hole) report_hole_misuse(site.context, mask_span, mask, "a mask");
  left->span = expr.span;
  left->masked = true;
  left->mask_expr = mask_id;
  left->mask_belongs = mask.belongs;
  left->mask_parts = mask.parts;
  left->via_parameter = mask.via_parameter || mask.kind != Value::Kind::number;
  if (mask.kind == Value::Kind::unknown) return left;
  if (mask.kind != Value::Kind::number) return std::nullopt;
  if (!fits_width(mask.number, left->ref.width)) {
    site.context.report(kinds::ValueTooWide, mask_span, text_of(site, mask_id), left->name, left->ref.width);
    return std::nullopt;
  }
  left->mask = low_bits(mask.number, left->ref.width);
  if (left->is_pointer) {
    report_pointer(site, *left, expr.span);
    return std::nullopt;
  }
  if (left->mask == 0 && !mask.via_parameter) {
    site.context.report(kinds::MaskZero, mask_span, text_of(site, mask_id));
    return std::nullopt;
  }
  return left;
}

}  // namespace

void report_pointer(const Site& site, const Left& left, Span span) {
  site.context.report(kinds::PointerCompared, span, left.name, site.context.facts.name(site.call))
      .note(
          "a filter sees the address in the register, not what lies behind it, and another thread could change that "
          "after the check")
      .note("only `" + std::string(left.name) +
            " == NULL` and `!= NULL` can be asked; to look at paths use Landlock, a user-notification supervisor, or "
            "descriptors opened beforehand");
}

bool is_comparison(const Expr& expr) {
  return expr.kind == ExprKind::op && (expr.op == Op::assign || ast::is_comparison(expr.op));
}

bool mentions_argument(const Site& site, ExprId id, bool as_value) {
  const Expr& expr = site.env.at(id);
  switch (expr.kind) {
    case ExprKind::raw: return true;
    case ExprKind::name:
      if (expr.name.parts.size() != 1 || (as_value && is_value_name(site.context, site.env, expr.name))) return false;
      return expr.name.last() == "ip" || names_argument(site, expr.name);
    case ExprKind::op:
    case ExprKind::paren:
      return std::ranges::any_of(expr.operands,
                                 [&](ExprId operand) { return mentions_argument(site, operand, as_value); });
    case ExprKind::integer:
    case ExprKind::character:
    case ExprKind::version:
    case ExprKind::boolean:
    case ExprKind::call:
    case ExprKind::group:
    case ExprKind::set:
    case ExprKind::range:
    case ExprKind::error: return false;
  }
  CHECK(false);
}

std::optional<Left> read_left(const Site& site, ExprId id) {
  const Expr& expr = strip_parens(site.env, id);
  if (expr.kind == ExprKind::raw) return raw_slot(site, expr);
  if (expr.kind == ExprKind::name) return named_argument(site, expr);
  if (expr.kind == ExprKind::op && expr.op == Op::bit_and) {
    const bool first = mentions_argument(site, expr.operands[0], false);
    const bool second = mentions_argument(site, expr.operands[1], true);
    if (first != second) return masked_argument(site, expr);
    site.context.report(kinds::TwoArguments, expr.span, text_of(site, expr));
    return std::nullopt;
  }
  if (expr.kind == ExprKind::op) report_arithmetic(site, expr);
  return std::nullopt;
}

Built comparison(const Site& site, const Expr& expr) {
  const ExprId left_id = expr.operands[0];
  const ExprId right_id = expr.operands[1];
  if (expr.op == Op::assign) {
    site.context.report(kinds::AssignInCondition, expr.op_span).fix("write `==`", expr.op_span, "==", true);
    return {};
  }
  if (is_comparison(strip_parens(site.env, left_id)) || is_comparison(strip_parens(site.env, right_id))) {
    report_chain(site, expr);
    return {};
  }
  const bool left_speaks = mentions_argument(site, left_id, false);
  const bool right_speaks = mentions_argument(site, right_id, true);
  if (!left_speaks && right_speaks) {
    report_reversed(site, expr);
  } else if (left_speaks && right_speaks) {
    site.context.report(kinds::TwoArguments, expr.span, text_of(site, expr));
  } else if (!left_speaks) {
    report_no_argument(site, expr);
  } else if (const auto left = read_left(site, left_id)) {
    return make_test(site, *left, expr);
  }
  return {};
}

}  // namespace sbpc::sema
