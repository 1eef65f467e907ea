// fields.cpp: enumerations inside flags words, and constants that contain others.
//
// `flags has MAP_PRIVATE` would also admit MAP_SHARED_VALIDATE (3 has the bit of 2): it is an error that offers
// `flags & MAP_TYPE == MAP_PRIVATE`. `flags only O_CLOEXEC` admits O_RDONLY, which is 0 and was not written.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "diag/kinds/lints.def"
#include "diag/kinds/types.def"
#include "sema/comparison.h"
#include "sema/types.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::ExprId;
using ast::ExprKind;
using ast::Op;
namespace kinds = diag::kinds;

struct Flags {
  const Site& site;
  const Left& left;
  const Expr& expr;
  const Value& value;
};

std::string left_text(const Flags& flags) { return std::string(flags.site.context.text(flags.left.span)); }
std::string op_text(const Flags& flags) { return std::string(flags.site.context.text(flags.expr.op_span)); }

const FieldFacts* field_of(std::span<const FieldFacts> fields, target::ConstantId constant) {
  for (const FieldFacts& field : fields) {
    for (const auto& named : field.values) {
      if (named.constant == constant) return &field;
    }
  }
  return nullptr;
}

// The names of `A | B | C`; empty if something else stands there.
std::vector<std::string_view> names_in(const Flags& flags, ExprId id) {
  const Expr& expr = strip_parens(flags.site.env, id);
  if (expr.kind == ExprKind::name && expr.name.parts.size() == 1) return {expr.name.last()};
  if (expr.kind != ExprKind::op || expr.op != Op::bit_or) return {};
  auto left = names_in(flags, expr.operands[0]);
  const auto right = names_in(flags, expr.operands[1]);
  if (left.empty() || right.empty()) return {};
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// `flags & MAP_TYPE == MAP_PRIVATE && flags has MAP_ANONYMOUS`; `flags & O_ACCMODE !in { O_WRONLY, O_RDWR }` for
// `lacks` of both.
std::string field_fix(const Flags& flags, const FieldFacts& field, std::string_view constant) {
  const bool one_value = flags.expr.op == Op::has;  // a field cannot have two
  const auto is_value = [&](std::string_view name) {
    return name == constant || (!one_value && std::ranges::any_of(field.values, [&](const auto& value) {
             return target::constant_name(value.constant) == name;
           }));
  };
  std::vector<std::string_view> values;
  std::string rest;
  for (std::string_view name : names_in(flags, flags.expr.operands[1])) {
    if (is_value(name)) {
      values.push_back(name);
    } else {
      rest += (rest.empty() ? "" : " | ") + std::string(name);
    }
  }
  const bool lacks = flags.expr.op == Op::lacks;
  std::string test = left_text(flags) + " & " + std::string(field.mask_text);
  if (values.size() < 2) {
    test += (lacks ? " != " : " == ") + std::string(constant);
  } else {
    test += fmt::format("{}in {{ {} }}", lacks ? " !" : " ", fmt::join(values, ", "));
  }
  if (rest.empty()) return test;
  const std::string joined =
      test + (flags.expr.op == Op::any ? " || " : " && ") + left_text(flags) + " " + op_text(flags) + " " + rest;
  return flags.expr.op == Op::any ? "(" + joined + ")" : joined;
}

void report_field(const Flags& flags, const FieldFacts& field, const Part& part) {
  Context& context = flags.site.context;
  const std::string_view name = target::constant_name(part.constant);
  auto report = context.report(kinds::FieldConstant, flags.expr.span, name, op_text(flags));
  for (const auto& other : field.values) {
    const uint64_t value = low_bits(part.value, 64);
    if (other.value == value || (other.value & value) != value || flags.expr.op == Op::lacks) continue;
    report.note("it would also hold for `" + std::string(target::constant_name(other.constant)) + "`");
    break;
  }
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  const bool spelled = std::ranges::count(names_in(flags, flags.expr.operands[1]), name) != 0;
  const std::string fixed = field_fix(flags, field, name);
  if (spelled && !flags.left.masked) {
    report.note("write `" + fixed + "`").fix("compare the field", flags.expr.span, fixed);
  } else {
    report.note("compare its field: `" + std::string(flags.left.name) + " & " + std::string(field.mask_text) +
                " == " + std::string(name) + "`");
  }
}

// A constant with a bit of its own beside another flag's, as O_TMPFILE contains O_DIRECTORY. Masks such as S_IRWXU, the
// union of other constants, are not meant.
std::optional<std::string_view> contained_flag(const Flags& flags, const Part& part) {
  const auto value = low_bits(part.value, flags.left.ref.width);
  if (std::popcount(value) < 2 || !flags.left.type) return std::nullopt;
  uint64_t covered = 0;
  std::optional<std::string_view> inner;
  for (std::string_view name : target::arg_type(*flags.left.type).constants) {
    const auto constant = target::find_constant(name);
    const auto other = constant ? target::constant_value(*constant, flags.site.abi) : std::nullopt;
    if (!other) continue;
    const uint64_t bits = low_bits(*other, flags.left.ref.width);
    if (bits == 0 || bits == value || (bits & ~value) != 0) continue;
    covered |= bits;
    if (!inner) inner = name;
  }
  return covered == value ? std::nullopt : inner;
}

bool check_composites(const Flags& flags) {
  for (const Part& part : flags.value.parts) {
    if (!part.constant.valid()) continue;
    const auto inner = contained_flag(flags, part);
    if (!inner) continue;
    const std::string name(target::constant_name(part.constant));
    const std::string fixed = (flags.expr.op == Op::lacks ? "!(" : "") + left_text(flags) + " has " + name +
                              (flags.expr.op == Op::lacks ? ")" : "");
    auto report = flags.site.context.report(kinds::CompositeFlag, flags.expr.span, name, *inner, op_text(flags));
    report.note("write `" + fixed + "`");
    if (names_in(flags, flags.expr.operands[1]).size() == 1) report.fix("test the whole value", flags.expr.span, fixed);
    return false;
  }
  return true;
}

// Whether the constant selects the whole field: O_ACCMODE stands for all its values.
bool is_mask_of(const FieldFacts& field, const Part& part) {
  return part.constant.valid() && field.mask != 0 && (static_cast<uint64_t>(part.value) & field.mask) == field.mask;
}

std::vector<std::string_view> admitted_unwritten(const Flags& flags, const FieldFacts& field) {
  const uint64_t bits = low_bits(flags.value.number, flags.left.ref.width);
  std::vector<uint64_t> written;
  std::span<const Part> parts = flags.value.parts;
  const Part whole{{}, flags.value.number};
  if (parts.empty()) parts = std::span(&whole, 1);
  for (const Part& part : parts) {
    const bool in_field =
        part.constant.valid() &&
        std::ranges::find(field.values, part.constant, &FieldFacts::Named::constant) != field.values.end();
    if (!in_field && is_mask_of(field, part)) return {};
    if (in_field || !part.constant.valid()) written.push_back(low_bits(part.value, flags.left.ref.width) & field.mask);
  }
  std::vector<std::string_view> missing;
  for (const auto& named : field.values) {
    const bool admitted = (named.value & field.mask & ~bits) == 0;
    if (admitted && std::ranges::find(written, named.value & field.mask) == written.end())
      missing.push_back(target::constant_name(named.constant));
  }
  return missing;
}

bool check_only(const Flags& flags, std::span<const FieldFacts> fields) {
  for (const FieldFacts& field : fields) {
    if ((flags.left.mask & field.mask) == 0) continue;
    const auto missing = admitted_unwritten(flags, field);
    if (missing.empty()) continue;
    const Span right = flags.site.env.at(flags.expr.operands[1]).span;
    const std::string name(missing.front());
    auto report =
        flags.site.context.report(kinds::OnlyAdmits, flags.expr.span, flags.site.context.text(flags.expr.span), name);
    for (const Span& use : flags.site.context.use_stack.uses()) report.label(use, "passed on here");
    report.note("if it is meant, write it: `" + std::string(flags.site.context.text(right)) + " | " + name + "`");
    report.note("if not, test the field as well: `" + std::string(flags.left.name) + " & " +
                std::string(field.mask_text) + " == ...`");
    report.fix("add `" + name + "`", Span{right.file, right.end, right.end}, " | " + name);
    return false;
  }
  return true;
}

// `domain has AF_UNIX` would hold for AF_PACKET too.
bool check_enumeration(const Flags& flags) {
  const auto named = std::ranges::find_if(flags.value.parts, [](const Part& part) { return part.constant.valid(); });
  if (named == flags.value.parts.end() || flags.left.masked) return true;
  const std::string_view name = target::constant_name(named->constant);
  auto report = flags.site.context.report(kinds::EnumerationAsFlags, flags.expr.span, name, op_text(flags));
  for (const Span& use : flags.site.context.use_stack.uses()) report.label(use, "passed on here");
  const auto names = names_in(flags, flags.expr.operands[1]);
  const bool negative = flags.expr.op == Op::lacks;
  std::string list;
  for (std::string_view each : names) list += (list.empty() ? "" : ", ") + std::string(each);
  const std::string fixed = left_text(flags) + (names.size() == 1 ? (negative ? " != " : " == ") + list
                                                                  : (negative ? " !in { " : " in { ") + list + " }");
  if (names.empty()) {
    report.note("compare the whole value with `==`, `!=` or `in { ... }`");
  } else {
    report.note("write `" + fixed + "`").fix("compare the whole value", flags.expr.span, fixed);
  }
  return false;
}

// Of the constants joined, those that exclude each other.
std::vector<Part> excluding(const Flags& flags, const FieldFacts* field) {
  std::vector<Part> result;
  for (const Part& part : flags.value.parts) {
    if (!part.constant.valid()) continue;
    const auto types = flags.site.context.facts.types_of(part.constant);
    const bool is_meant = field != nullptr ? field_of(std::span(field, 1), part.constant) != nullptr
                                           : std::ranges::find(types, *flags.left.type) != types.end();
    const bool is_new = std::ranges::find(result, part.value, &Part::value) == result.end();
    if (is_meant && is_new) result.push_back(part);
  }
  return result;
}

void report_joined(const Flags& flags, const FieldFacts* field, const std::vector<Part>& values) {
  Context& context = flags.site.context;
  const Span right = flags.site.env.at(flags.expr.operands[1]).span;
  auto report = context.report(kinds::JoinedValues, right, context.text(right), to_string(flags.value.number));
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  std::string set;
  for (const Part& value : values)
    set += (set.empty() ? "{ " : ", ") + std::string(target::constant_name(value.constant));
  const bool needs_mask = field != nullptr && !flags.left.masked;
  const std::string fixed = left_text(flags) + (needs_mask ? " & " + std::string(field->mask_text) : "") +
                            (flags.expr.op == Op::ne ? " !in " : " in ") + set + " }";
  report.note("write `" + fixed + "`");
  if (names_in(flags, flags.expr.operands[1]).size() == values.size())
    report.fix("compare with a set", flags.expr.span, fixed);
}

}  // namespace

