// test_values.cpp: the right side of a comparison against the argument on its left: does it fit, can it ever hold.
// (Does it belong: test_belongs.cpp.)
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "ast/operators.h"
#include "base/check.h"
#include "base/policy_limits.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/types.def"
#include "sema/action.h"
#include "sema/checked.h"
#include "sema/commands.h"
#include "sema/conditions.h"
#include "target/multiplexers.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
using ast::OpClass;
namespace kinds = diag::kinds;

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
        .label(hole.span, "declared here")
        .note("so it is on " + std::string(target::info(test.site.abi).name) +
              "; with the argument's own type, as in `" + std::string(test.site.context.facts.name(test.site.call)) +
              "." + std::string(test.left.name) + "`, it has the width of each ABI");
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
  made.of_pointer = test.left.is_pointer;
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
  if (test.value.kind != Value::Kind::number || !check_joined(test.site, test.left, test.expr, test.value) ||
      !check_order(test, test.value.number, right))
    return {};
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
    // A parameter may be 0: nothing is demanded, or forbidden, then. But nobody means that by PROT_NONE.
    const bool is_named = !test.site.is_checked_only &&
                          std::ranges::any_of(test.value.parts, [](const Part& part) { return part.constant.valid(); });
    if (test.literal() || is_named) test.site.context.report(kinds::MaskZero, right, test.site.context.text(right));
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

// `sig in 9, 15`: what follows may have been meant for the set.
bool has_comma_behind(const Site& site, Span span) {
  const std::string_view rest = site.context.sources.text(span.file).substr(span.end);
  const size_t next = rest.find_first_not_of(" \t\r\n");
  return next != std::string_view::npos && rest[next] == ',';
}

bool check_shape(const Site& site, const Expr& expr, const Value& value) {
  const bool wants_set = ast::class_of(expr.op) == OpClass::membership;
  const Value::Kind wanted = wants_set ? Value::Kind::set : Value::Kind::number;
  if (shape_of(value) == wanted) return true;
  const Span right = site.env.at(expr.operands[1]).span;
  const std::string_view op = site.context.text(expr.op_span);
  auto report = site.context.report(kinds::WrongOperand, right, op, describe(wanted), site.context.text(right));
  report.under("this is " + std::string(describe(shape_of(value))));
  if (shape_of(value) == Value::Kind::set && (expr.op == Op::eq || expr.op == Op::ne)) {
    report.fix(expr.op == Op::eq ? "write `in`" : "write `!in`", expr.op_span, expr.op == Op::eq ? "in" : "!in", true);
  } else if (shape_of(value) == Value::Kind::number && wants_set) {
    const Expr& written = strip_parens(site.env, expr.operands[1]);
    const std::string text(site.context.text(right));
    const bool is_range = written.kind == ExprKind::op && written.op == Op::sub &&
                          strip_parens(site.env, written.operands[0]).kind == ExprKind::integer &&
                          strip_parens(site.env, written.operands[1]).kind == ExprKind::integer;
    if (is_range) {
      const std::string range = std::string(site.context.text(site.env.at(written.operands[0]).span)) + ".." +
                                std::string(site.context.text(site.env.at(written.operands[1]).span));
      report.note("a range, both ends in, is `" + range + "`").fix("write a range", right, range);
    } else {
      report.note("a set is written in `{ }`, its values with commas between them");
      const bool is_joined = written.kind == ExprKind::op && written.op == Op::bit_or;  // `9 | 15` is 15
      if (!is_joined) report.fix("write `{ " + text + " }`", right, "{ " + text + " }", !has_comma_behind(site, right));
    }
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
  if (!check_masks(site, left, expr, value)) return {};
  switch (ast::class_of(expr.op)) {
    case OpClass::equality: return equality(test);
    case OpClass::order: return order(test);
    case OpClass::membership: return membership(test);
    case OpClass::flags: return flags(test);
    case OpClass::logic:
    case OpClass::assign:
    case OpClass::value: break;
  }
  CHECK(false);
}

}  // namespace sbpc::sema
