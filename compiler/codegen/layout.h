// layout.h: puts the instructions in an order in which every jump reaches.
//
// One pass from the program's end to its start, so that each jump's distance is known when it is made. Before
//     test a ? b : c
// the larger of b and c is placed far, the smaller directly behind the test. A branch spans at most 255 instructions;
// what lies further is reached, in this order, by a copy of the return, by a JA that is already near, by a new JA
// behind the test.
#pragma once

#include "bpf/program.h"
#include "codegen/codegen.h"
#include "codegen/select.h"
#include "ir/program.h"

namespace sbpc::codegen {

[[nodiscard]] bpf::Program lay_out(const ir::Program& program, const Selection& selection, Goal goal);

}  // namespace sbpc::codegen