bool check_flags(const Site& site, const Left& left, const Expr& expr, const Value& value) {
  if (!left.type) return true;
  const Flags flags{site, left, expr, value};
  const auto fields = site.context.facts.fields(*left.type, site.abi);
  if (target::arg_type(*left.type).kind == target::TypeKind::enumeration && fields.empty())
    return check_enumeration(flags);
  if (expr.op == Op::only) return check_only(flags, fields);
  for (const Part& part : value.parts) {
    if (!part.constant.valid()) continue;
    if (const FieldFacts* field = field_of(fields, part.constant)) {
      report_field(flags, *field, part);
      return false;
    }
  }
  return expr.op == Op::has || check_composites(flags);
}

void check_modes(const Site& site, const Left& left, ExprId id) {
  if (!left.type) return;
  const target::ArgType& type = target::arg_type(*left.type);
  if (type.kind != target::TypeKind::mode && std::ranges::find(type.constants, "S_IRUSR") == type.constants.end())
    return;
  const Expr& expr = strip_parens(site.env, id);
  if (expr.kind == ExprKind::set || (expr.kind == ExprKind::op && expr.op == Op::bit_or)) {
    for (const ExprId operand : expr.operands) check_modes(site, left, operand);
    return;
  }
  if (expr.kind != ExprKind::integer) return;
  const std::string text(site.context.text(expr.span));
  if (text.size() < 3 || text.size() > 4 || text[0] == '0' || text.find_first_not_of("01234567") != std::string::npos)
    return;
  site.context.report(kinds::DecimalMode, expr.span, text, fmt::format("0o{:o}", expr.value))
      .fix("write `0o" + text + "`", expr.span, "0o" + text);
}

bool check_joined(const Site& site, const Left& left, const Expr& expr, const Value& value) {
  if (!left.type || value.parts.size() < 2) return true;
  const Flags flags{site, left, expr, value};
  const auto fields = site.context.facts.fields(*left.type, site.abi);
  std::vector<const FieldFacts*> words;
  for (const FieldFacts& field : fields) words.push_back(&field);
  const target::TypeKind kind = target::arg_type(*left.type).kind;
  const bool is_enumeration = kind == target::TypeKind::enumeration || kind == target::TypeKind::signal;
  if (fields.empty() && is_enumeration) words.push_back(nullptr);
  for (const FieldFacts* field : words) {
    const std::vector<Part> values = excluding(flags, field);
    if (values.size() < 2) continue;
    report_joined(flags, field, values);
    return false;
  }
  return true;
}

}  // namespace sbpc::sema
