// cells.h: a function cut into cells by the tests that decide it: on each cell every test has one outcome.
//
// For functions of few tests; made for the exact search of the best order. Tested by test/unit/opt/arguments_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ir/program.h"
#include "opt/opt.h"

namespace sbpc::opt {

struct Atom {
  ir::Node test;       // yes and no mean nothing
  uint64_t holds = 0;  // the cells, by bit, on which it holds
};

struct Cell {
  ir::Diagram::Witness event;  // one event of the cell
  ir::Verdict verdict;
  uint64_t weight;  // their sum is about kWeightTotal
};

struct Cells {
  std::vector<Atom> atoms;
  std::vector<Cell> cells;  // at most 64
};

inline constexpr size_t kMostAtoms = 12;
inline constexpr size_t kMostCells = 64;

// By the tests below `entries`, each of which decides the function (its meaning must be valid). nullopt if they are too
// many.
[[nodiscard]] std::optional<Cells> cells_of(ir::Program& program, const ir::Function& function,
                                            std::span<const ir::NodeId> entries);

// What a run executes until it returns, weighted by the cells: loads, masks and tests below `entry`.
[[nodiscard]] uint64_t cost_of(const ir::Program& program, const Cells& cells, ir::NodeId entry, Cost cost);

}  // namespace sbpc::opt
