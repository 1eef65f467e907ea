// complete.h: gives plain tests to whatever no pass has chosen tests for.
//
// Functions: their clauses in order. Sections: number ranges in rising order. The program: arch words in order. This is
// all of -O0, and what every pass falls back to. Tested by test/unit/opt/arguments_test.cpp.
#pragma once

#include "ir/program.h"

namespace sbpc::opt {

// Afterwards every entry is valid.
void complete(ir::Program& program);

// The function's entry; made if it has none.
ir::NodeId complete_function(ir::Program& program, ir::FunctionId id);
// The section's entry; made if it has none.
ir::NodeId complete_section(ir::Program& program, ir::Section& section);

// A function without flags: its clauses as tests, but a function that always answers the same asks nothing (the
// kernel's bitmap knows calls only where no argument is read).
ir::NodeId tests_of_case(ir::Program& program, const ir::Function& function);
// The clauses in order, then `otherwise`. Reads no diagram.
ir::NodeId tests_of_clauses(ir::Program& program, const ir::Function& function);

}  // namespace sbpc::opt
