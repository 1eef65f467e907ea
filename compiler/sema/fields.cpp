// fields.cpp: enumerations inside flags words, and constants that contain others.
//
// `flags has MAP_PRIVATE` would also admit MAP_SHARED_VALIDATE (3 has the bit of 2): it is an error that offers
// `flags & MAP_TYPE == MAP_PRIVATE`. `flags only O_CLOEXEC` admits O_RDONLY, which is 0 and was not written.
#include "sema/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "diag/kinds/types.def"
#include "sema/conditions.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::Op;
namespace kinds = diag::kinds;

std::string left_text(const Flags& flags) { return std::string(flags.site.context.text(flags.argument)); }
std::string op_text(const Flags& flags) { return std::string(flags.site.context.text(flags.expr.op_span)); }

// Whether the name is a constant that is no value of the field and lies in it all the same, or one of the policy's.
bool touches(const Flags& flags, const FieldFacts& field, std::string_view name) {
  const auto constant = target::find_constant(name);
  const auto value = constant ? target::constant_value(*constant, flags.site.abi) : std::nullopt;
  return !value || (static_cast<uint64_t>(*value) & field.mask) != 0;
}

// `test`, and what the comparison asks of the other bits.
std::string with_rest(const Flags& flags, const std::string& test, std::span<const std::string_view> rest) {
  if (rest.empty()) return test;
  const Op joined = flags.op == Op::any ? Op::or_ : Op::and_;
  const std::string_view word = flags.op == Op::lacks ? "lacks" : flags.op == Op::has ? "has" : "any";
  return in_place(flags.site, joined,
                  fmt::format("{} {} {} {} {}", test, joined == Op::or_ ? "||" : "&&", left_text(flags), word,
                              fmt::join(rest, " | ")));
}

void report_field(const Flags& flags, const FieldFacts& field, const Part& part) {
  Context& context = flags.site.context;
  const std::string_view name = target::constant_name(part.constant);
  auto report = context.report(kinds::FieldConstant, flags.expr.span, name, op_text(flags));
  for (const auto& other : field.values) {
    const uint64_t value = low_bits(part.value, 64);
    if (other.value == value || (other.value & value) != value || flags.op == Op::lacks) continue;
    report.note("it would also hold for `" + std::string(target::constant_name(other.constant)) + "`");
    break;
  }
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  const bool spelled = std::ranges::count(names_in(flags.site.env, flags.bits), name) != 0;
  const std::string fixed = spelled && !flags.left.masked ? field_fix(flags, field, name) : std::string();
  if (!fixed.empty()) {
    report.note("write `" + fixed + "`").fix("compare the field", flags.expr.span, fixed);
  } else {
    report.note("compare its field: `" + std::string(flags.left.name) + " & " + std::string(field.mask_text) +
                " == " + std::string(name) + "`");
  }
}

