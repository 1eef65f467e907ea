// test_values.cpp: the right side of a comparison against the argument on its left: does it fit, does it belong, can it
// ever hold.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/policy_limits.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/commands.h"
#include "sema/comparison.h"
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

struct Checked {
  const Site& site;
  const Left& left;
  const Expr& expr;  // the comparison
  const Value& value;
  [[nodiscard]] bool literal() const { return !left.via_parameter && !value.via_parameter; }
  [[nodiscard]] Span right() const { return site.env.at(expr.operands[1]).span; }
};

Condition::Kind kind_of(bool truth) { return truth ? Condition::Kind::always : Condition::Kind::never; }

Built constant(const Checked& test, bool truth) {
  if (truth) return {kAlways, false, test.expr.span};
  Condition never;
  never.kind = kind_of(false);
  return {add_condition(*test.site.conditions, std::move(never)), false, test.expr.span};
}

// A test that the values decide on their own.
Built decided(const Checked& test, bool truth) {
  if (test.literal()) {
    test.site.context.report(truth ? kinds::AlwaysTrue : kinds::AlwaysFalse, test.expr.span,
                             test.site.context.text(test.expr.span));
  }
  return constant(test, truth);
}

Built finish(const Checked& test, Test made) {
  made.span = test.expr.span;
  if (depends_on_command(test.left, made))
    return {split_by_command(test.site, test.left, std::move(made)), false, test.expr.span};
  Condition condition;
  condition.kind = Condition::Kind::test;
  const bool literal = test.literal() && made.holes.empty();
  condition.test = std::move(made);
  return {add_condition(*test.site.conditions, std::move(condition)), literal, test.expr.span};
}

// ---- does it belong ----

bool lists(const Belongs& belongs, target::TypeId type) {
  return std::ranges::find(belongs.types, type) != belongs.types.end();
}

// Whether some command of the call gives an argument that type: SIGKILL is known to prctl.
bool some_command_takes(const Site& site, const Belongs& belongs) {
  const target::CallId call(site.call);
  return std::ranges::any_of(*site.args, [&](const target::Arg& arg) {
    const auto rows = target::command_args(call, arg.name);
    return std::ranges::any_of(rows, [&](const target::CommandArg& row) { return lists(belongs, row.meaning.type); });
  });
}

// Flags and enumerations have a meaning in the words that they are made for, and a plain number is none of them.
bool is_of_words(const Belongs& belongs) {
  return std::ranges::all_of(belongs.types, [](target::TypeId type) {
    const target::TypeKind kind = target::arg_type(type).kind;
    return kind == target::TypeKind::flags || kind == target::TypeKind::enumeration;
  });
}

// `lseek(offset == SEEK_SET)`, `futex(futex_op == FUTEX_WAKE, val == PROT_READ)`: a plain number takes no constants of
// the argument beside it, and no flags and values of enumerations. Where one argument says what another means
// (`fcntl`'s arg), anything may be meant until the command is known; then a number takes no constants of other
// commands, and one with constants of its own (a key's serial) no others.
bool belongs_beside(const Site& site, const Left& left, const Belongs& belongs) {
  if (belongs.how != Belongs::How::listed || site.args == nullptr || !Facts::is_builtin(site.call)) return false;
  const bool has_commands = !target::selector_of(target::CallId(site.call)).empty();
  if (has_commands && !left.by_command) return false;
  const target::ArgType& type = target::arg_type(*left.type);
  if (type.kind != target::TypeKind::integer) return false;
  if (!type.constants.empty()) return has_commands && !lists(belongs, *left.type);
  const bool carries_another_calls = target::find_multiplexer(target::CallId(site.call)) != nullptr;  // ipc's `second`
  if ((is_of_words(belongs) && !carries_another_calls) || (has_commands && some_command_takes(site, belongs)))
    return true;
  return std::ranges::any_of(*site.args, [&](const target::Arg& arg) { return lists(belongs, arg.type); });
}

bool fits_argument(const Site& site, const Left& left, const Belongs& belongs) {
  const bool is_mixed = belongs.how == Belongs::How::listed && belongs.types.empty();  // `O_CREAT | PROT_EXEC`
  if (is_mixed) return false;
  return !left.type ||
         (compatible(belongs, belongs_to(site.context, *left.type)) && !belongs_beside(site, left, belongs));
}

