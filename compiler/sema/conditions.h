// conditions.h: the conditions on a target -> a sema::Condition of one ABI, with every check of types, fields and
// shapes.
//
// Before: `flags & O_ACCMODE == O_RDONLY, mode lacks S_ISUID` for openat on x86_64.
// After:  all(args[2]:32 & 3 == 0, args[3]:16 & 0x800 == 0).
// Tested by test/language/types_test.cpp.
#pragma once

#include <string>

#include "sema/site.h"

namespace sbpc::sema {

// The operands joined by AND. Mistakes are reported and count as `always`.
[[nodiscard]] CondId build_conditions(const Site& site, std::span<const ast::ExprId> operands);

// Simplified: `always` vanishes, `never` wins.
[[nodiscard]] CondId all_of(std::vector<Condition>& conditions, std::vector<CondId> operands);
[[nodiscard]] CondId add_condition(std::vector<Condition>& conditions, Condition condition);
[[nodiscard]] CondId negation_of(std::vector<Condition>& conditions, CondId operand);
[[nodiscard]] CondId flag_condition(std::vector<Condition>& conditions, HoleId flag);

// What a fix writes in place of the whole condition at hand, a term of `op`: in parentheses where the operator around
// it binds tighter. `A || B` beside `&&` or behind `!`.
[[nodiscard]] std::string in_place(const Site& site, ast::Op op, std::string text);

}  // namespace sbpc::sema
