// codegen.h: the test graph -> instructions.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "bpf/program.h"
#include "ir/program.h"

namespace sbpc::codegen {

enum class Goal : uint8_t { speed, size };

struct Code {
  bpf::Program program;  // longer than bpf::kMaxInsns when it does not fit; then don't load it
  // Instructions by policy statement, most first: who to blame when the program does not fit.
  std::vector<std::pair<ir::PlaceId, uint32_t>> contributors;
};

// `program` must be complete (opt::run leaves it so): every entry is valid.
[[nodiscard]] Code generate(const ir::Program& program, Goal goal);

}  // namespace sbpc::codegen
