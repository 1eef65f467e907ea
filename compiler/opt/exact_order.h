// exact_order.h: the order of a function's tests that executes least, by trying all.
//
// Dynamic programming over (the cells still possible, what is in A). Tested by test/unit/opt/arguments_test.cpp.
#pragma once

#include <optional>

#include "opt/cells.h"

namespace sbpc::opt {

struct ExactOrder {
  ir::NodeId entry;
  uint64_t cost;  // as cost_of
};

// nullopt if more than kMostStates come up.
inline constexpr size_t kMostStates = 2000;
[[nodiscard]] std::optional<ExactOrder> exact_order(ir::Program& program, const Cells& cells, Cost cost);

}  // namespace sbpc::opt