// "here `arg` takes FD_CLOEXEC"; the type may be that of a command.
std::string some_constants(const Checked& test) {
  constexpr size_t kShown = 4;
  if (!test.left.type) return {};
  const auto& constants = target::arg_type(*test.left.type).constants;
  std::string text;
  for (size_t i = 0; i < constants.size() && i < kShown; ++i)
    text += (i == 0 ? "`" : ", `") + std::string(constants[i]) + "`";
  if (text.empty()) return text;
  return "here `" + std::string(test.left.name) + "` takes " + text + (constants.size() > kShown ? " ..." : "");
}

// "`arg` takes it with `cmd == F_SETFD`": the constant is right and the command beside it another one's. Empty if no
// command takes it.
std::string right_command(const Checked& test, const Belongs& belongs) {
  const Site& site = test.site;
  if (site.selected.empty() || site.args == nullptr || belongs.how != Belongs::How::listed) return {};
  const target::CallId call(site.call);
  const std::string_view selector = target::selector_of(call);
  const target::Arg* commands = find_arg(*site.args, selector);
  if (commands == nullptr || !commands->type.valid()) return {};
  for (const std::string_view command : target::arg_type(commands->type).constants) {
    for (const auto& row : target::dependent_args(call, command)) {
      if (row.arg != test.left.name || std::ranges::find(belongs.types, row.type) == belongs.types.end()) continue;
      return "`" + std::string(row.arg) + "` takes it with `" + std::string(selector) + " == " + std::string(command) +
             "`";
    }
  }
  return {};
}

// `PROT_EXEC` against `flags`: says which argument was probably meant.
void report_wrong_constant(const Checked& test, const Expr& leaf, const Belongs& belongs) {
  Context& context = test.site.context;
  const std::string text(context.text(leaf.span));
  auto report =
      context.report(kinds::WrongConstant, leaf.span, text, context.facts.name(test.site.call), test.left.name);
  const auto takes_it = [&](const target::Arg& arg) {
    return belongs.how == Belongs::How::listed && arg.slots.low != test.left.ref.slots.low &&
           std::ranges::find(belongs.types, arg.type) != belongs.types.end();
  };
  const auto other = test.site.args == nullptr ? std::vector<target::Arg>::const_iterator()
                                               : std::ranges::find_if(*test.site.args, takes_it);
  if (test.site.args != nullptr && other != test.site.args->end()) {
    report.note("it is a value of `" + std::string(other->name) + "`")
        .fix("test `" + std::string(other->name) + "`", test.left.name_span, std::string(other->name));
    return;
  }
  const std::string command = right_command(test, belongs);
  const std::string example = command.empty() ? example_argument(context, belongs) : std::string();
  if (!command.empty()) report.note(command);
  if (!example.empty()) report.note("it is " + example);
  const std::string taken = some_constants(test);
  if (!taken.empty()) report.note(taken);
}

// Finds the constant that does not belong and reports it.
bool blame(const Checked& test, ExprId id) {
  const Expr& expr = strip_parens(test.site.env, id);
  if (expr.kind == ExprKind::op && (expr.op == Op::bit_or || expr.op == Op::bit_and)) {
    return blame(test, expr.operands[0]) || blame(test, expr.operands[1]);
  }
  const Value value = evaluate(eval_of(test.site), id);
  if (is_poison(value) || fits_argument(test.site, test.left, value.belongs)) return false;
  report_wrong_constant(test, expr, value.belongs);
  return true;
}

bool check_belongs(const Checked& test, const Belongs& belongs, ExprId id) {
  if (fits_argument(test.site, test.left, belongs)) return true;
  const Span span = test.site.env.at(id).span;
  if (!blame(test, id)) test.site.context.report(kinds::MixedTypes, span, test.site.context.text(span));
  return false;
}
bool check_belongs(const Checked& test) { return check_belongs(test, test.value.belongs, test.expr.operands[1]); }

// ---- does it fit ----

