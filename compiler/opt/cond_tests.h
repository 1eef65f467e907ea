// cond_tests.h: a condition as tests of the graph, in the order it is written, stopping as soon as the answer is known.
//
//   member(a, {3, 5..9})   ->   a == 3 ? yes : a >= 5 ? (a > 9 ? no : yes) : no
//   member(a & 0x6, {0})   ->   a & 0x6 ? no : yes
//
// Tested by test/unit/opt/arguments_test.cpp.
#pragma once

#include "ir/program.h"

namespace sbpc::opt {

struct Ways {
  ir::NodeId yes;
  ir::NodeId no;
};

ir::NodeId tests_of(ir::Program& program, ir::CondId cond, Ways ways, ir::PlaceId place);

}  // namespace sbpc::opt
