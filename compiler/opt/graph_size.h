// graph_size.h: how large a part of a program is.
#pragma once

#include <cstddef>

#include "ir/program.h"

namespace sbpc::opt {

// Nodes reachable from `entry`.
[[nodiscard]] size_t graph_size(const ir::Program& program, ir::NodeId entry);

// Comparisons in a function's clauses: ranges of values, holes, flags.
[[nodiscard]] size_t comparisons(const ir::Program& program, const ir::Function& function);

}  // namespace sbpc::opt