// A constant with a bit of its own beside another flag's, as O_TMPFILE contains O_DIRECTORY. Masks such as S_IRWXU, the
// union of other constants, and CSIGNAL, all of a field, are not meant.
std::optional<std::string_view> contained_flag(const Flags& flags, const Part& part, std::span<const Part> parts) {
  const auto value = low_bits(part.value, flags.left.ref.width);
  if (std::popcount(value) < 2 || !flags.left.type) return std::nullopt;
  const auto fields = flags.site.context.facts.fields(*flags.left.type, flags.site.abi);
  const bool is_mask = std::ranges::any_of(fields, [&](const FieldFacts& field) { return field.mask == value; });
  if (is_mask || target::constant_name(part.constant).ends_with("_MASK")) return std::nullopt;
  uint64_t covered = 0;
  std::optional<std::string_view> inner;
  for (std::string_view name : target::arg_type(*flags.left.type).constants) {
    const auto constant = target::find_constant(name);
    const auto other = constant ? target::constant_value(*constant, flags.site.abi) : std::nullopt;
    if (!other) continue;
    const uint64_t bits = low_bits(*other, flags.left.ref.width);
    if (bits == 0 || bits == value || (bits & ~value) != 0) continue;
    covered |= bits;
    // `lacks O_TMPFILE | O_DIRECTORY` is to look at both.
    const bool is_named = std::ranges::any_of(
        parts, [&](const Part& each) { return low_bits(each.value, flags.left.ref.width) == bits; });
    if (!inner && !is_named) inner = name;
  }
  return covered == value ? std::nullopt : inner;
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

// `flags only CLONE_VM | SIGCHLD`, of which a dozen signals are made: the field's one value by itself. Empty if several
// values are written, or something that this cannot be told of.
std::string one_value_fix(const Flags& flags, const FieldFacts& field) {
  std::vector<std::string_view> values;
  std::vector<std::string_view> rest;
  for (const std::string_view name : names_in(flags.site.env, flags.expr.operands[1])) {
    const auto constant = target::find_constant(name);
    const bool is_value = constant && field_of(std::span(&field, 1), *constant) != nullptr;
    if (!is_value && touches(flags, field, name)) return {};
    (is_value ? values : rest).push_back(name);
  }
  if (values.size() != 1 || flags.left.masked || !target::find_constant(field.mask_text)) return {};
  rest.push_back(field.mask_text);
  return in_place(flags.site, Op::and_,
                  fmt::format("{0} only {1} && {0} & {2} == {3}", left_text(flags), fmt::join(rest, " | "),
                              field.mask_text, values.front()));
}

bool check_only(const Flags& flags, std::span<const FieldFacts> fields) {
  for (const FieldFacts& field : fields) {
    if ((flags.left.mask & field.mask) == 0) continue;
    const auto missing = admitted_unwritten(flags, field);
    if (missing.empty()) continue;
    const Span right = flags.site.env.at(flags.expr.operands[1]).span;
    const std::string all = fmt::format("{}", fmt::join(missing, " | "));
    auto report = flags.site.context.report(kinds::OnlyAdmits, flags.expr.span,
                                            flags.site.context.text(flags.expr.span), missing.front());
    for (const Span& use : flags.site.context.use_stack.uses()) report.label(use, "passed on here");
    const std::string one = missing.size() > 1 ? one_value_fix(flags, field) : std::string();
    if (!one.empty()) {
      report.note("write `" + one + "`").fix("test the field by itself", flags.expr.span, one);
      return false;
    }
    report.note("if it is meant, write it: `" + std::string(flags.site.context.text(right)) + " | " + all + "`");
    report.note("if not, test the field as well: `" + std::string(flags.left.name) + " & " +
                std::string(field.mask_text) + " == ...`");
    report.fix("add `" + all + "`", Span{right.file, right.end, right.end}, " | " + all);
    return false;
  }
  return true;
}

// `domain has AF_UNIX` would hold for AF_PACKET too.
bool check_enumeration(const Flags& flags) {
  const auto named = std::ranges::find_if(flags.value.parts, [](const Part& part) { return part.constant.valid(); });
  if (named == flags.value.parts.end() || flags.left.masked) return true;
  report_enumeration(flags, *named, op_text(flags), enumeration_fix(flags));
  return false;
}

}  // namespace

void report_enumeration(const Flags& flags, const Part& named, std::string_view tested, const std::string& fixed) {
  Context& context = flags.site.context;
  auto report =
      context.report(kinds::EnumerationAsFlags, flags.expr.span, target::constant_name(named.constant), tested);
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  if (fixed.empty()) {
    report.note("compare the whole value with `==`, `!=` or `in { ... }`");
  } else {
    report.note("write `" + fixed + "`").fix("compare the whole value", flags.expr.span, fixed);
  }
}

bool check_composites(const Flags& flags, std::span<const Part> parts, std::string_view tested) {
  for (const Part& part : parts) {
    if (!part.constant.valid()) continue;
    const auto inner = contained_flag(flags, part, parts);
    if (!inner) continue;
    const std::string name(target::constant_name(part.constant));
    const std::string whole = left_text(flags) + " has " + name;
    auto report = flags.site.context.report(kinds::CompositeFlag, flags.expr.span, name, *inner, tested);
    auto rest = names_in(flags.site.env, flags.bits);
    const bool is_under_mask = flags.left.masked && flags.argument == flags.left.span;
    if (std::erase(rest, name) == 0 || is_under_mask) {
      report.note("test it by itself: `" + whole + "`");
      return false;
    }
    const std::string fixed = with_rest(flags, flags.op == Op::lacks ? "!(" + whole + ")" : whole, rest);
    report.note("write `" + fixed + "`").fix("test the whole value", flags.expr.span, fixed);
    return false;
  }
  return true;
}

