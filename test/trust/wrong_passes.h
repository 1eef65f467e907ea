// wrong_passes.h: optimiser passes with mistakes that optimisers make. Test code: no target of the product links them.
//
// Each changes one place of a program, which `seed` picks; false if there is no such place. Those before the optimiser
// change the clauses and ranges it starts from, those after it the finished test graph.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ir/program.h"

namespace sbpc::trust {

struct WrongPass {
  std::string_view name;
  bool before_optimizer;
  bool (*run)(ir::Program& program, uint64_t seed);
};
[[nodiscard]] std::span<const WrongPass> wrong_passes();

}  // namespace sbpc::trust
