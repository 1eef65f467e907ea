// build.h: the events of one parse -> ast::File. Applies precedence, and reports what the grammar is too loose to
// refuse: two commas in a row, sets and ranges out of place, `!` before an operator other than `in`, a second `else`,
// expressions too deep, parameters without number. Tested by test/unit/parse/parse_test.cpp.
#pragma once

#include "ast/ast.h"
#include "base/result.h"
#include "diag/sink.h"
#include "parse/events.h"

namespace sbpc::parse {

// Failed where nothing should look at the file: over a bound.
[[nodiscard]] Result<ast::File> build(const Source& source, const std::vector<Token>& comments,
                                      const std::vector<Event>& events, diag::Sink& sink);

}  // namespace sbpc::parse
