// operators.h: classes of operators, and enumerations of those that only some code treats one by one. A `switch` over
// such an enumeration lists what it is about, so that a new operator is asked for where it means something.
#pragma once

#include <optional>

#include "ast/ast.h"

namespace sbpc::ast {

// `==` and `in` make conditions of values, `||` of conditions, `+` makes values.
enum class OpClass : uint8_t { logic, assign, equality, order, membership, flags, value };

[[nodiscard]] constexpr OpClass class_of(Op op) {
  constexpr OpClass kClasses[] = {
#define OPERATOR(id, spelling, arity, level, kind) OpClass::kind,
#include "ast/operators.def"
  };
  return kClasses[static_cast<size_t>(op)];
}

// A higher level binds tighter.
[[nodiscard]] constexpr int level_of(Op op) {
  constexpr int kLevels[] = {
#define OPERATOR(id, spelling, arity, level, kind) level,
#include "ast/operators.def"
  };
  return kLevels[static_cast<size_t>(op)];
}

#define OPERATOR_logic(id)
#define OPERATOR_assign(id)
#define OPERATOR_equality(id) id,
#define OPERATOR_order(id) id,
#define OPERATOR_membership(id) id,
#define OPERATOR_flags(id) id,
#define OPERATOR_value(id)
enum class Comparison : uint8_t {
#define OPERATOR(id, spelling, arity, level, kind) OPERATOR_##kind(id)
#include "ast/operators.def"
};
#undef OPERATOR_equality
#undef OPERATOR_order
#undef OPERATOR_membership
#undef OPERATOR_flags
#undef OPERATOR_value

#define OPERATOR_equality(id)
#define OPERATOR_order(id)
#define OPERATOR_membership(id)
#define OPERATOR_flags(id)
#define OPERATOR_value(id) id,
enum class ValueOp : uint8_t {
#define OPERATOR(id, spelling, arity, level, kind) OPERATOR_##kind(id)
#include "ast/operators.def"
};
#undef OPERATOR_logic
#undef OPERATOR_assign
#undef OPERATOR_equality
#undef OPERATOR_order
#undef OPERATOR_membership
#undef OPERATOR_flags
#undef OPERATOR_value

[[nodiscard]] constexpr bool is_comparison(Op op) {
  const OpClass kind = class_of(op);
  return kind == OpClass::equality || kind == OpClass::order || kind == OpClass::membership || kind == OpClass::flags;
}

// Comparisons, and operators of values, stand side by side in operators.def: the rows of one class before them are
// counted.
template <class Subset>
[[nodiscard]] constexpr std::optional<Subset> as_one_of(Op op, bool (*belongs)(Op)) {
  if (!belongs(op)) return std::nullopt;
  size_t before = 0;
  for (size_t i = 0; i < static_cast<size_t>(op); ++i) before += belongs(static_cast<Op>(i)) ? 1 : 0;
  return static_cast<Subset>(before);
}
[[nodiscard]] constexpr std::optional<Comparison> as_comparison(Op op) {
  return as_one_of<Comparison>(op, [](Op each) { return is_comparison(each); });
}
[[nodiscard]] constexpr std::optional<ValueOp> as_value_op(Op op) {
  return as_one_of<ValueOp>(op, [](Op each) { return class_of(each) == OpClass::value; });
}

}  // namespace sbpc::ast
