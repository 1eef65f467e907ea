// weights.h: how often each number is called, as integers.
//
// From Options::profiles; without a profile for an arch every known call of its ABIs counts the same, but calls that
// the policy never lets run a kRefusedPart only: programs mostly make calls that work. Calls that the kernel's bitmap
// answers count cached_weight_ppm only. Same options, same weights: there is no floating point on the way to a
// decision. Tested by test/unit/opt/weights_test.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"
#include "opt/opt.h"

namespace sbpc::opt {

inline constexpr uint64_t kRefusedPart = 16;

struct NumberWeight {
  uint32_t nr;
  uint64_t weight;
  bool cached = false;  // the kernel's bitmap answers it, where there is one: always allowed
};

// By rising number; their sum is at most kWeightTotal (and close to it), whatever the section's own share.
[[nodiscard]] std::vector<NumberWeight> number_weights(const ir::Program& program, const ir::Section& section,
                                                       const Options& options);

// For each section how much of kWeightTotal it gets: by the sum of its profile; a section without profile a hundredth
// of the profiled ones, and all the same where nothing is profiled.
[[nodiscard]] std::vector<uint64_t> section_weights(const ir::Program& program, const Options& options);

}  // namespace sbpc::opt