std::string range_note(const Left& left) {
  const Bounds range = bounds(left.ref.width, left.ref.is_signed);
  return "`" + std::string(left.name) + "` has " + std::to_string(left.ref.width) + " bits" +
         (left.ref.is_signed ? ", signed" : "") + ": " + to_string(range.low) + " to " + to_string(range.high);
}

bool check_width(const Checked& test, Int number, Span span) {
  if (fits_width(number, test.left.ref.width)) return true;
  test.site.context.report(kinds::ValueTooWide, span, test.site.context.text(span), test.left.name, test.left.ref.width)
      .note(range_note(test.left));
  return false;
}

bool check_order(const Checked& test, Int number, Span span) {
  const Bounds range = bounds(test.left.ref.width, test.left.ref.is_signed);
  if (number >= range.low && number <= range.high) return true;
  test.site.context.report(kinds::OutOfOrder, span, test.site.context.text(span), test.left.name)
      .note(range_note(test.left));
  return false;
}

// Bits that the mask removes can't be asked for.
bool check_mask(const Checked& test, Int number, Span span) {
  if (!test.left.masked || (low_bits(number, test.left.ref.width) & ~test.left.mask) == 0) return true;
  if (!test.literal()) return true;
  test.site.context.report(kinds::OutsideMask, span, test.site.context.text(span),
                           test.site.context.text(test.left.span));
  return false;
}

// `ipc(call == SEMGET)`: the kernel takes the call from some bits of the selector only. Who writes other bits, too,
// means them.
void check_selector(const Checked& test, const Test& made) {
  const Site& site = test.site;
  if (!test.literal() || test.left.masked || made.arg.kind != ArgRef::Kind::argument || !Facts::is_builtin(site.call))
    return;
  const target::Multiplexer* row = target::find_multiplexer(target::CallId(site.call));
  if (row == nullptr || row->mask == ~uint32_t{0} || made.arg.slots.low != 0) return;
  const bool has_others = std::ranges::any_of(
      made.values, [&](const ValueRange& range) { return range.first < 0 || range.last > Int{row->mask}; });
  if (has_others) return;
  const Span name = test.left.name_span;
  const std::string mask = fmt::format(" & {:#x}", row->mask);
  site.context
      .report(kinds::SelectorVersion, test.expr.span, site.context.text(test.expr.span), test.left.name,
              std::popcount(row->mask))
      .fix("write `" + std::string(test.left.name) + mask + "`", Span{name.file, name.end, name.end}, mask);
}

// ---- holes ----

std::optional<HoleId> checked_hole(const Checked& test, HoleId id, Span span) {
  const Hole& hole = test.site.context.holes[id.value];
  Value value;
  value.hole = id;
  if (test.left.masked) {
    report_hole_misuse(test.site.context, span, value, "compared with a masked argument");
    return std::nullopt;
  }
  if (hole.width != test.left.ref.width) {
    test.site.context.report(kinds::HoleWidth, span, hole.name, hole.width, test.left.name, test.left.ref.width)
        .label(hole.span, "declared here");
    return std::nullopt;
  }
  return id;
}

// ---- one operator each ----

bool is_null(const Value& value) {
  return value.kind == Value::Kind::number && value.belongs.how == Belongs::How::kind &&
         value.belongs.kind == target::TypeKind::pointer;
}

Built equality(const Checked& test) {
  const Span right = test.right();
  Test made{test.left.ref, test.left.mask, test.expr.op == Op::eq ? Compare::eq : Compare::ne, {}, {}};
  if (test.left.is_pointer && !is_null(test.value) && test.value.kind != Value::Kind::unknown) {
    report_pointer(test.site, test.left, test.expr.span);
    return {};
  }
  if (!check_belongs(test)) return {};
  if (test.value.kind == Value::Kind::hole) {
    const auto hole = checked_hole(test, test.value.hole, right);
    if (!hole) return {};
    made.holes.push_back(*hole);
    return finish(test, std::move(made));
  }
  if (test.value.kind == Value::Kind::unknown || !check_joined(test.site, test.left, test.expr, test.value) ||
      !check_width(test, test.value.number, right) || !check_mask(test, test.value.number, right))
    return {};
  made.values.push_back({test.value.number, test.value.number});
  check_selector(test, made);
  return finish(test, std::move(made));
}

