// joined_values.cpp: values that exclude each other, joined by `|` where they are compared as a whole: AF_INET |
// AF_INET6 is AF_INET6 alone. In a condition and in every set, a const's as well.
#include <algorithm>

#include "diag/kinds/types.def"
#include "sema/evaluate_parts.h"
#include "sema/fields.h"
#include "sema/types.h"

namespace sbpc::sema {
namespace {

using ast::Expr;
using ast::Op;
namespace kinds = diag::kinds;

// Of the constants joined, those that exclude each other, and the field that they are values of (null: the whole word).
struct Excluding {
  std::vector<Part> values;
  const FieldFacts* field = nullptr;
};

std::vector<Part> meant(Context& context, std::span<const Part> parts, target::TypeId type, const FieldFacts* field) {
  std::vector<Part> result;
  for (const Part& part : parts) {
    if (!part.constant.valid()) continue;
    const auto types = context.facts.types_of(part.constant);
    const bool is_meant = field != nullptr ? field_of(std::span(field, 1), part.constant) != nullptr
                                           : std::ranges::find(types, type) != types.end();
    const bool is_new = std::ranges::find(result, part.value, &Part::value) == result.end();
    if (is_meant && is_new) result.push_back(part);
  }
  return result;
}

Excluding excluding(const Eval& eval, std::span<const Part> parts, target::TypeId type) {
  const auto fields = eval.context.facts.fields(type, eval.abi);
  for (const FieldFacts& field : fields) {
    std::vector<Part> values = meant(eval.context, parts, type, &field);
    if (values.size() > 1) return {std::move(values), &field};
  }
  if (!fields.empty() || !is_enumeration(target::arg_type(type).kind)) return {};
  std::vector<Part> values = meant(eval.context, parts, type, nullptr);
  return values.size() > 1 ? Excluding{std::move(values)} : Excluding{};
}

std::string list_of(const std::vector<Part>& values) {
  std::string list;
  for (const Part& value : values)
    list += (list.empty() ? "" : ", ") + std::string(target::constant_name(value.constant));
  return list;
}

// In each type that the number may be a value of.
Excluding excluding_everywhere(const Eval& eval, const Value& value) {
  if (value.belongs.how != Belongs::How::listed || value.belongs.types.empty()) return {};
  Excluding found;
  for (const target::TypeId type : value.belongs.types) {
    found = excluding(eval, value.parts, type);
    if (found.values.empty()) return {};
  }
  return found;
}

}  // namespace

bool check_joined(const Site& site, const Left& left, const Expr& expr, const Value& value) {
  if (!left.type || value.parts.size() < 2) return true;
  const Excluding found = excluding(eval_of(site), value.parts, *left.type);
  if (found.values.empty()) return true;
  Context& context = site.context;
  const Span right = site.env.at(expr.operands[1]).span;
  auto report = context.report(kinds::JoinedValues, right, context.text(right), to_string(value.number));
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  if (expr.op != Op::eq && expr.op != Op::ne) {
    report.note("compare with one of them");
    return false;
  }
  const bool needs_mask = found.field != nullptr && !left.masked;
  const std::string fixed = std::string(context.text(left.span)) +
                            (needs_mask ? " & " + std::string(found.field->mask_text) : "") +
                            (expr.op == Op::ne ? " !in { " : " in { ") + list_of(found.values) + " }";
  report.note("write `" + fixed + "`");
  if (names_in(site.env, expr.operands[1]).size() == found.values.size())
    report.fix("compare with a set", expr.span, fixed);
  return false;
}

bool check_joined_data(const Eval& eval, ast::ExprId id, const Value& value) {
  const auto type = target::find_type("errno");
  if (!type || value.parts.size() < 2 || excluding(eval, value.parts, *type).values.empty()) return true;
  const Span span = eval.env.at(id).span;
  eval.context.report(kinds::JoinedValues, span, eval.context.text(span), to_string(value.number))
      .note("a call fails with one error: write one of them");
  return false;
}

bool check_joined_element(const Eval& eval, ast::ExprId id, const Value& value) {
  if (value.kind != Value::Kind::number || value.parts.size() < 2) return true;
  const bool is_typed = eval.site != nullptr && eval.site->expected;
  const Excluding found =
      is_typed ? excluding(eval, value.parts, *eval.site->expected) : excluding_everywhere(eval, value);
  if (found.values.empty()) return true;
  Context& context = eval.context;
  const Span span = eval.env.at(id).span;
  auto report = context.report(kinds::JoinedValues, span, context.text(span), to_string(value.number));
  for (const Span& use : context.use_stack.uses()) report.label(use, "passed on here");
  const std::string list = list_of(found.values);
  if (names_in(eval.env, id).size() == found.values.size()) {
    report.note("a set takes them one by one: `" + list + "`").fix("write `" + list + "`", span, list);
  } else {
    report.note("a set takes values one by one: `{ " + list + " }`");
  }
  return false;
}

}  // namespace sbpc::sema
