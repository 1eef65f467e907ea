// print.h: an AST as text, for `--emit ast` and for tests. Stable, without places; what the source wrote differently
// but means the same tree (comments, line breaks, trailing commas) prints the same.
//
//   default kill_process;
//   allow read(fd == 1);
// ->
//   (default kill_process)
//   (rule allow (call read (== fd 1)))
#pragma once

#include <string>

#include "ast/ast.h"

namespace sbpc::ast {

[[nodiscard]] std::string print(const File& file);
[[nodiscard]] std::string print(const File& file, ExprId expr);

// As written in source: "!in", "<<".
[[nodiscard]] std::string_view spelling(Op op);

}  // namespace sbpc::ast
