// format.h: prints an AST as SB source in the one style of `sbpc fmt`: two columns a level, one statement a line, lines
// of up to 120 columns, every comment kept, groups of lines kept apart by one empty line. What it prints parses to the
// same AST, and formatting that again changes nothing.
//
// `text` is the source of `file`; comments and empty lines are looked up there. An AST made by hand has neither: pass
// "", leave the spans default-made. A block with one statement stays on one line if it was written so. Only for files
// without syntax errors: what an error skipped is copied as it stands. Tested by test/unit/ast/format_test.cpp.
#pragma once

#include <string>
#include <string_view>

#include "ast/ast.h"

namespace sbpc::ast {

[[nodiscard]] std::string format(const File& file, std::string_view text);

// One expression, target or action as it would be printed on a line without end: for messages and reports.
[[nodiscard]] std::string format(const File& file, ExprId expr);
[[nodiscard]] std::string format(const File& file, const Target& target);
[[nodiscard]] std::string format(const File& file, const Action& action);

}  // namespace sbpc::ast
