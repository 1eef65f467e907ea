// rows.h: long rows of one operator, `fd == 0 || fd == 1 || ...` as generators write them: parse/ groups them in pairs,
// so that they are not as deep as they are long, and the formatter writes them as the row they were.
#pragma once

#include <cstddef>

#include "ast/ast.h"

namespace sbpc::ast {

inline constexpr size_t kLongRow = 64;  // operands; up to so many are grouped from the left, as all other operators

// Rows of it mean the same in whatever way they are grouped.
constexpr bool makes_rows(Op op) { return op == Op::or_ || op == Op::and_ || op == Op::bit_or || op == Op::add; }

}  // namespace sbpc::ast
