// checked.h: a comparison with its right side's value, and whether that is a value of the argument on the left. Private
// to test_values.cpp and test_belongs.cpp.
#pragma once

#include "sema/comparison.h"

namespace sbpc::sema {

struct Checked {
  const Site& site;
  const Left& left;
  const ast::Expr& expr;  // the comparison
  const Value& value;
  [[nodiscard]] bool literal() const { return !left.via_parameter && !value.via_parameter; }
  [[nodiscard]] Span right() const { return site.env.at(expr.operands[1]).span; }
};

[[nodiscard]] bool fits_argument(const Site& site, const Left& left, const Belongs& belongs);
// `PROT_EXEC` against `flags`: says which argument was probably meant.
void report_wrong_constant(const Checked& test, const ast::Expr& leaf, const Belongs& belongs);
// Whether a value that belongs so, made by the expression, fits; reports the constant that does not.
[[nodiscard]] bool check_belongs(const Checked& test, const Belongs& belongs, ast::ExprId id);
[[nodiscard]] bool check_belongs(const Checked& test);

}  // namespace sbpc::sema
