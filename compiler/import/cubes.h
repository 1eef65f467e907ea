// cubes.h: where a function of a call's words holds, way by way through its diagram, each as the bits that it looks at:
// what a program's conditions are written as where describe/ has no short words for them.
//
//     $0 & 0x7 == 1, $1 & 0xffffffff80000000 == 0
//
// Tested by test/cli/import_clauses.test.
#pragma once

#include <optional>
#include <vector>

#include "describe/describe.h"
#include "ir/diagram.h"

namespace sbpc::importer {

// nullopt: they are too many. `where` looks at arguments and the instruction pointer only.
[[nodiscard]] std::optional<std::vector<describe::Case>> cubes(const ir::Diagram& diagram, ir::Ref where,
                                                               target::Abi abi);

}  // namespace sbpc::importer
