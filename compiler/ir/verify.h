// verify.h: every invariant of a program, checked. Each message names the table, the index and what is wrong.
#pragma once

#include <string>
#include <vector>

#include "ir/program.h"

namespace sbpc::ir {

// Structure only: ids in range, ranges sorted and gapless, conditions in canonical form, the graph without cycles.
[[nodiscard]] std::vector<std::string> verify_structure(const Program& program);

// Structure, and that every meaning says what the clauses say and every entry of the graph what its level 1 says.
// Adds nodes to the diagram; what its budget leaves open is not complained about.
[[nodiscard]] std::vector<std::string> verify(Program& program);

}  // namespace sbpc::ir
