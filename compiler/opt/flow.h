// flow.h: where calls go in a complete graph.
//
// Numbers and arch words are followed exactly. What arguments hold is unknown: a test is assumed to go to each side by
// the number of ways below that end there, a way to an answer that lets the call run counting kRunFactor times one that
// does not (programs mostly make calls that work). Tested by test/unit/opt/numbers_test.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"
#include "opt/opt.h"

namespace sbpc::opt {

inline constexpr uint64_t kRunFactor = 9;

// For each node of the graph the ways below it, by that measure.
[[nodiscard]] std::vector<uint64_t> heat_of_nodes(const ir::Program& program);

struct NumberOfArch {
  uint32_t arch;
  uint32_t nr;
};

// Follows tests of arch and number from `at` to the first other node; calls `visit` with every node on the way but that
// one.
template <class Visit>
ir::NodeId follow_number(const ir::Program& program, ir::NodeId at, NumberOfArch call, Visit visit) {
  for (;;) {
    const ir::Node& node = program.graph[at.value];
    if (node.is_return || node.op == ir::Op::hole || node.op == ir::Op::flag) return at;
    if (node.word != ir::Word::arch && node.word != ir::Word::nr) return at;
    visit(at);
    uint32_t value = (node.word == ir::Word::arch ? call.arch : call.nr) & node.mask;
    bool holds = node.op == ir::Op::eq   ? value == node.value
                 : node.op == ir::Op::gt ? value > node.value
                 : node.op == ir::Op::ge ? value >= node.value
                                         : (value & node.value) != 0;
    at = holds ? node.yes : node.no;
  }
}

// Sets Node::weight of every node reachable from the entry, at least 1; of the others 0. The program must be complete.
void annotate_weights(ir::Program& program, const Options& options);

}  // namespace sbpc::opt
