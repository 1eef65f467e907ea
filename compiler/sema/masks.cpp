// masks.cpp: masks that take a field of a flags word apart, written with the field's own values.
//
// `type & SOCK_STREAM == SOCK_STREAM` also holds for SOCK_RAW, `flags & O_WRONLY == 0` for O_RDWR: they are errors that
// offer `type & SOCK_TYPE_MASK == SOCK_STREAM`, as `has` and `lacks` are (fields.cpp). A mask that covers the field,
// such as `O_WRONLY | O_RDWR`, and one under which the values that are compared differ from all others are right.
#include <algorithm>

#include "diag/kinds/types.def"
#include "sema/fields.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::Op;
namespace kinds = diag::kinds;

// What the masked test asks of bits, if it is one of these: `& F == F` is `has F`, `& F == 0` lacks, `& F != 0` any.
// `only` stands for everything else, `& F != F` too, which has no word of its own.
Op asked(const Left& left, const Expr& expr, const Value& value) {
  if (value.kind != Value::Kind::number) return Op::only;
  const uint64_t number = low_bits(value.number, left.ref.width);
  if (number == left.mask && expr.op == Op::eq) return Op::has;
  if (number != 0) return Op::only;
  return expr.op == Op::eq ? Op::lacks : expr.op == Op::ne ? Op::any : Op::only;
}

const FieldFacts::Named* named_in(const FieldFacts& field, target::ConstantId constant) {
  const auto found = std::ranges::find(field.values, constant, &FieldFacts::Named::constant);
  return found == field.values.end() ? nullptr : &*found;
}

const FieldFacts::Named* first_named(const FieldFacts& field, std::span<const Part> parts) {
  for (const Part& part : parts) {
    if (const auto* named = part.constant.valid() ? named_in(field, part.constant) : nullptr) return named;
  }
  return nullptr;
}

const FieldFacts::Named* first_named(const FieldFacts& field, const Value& value) {
  if (value.kind == Value::Kind::number) return first_named(field, value.parts);
  for (const Element& element : value.elements) {
    if (const auto* named = element.constant.valid() ? named_in(field, element.constant) : nullptr) return named;
  }
  return nullptr;
}

// A test of a part of a field.
struct Cut {
  const FieldFacts& field;
  uint64_t seen;  // the field's bits that the mask leaves
};

// A value of the field that passes for this one under the mask.
const FieldFacts::Named* mistaken_for(const Cut& cut, uint64_t value) {
  const auto found = std::ranges::find_if(cut.field.values, [&](const FieldFacts::Named& other) {
    return ((other.value ^ value) & cut.seen) == 0 && ((other.value ^ value) & cut.field.mask) != 0;
  });
  return found == cut.field.values.end() ? nullptr : &*found;
}

const FieldFacts::Named* mistaken_for(const Cut& cut, const Value& value) {
  if (value.kind == Value::Kind::number) return mistaken_for(cut, static_cast<uint64_t>(value.number));
  for (const Element& element : value.elements) {
    if (element.first != element.last || element.hole.valid()) continue;
    if (const auto* other = mistaken_for(cut, static_cast<uint64_t>(element.first))) return other;
  }
  return nullptr;
}

std::string compared(const Flags& flags, const FieldFacts& field, std::string_view op, std::string_view value) {
  return std::string(flags.left.name) + " & " + std::string(field.mask_text) + " " + std::string(op) + " " +
         std::string(value);
}

// A word that stands for the field, and (null: none) what is taken for it.
struct Taken {
  target::ConstantId constant;
  uint64_t value;
  const FieldFacts::Named* other;
};

void report_cut(const Flags& flags, const FieldFacts& field, const Taken& taken) {
  Context& context = flags.site.context;
  const std::string_view name = target::constant_name(taken.constant);
  auto report = context.report(kinds::FieldConstant, flags.expr.span, name, context.text(flags.left.span));
  const auto names = names_in(flags.site.env, flags.bits);
  if (taken.other != nullptr && taken.other->constant != taken.constant)
    report.note("with this mask `" + std::string(target::constant_name(taken.other->constant)) + "` looks the same");
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  const bool is_spelled = flags.op != Op::only && std::ranges::count(names, name) != 0;
  const std::string fixed = is_spelled ? field_fix(flags, field, name) : std::string();
  const auto zero = std::ranges::find(field.values, uint64_t{0}, &FieldFacts::Named::value);
  if (flags.op == Op::lacks && zero != field.values.end() && names.size() == 1) {
    const std::string only = compared(flags, field, "==", target::constant_name(zero->constant));
    report.note("write `" + only + "`, or `" + compared(flags, field, "!=", name) + "` if all other values are meant");
  } else if (!fixed.empty()) {
    report.note("write `" + fixed + "`").fix("compare the field", flags.expr.span, fixed);
  } else {
    // What the mask names and the value does not have must not be there.
    const bool is_there = flags.value.kind == Value::Kind::set ||
                          (static_cast<uint64_t>(flags.value.number) & taken.value) == taken.value;
    const bool is_equal = (flags.expr.op != Op::ne) == is_there;
    report.note("compare its field: `" + compared(flags, field, is_equal ? "==" : "!=", name) + "`");
  }
}

bool check_field(const Flags& flags, const FieldFacts& field) {
  const unsigned width = flags.left.ref.width;
  const uint64_t whole = low_bits(static_cast<Int>(field.mask), width);
  const Cut cut{field, flags.left.mask & whole};
  if (whole == 0 || cut.seen == whole) return true;
  const FieldFacts::Named* in_mask = first_named(field, flags.left.mask_parts);
  const FieldFacts::Named* in_value = first_named(field, flags.value);
  const FieldFacts::Named* named = in_value != nullptr ? in_value : in_mask;
  if (named == nullptr) return true;
  const FieldFacts::Named* other = mistaken_for(cut, flags.value);
  const bool is_whole = flags.value.kind == Value::Kind::number &&
                        low_bits(flags.value.number, width) == flags.left.mask;  // `& F == F`, `& F != F`
  if (other == nullptr && !(in_mask != nullptr && is_whole)) return true;
  report_cut(flags, field, {named->constant, named->value, other});
  return false;
}

// `domain & AF_UNIX == AF_UNIX` holds for AF_PACKET, too.
bool check_whole(const Flags& flags) {
  const auto& parts = flags.left.mask_parts;
  const auto named = std::ranges::find_if(parts, [](const Part& part) { return part.constant.valid(); });
  if (named == parts.end()) return true;
  report_enumeration(flags, *named, flags.site.context.text(flags.left.span),
                     flags.op == Op::only ? std::string() : enumeration_fix(flags));
  return false;
}

}  // namespace

bool check_masks(const Site& site, const Left& left, const Expr& expr, const Value& value) {
  if (!left.type || !left.masked || (value.kind != Value::Kind::number && value.kind != Value::Kind::set)) return true;
  const Flags flags{site, left, expr, value, asked(left, expr, value), left.mask_expr, left.name_span};
  const auto fields = site.context.facts.fields(*left.type, site.abi);
  if (is_enumeration(target::arg_type(*left.type).kind) && fields.empty()) return check_whole(flags);
  if (!std::ranges::all_of(fields, [&](const FieldFacts& field) { return check_field(flags, field); })) return false;
  const bool is_each_bit = flags.op == Op::lacks || flags.op == Op::any;
  return !is_each_bit || check_composites(flags, left.mask_parts, site.context.text(left.span));
}

}  // namespace sbpc::sema
