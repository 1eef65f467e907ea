// comparison.h: one comparison of a condition. Private to the files that make conditions.
#pragma once

#include "sema/evaluate.h"
#include "sema/site.h"

namespace sbpc::sema {

// A finished piece of a condition.
struct Built {
  CondId id = kAlways;
  bool literal = false;  // a test of an argument with constants as written, not through a parameter
  Span span;
};

// The left side: an argument, a raw slot or the instruction pointer, masked at most once.
struct Left {
  ArgRef ref;
  std::optional<target::TypeId> type;  // none: takes anything
  bool by_command = false;             // the type is that of the commands beside it
  bool is_pointer = false;
  bool masked = false;
  bool via_parameter = false;  // the mask came through one
  // The commands that may stand beside it and with which the kernel reads target::kNarrowBits of it only.
  std::vector<target::CommandArg> narrow;
  uint64_t mask = ~uint64_t{0};
  ast::ExprId mask_expr;  // if masked, with what it belongs to
  Belongs mask_belongs;
  std::span<const Part> mask_parts;
  std::string_view name;
  Span name_span;
  Span span;
};

// A pointer in any test but == NULL and != NULL.
void report_pointer(const Site& site, const Left& left, Span span);

// `=`, too, which is then an error.
[[nodiscard]] bool is_comparison(const ast::Expr& expr);
[[nodiscard]] Built comparison(const Site& site, const ast::Expr& expr);
// Reports on a left side that is none; nullopt then.
[[nodiscard]] std::optional<Left> read_left(const Site& site, ast::ExprId id);
// Whether the expression speaks about the call's arguments. `as_value`: on the right, where a value of that name goes
// first.
[[nodiscard]] bool mentions_argument(const Site& site, ast::ExprId id, bool as_value);

// The test `left OP value`, with its checks. `expr` is the comparison.
[[nodiscard]] Built make_test(const Site& site, const Left& left, const ast::Expr& expr);
// Fields and composite constants in has, any, lacks and only; false after a report.
[[nodiscard]] bool check_flags(const Site& site, const Left& left, const ast::Expr& expr, const Value& value);
// Masks that take a field apart, written with its values; false after a report.
[[nodiscard]] bool check_masks(const Site& site, const Left& left, const ast::Expr& expr, const Value& value);
// Values of one enumeration, or of one field, joined by `|` where the whole is compared; false after a report.
[[nodiscard]] bool check_joined(const Site& site, const Left& left, const ast::Expr& expr, const Value& value);
// `mode == 644`, `mode & 22`: a warning.
void check_modes(const Site& site, const Left& left, ast::ExprId right);
// Literal tests that can't hold together (AND), or one of which always holds (OR).
void check_contradictions(const Site& site, std::span<const Built> parts);
void check_tautology(const Site& site, std::span<const Built> parts);

// The low bits of a value, as the kernel sees them.
[[nodiscard]] inline uint64_t low_bits(Int value, unsigned width) {
  const auto word = static_cast<uint64_t>(value);
  return width >= 64 ? word : word & ((uint64_t{1} << width) - 1);
}
[[nodiscard]] inline Eval eval_of(const Site& site) { return {site.context, site.env, site.abi, &site}; }

}  // namespace sbpc::sema