const FieldFacts* field_of(std::span<const FieldFacts> fields, target::ConstantId constant) {
  for (const FieldFacts& field : fields) {
    for (const auto& named : field.values) {
      if (named.constant == constant) return &field;
    }
  }
  return nullptr;
}

std::vector<std::string_view> names_in(const Env& env, ast::ExprId id) {
  const Expr& expr = strip_parens(env, id);
  if (expr.kind == ast::ExprKind::name && expr.name.parts.size() == 1) return {expr.name.last()};
  if (expr.kind != ast::ExprKind::op || expr.op != Op::bit_or) return {};
  auto left = names_in(env, expr.operands[0]);
  const auto right = names_in(env, expr.operands[1]);
  if (left.empty() || right.empty()) return {};
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

std::string field_fix(const Flags& flags, const FieldFacts& field, std::string_view constant) {
  struct Asked {
    const FieldFacts* field;
    std::vector<std::string_view> values;
  };
  std::vector<Asked> asked{{&field, {}}};
  std::vector<std::string_view> rest;
  const auto fields = flags.site.context.facts.fields(*flags.left.type, flags.site.abi);
  for (std::string_view name : names_in(flags.site.env, flags.bits)) {
    const auto id = target::find_constant(name);
    const FieldFacts* own = name == constant ? &field : id ? field_of(fields, *id) : nullptr;
    if (own != nullptr && own->mask_text == field.mask_text) own = &field;
    if (own == nullptr) {
      rest.push_back(name);
      continue;
    }
    auto same = std::ranges::find(asked, own, &Asked::field);
    if (same == asked.end()) same = asked.insert(asked.end(), {own, {}});
    same->values.push_back(name);
  }
  const bool lacks = flags.op == Op::lacks;
  std::vector<std::string> tests;
  for (const Asked& one : asked) {
    if (std::ranges::any_of(rest, [&](std::string_view name) { return touches(flags, *one.field, name); })) return {};
    if (flags.op == Op::has && one.values.size() > 1) return {};  // a field has one value
    const std::string masked = left_text(flags) + " & " + std::string(one.field->mask_text);
    tests.push_back(one.values.size() < 2
                        ? masked + (lacks ? " != " : " == ") +
                              std::string(one.values.empty() ? constant : one.values.front())
                        : fmt::format("{} {}in {{ {} }}", masked, lacks ? "!" : "", fmt::join(one.values, ", ")));
  }
  const Op joined = flags.op == Op::any ? Op::or_ : Op::and_;
  const std::string all = fmt::format("{}", fmt::join(tests, joined == Op::or_ ? " || " : " && "));
  return rest.empty() && tests.size() > 1 ? in_place(flags.site, joined, all) : with_rest(flags, all, rest);
}

std::string enumeration_fix(const Flags& flags) {
  const auto names = names_in(flags.site.env, flags.bits);
  if (names.empty()) return {};
  const bool negative = flags.op == Op::lacks;
  if (names.size() == 1) return left_text(flags) + (negative ? " != " : " == ") + std::string(names.front());
  return fmt::format("{} {}in {{ {} }}", left_text(flags), negative ? "!" : "", fmt::join(names, ", "));
}

bool check_flags(const Site& site, const Left& left, const Expr& expr, const Value& value) {
  if (!left.type) return true;
  const Flags flags{site, left, expr, value, expr.op, expr.operands[1], left.span};
  const auto fields = site.context.facts.fields(*left.type, site.abi);
  if (is_enumeration(target::arg_type(*left.type).kind) && fields.empty()) return check_enumeration(flags);
  if (expr.op == Op::only) return check_only(flags, fields);
  for (const Part& part : value.parts) {
    if (!part.constant.valid()) continue;
    if (const FieldFacts* field = field_of(fields, part.constant)) {
      report_field(flags, *field, part);
      return false;
    }
  }
  return expr.op == Op::has || check_composites(flags, value.parts, op_text(flags));
}

}  // namespace sbpc::sema