Built order(const Checked& test) {
  const Span right = test.right();
  if (test.left.is_pointer) {
    report_pointer(test.site, test.left, test.expr.span);
    return {};
  }
  if (!check_belongs(test)) return {};
  if (test.value.kind == Value::Kind::hole) report_hole_misuse(test.site.context, right, test.value, "ordered");
  if (test.value.kind != Value::Kind::number || !check_order(test, test.value.number, right)) return {};
  const Bounds range = bounds(test.left.ref.width, test.left.ref.is_signed);
  const Int number = test.value.number;
  const Op op = test.expr.op;
  if ((op == Op::ge && number == range.low) || (op == Op::le && number == range.high)) return decided(test, true);
  if ((op == Op::lt && number == range.low) || (op == Op::gt && number == range.high)) return decided(test, false);
  Compare compare = Compare::lt;
  if (op == Op::le) compare = Compare::le;
  if (op == Op::gt) compare = Compare::gt;
  if (op == Op::ge) compare = Compare::ge;
  return finish(test, {test.left.ref, test.left.mask, compare, {{number, number}}, {}});
}

bool add_element(const Checked& test, const Element& element, Test& made) {
  if (element.hole.valid()) {
    const auto hole = checked_hole(test, element.hole, element.span);
    if (hole) made.holes.push_back(*hole);
    return hole.has_value();
  }
  Value value;
  value.kind = Value::Kind::number;
  value.belongs = element.belongs;
  if (!fits_argument(test.site, test.left, value.belongs)) {
    const Checked inner{test.site, test.left, test.expr, value};
    Expr leaf;
    leaf.span = element.span;
    report_wrong_constant(inner, leaf, value.belongs);
    return false;
  }
  if (element.first == element.last) {
    if (!check_width(test, element.first, element.span) || !check_mask(test, element.first, element.span)) return false;
  } else if (!check_order(test, element.first, element.span) || !check_order(test, element.last, element.span)) {
    return false;
  }
  made.values.push_back({element.first, element.last});
  return true;
}

// An element written twice in one literal set.
void check_repeats(const Checked& test) {
  const Expr& set = strip_parens(test.site.env, test.expr.operands[1]);
  if (set.kind != ExprKind::set || set.operands.size() > 4096) return;
  std::vector<std::pair<std::string_view, Span>> texts;
  for (ExprId id : set.operands)
    texts.emplace_back(test.site.context.text(test.site.env.at(id).span), test.site.env.at(id).span);
  std::ranges::stable_sort(texts, {}, [](const auto& entry) { return entry.first; });
  for (size_t i = 1; i < texts.size(); ++i) {
    if (texts[i].first != texts[i - 1].first) continue;
    test.site.context.report(kinds::RepeatedElement, texts[i].second, texts[i].first)
        .label(texts[i - 1].second, "first written here");
  }
}

// Whether the policy may compare with so many values more; the first that is too many is reported.
bool has_room(const Checked& test, size_t more) {
  size_t& count = test.site.context.test_values;
  const bool was_full = count > limits::kTestValues;
  if (!was_full) count += more;
  if (count > limits::kTestValues && !was_full)
    test.site.context.report(kinds::TooManyValues, test.expr.span, limits::kTestValues);
  return count <= limits::kTestValues;
}

Built membership(const Checked& test) {
  const bool negated = test.expr.op == Op::not_in;
  if (test.left.is_pointer) {
    report_pointer(test.site, test.left, test.expr.span);
    return {};
  }
  if (test.value.kind == Value::Kind::unknown) return {};
  if (!has_room(test, test.value.elements.size())) return {};
  Test made{test.left.ref, test.left.mask, negated ? Compare::not_in : Compare::in, {}, {}};
  made.values.reserve(test.value.elements.size());
  for (const Element& element : test.value.elements) {
    if (!add_element(test, element, made)) return {};
  }
  check_repeats(test);
  if (!made.values.empty()) check_selector(test, made);
  if (!made.values.empty() || !made.holes.empty()) return finish(test, std::move(made));
  if (test.literal()) {
    test.site.context.report(kinds::EmptySet, test.right(), test.site.context.text(test.expr.span),
                             negated ? "always" : "never");
  }
  return constant(test, negated);
}

