// nested.h: where a function of a call's words holds, register by register through its diagram: what a program's
// conditions are written as where describe/ has no short words for them.
//
//     ($0 >= 5 || $0 & 1 == 1) with ($1 <= 3 || $2 & 7 == 1)   one alternative, which as a list of all ways is four
//
// Tested by test/cli/import_clauses.test and test/unit/import/nested_test.cpp.
#pragma once

#include <optional>
#include <vector>

#include "describe/describe.h"
#include "ir/diagram.h"

namespace sbpc::importer {

// Alternatives; nullopt: they take more than limits::kImportAlternatives comparisons. `where` looks at arguments and
// the instruction pointer only; nodes that the work needs stay in the diagram.
[[nodiscard]] std::optional<std::vector<describe::Case>> nested(ir::Diagram& diagram, ir::Ref where, target::Abi abi);

}  // namespace sbpc::importer