Built flags(const Checked& test) {
  const Span right = test.right();
  if (test.left.is_pointer) {
    report_pointer(test.site, test.left, test.expr.span);
    return {};
  }
  if (!check_belongs(test)) return {};
  if (test.value.kind == Value::Kind::hole)
    report_hole_misuse(test.site.context, right, test.value, "taken apart into bits");
  if (test.value.kind != Value::Kind::number || !check_width(test, test.value.number, right)) return {};
  const uint64_t bits = low_bits(test.value.number, test.left.ref.width);
  const uint64_t mask = low_bits(static_cast<Int>(test.left.mask), test.left.ref.width);
  if (!check_flags(test.site, test.left, test.expr, test.value)) return {};
  if (test.expr.op == Op::only) {
    const uint64_t others = low_bits(static_cast<Int>(~bits & mask), test.left.ref.width);
    if (others == 0) return decided(test, true);
    return finish(test, {test.left.ref, others, Compare::eq, {{0, 0}}, {}});
  }
  if (bits == 0) {
    if (test.literal()) test.site.context.report(kinds::MaskZero, right, test.site.context.text(right));
    return constant(test, test.expr.op != Op::any);
  }
  if (test.expr.op == Op::has ? (bits & ~mask) != 0 : (bits & mask) == 0) {
    if (test.literal())
      test.site.context.report(kinds::OutsideMask, right, test.site.context.text(right),
                               test.site.context.text(test.left.span));
    return constant(test, test.expr.op == Op::lacks);
  }
  const auto number = static_cast<Int>(bits);
  if (test.expr.op == Op::has) return finish(test, {test.left.ref, bits, Compare::eq, {{number, number}}, {}});
  return finish(test, {test.left.ref, bits & mask, test.expr.op == Op::any ? Compare::ne : Compare::eq, {{0, 0}}, {}});
}

// ---- the right kind of value for the operator ----

bool check_shape(const Site& site, const Expr& expr, const Value& value) {
  const bool wants_set = expr.op == Op::in || expr.op == Op::not_in;
  const Value::Kind wanted = wants_set ? Value::Kind::set : Value::Kind::number;
  if (shape_of(value) == wanted) return true;
  const Span right = site.env.at(expr.operands[1]).span;
  const std::string_view op = site.context.text(expr.op_span);
  auto report = site.context.report(kinds::WrongOperand, right, op, describe(wanted), site.context.text(right));
  report.under("this is " + std::string(describe(shape_of(value))));
  if (shape_of(value) == Value::Kind::set && (expr.op == Op::eq || expr.op == Op::ne)) {
    report.fix(expr.op == Op::eq ? "write `in`" : "write `!in`", expr.op_span, expr.op == Op::eq ? "in" : "!in", true);
  } else if (shape_of(value) == Value::Kind::number && wants_set) {
    report.fix(expr.op == Op::in ? "write `==`" : "write `!=`", expr.op_span, expr.op == Op::in ? "==" : "!=", true);
  }
  return false;
}

}  // namespace

Built make_test(const Site& outer, const Left& left, const Expr& expr) {
  Site site = outer;
  site.expected = left.type;
  const Value value = evaluate(eval_of(site), expr.operands[1]);
  if (is_poison(value) || !check_shape(site, expr, value)) return {};
  const Checked test{site, left, expr, value};
  if (!test.literal()) ++site.context.parameters_read;
  check_modes(site, left, expr.operands[1]);
  if (left.masked && !check_belongs(test, left.mask_belongs, left.mask_expr)) return {};
  switch (expr.op) {
    case Op::eq:
    case Op::ne: return equality(test);
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge: return order(test);
    case Op::in:
    case Op::not_in: return membership(test);
    case Op::has:
    case Op::any:
    case Op::lacks:
    case Op::only: return flags(test);
    case Op::or_:
    case Op::and_:
    case Op::not_:
    case Op::assign:
    case Op::bit_or:
    case Op::bit_and:
    case Op::shl:
    case Op::shr:
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::neg:
    case Op::bit_not: break;
  }
  CHECK(false);
}

}  // namespace sbpc::sema
