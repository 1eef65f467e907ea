// opt.h: the optimiser. ir::Program -> ir::Program that is complete (has a test graph) and answers the same for every
// event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/program.h"

namespace sbpc::opt {

enum class Level : uint8_t { o0, o1, o2, o3, os };

// Who runs the filter: what a load, a mask and a test cost.
enum class Cost : uint8_t {
#define PRICE(id, name, load, mask, test, high, what) id,
#include "opt/prices.def"
};

// How often calls are made, for one arch word: number -> share. Known numbers not named share `rest` (weights.h).
struct Profile {
  uint32_t arch = 0;
  std::vector<std::pair<uint32_t, uint64_t>> counts;  // by rising number, each once
  uint64_t rest = 0;
};

struct Options {
  Level level = Level::o2;
  std::vector<Profile> profiles;  // empty: uniform
  bool cache_aware = true;        // constant allows are answered by the kernel's bitmap (>= 5.11 and the ABI has one)
  uint32_t cached_weight_ppm = 10'000;  // what a cached call still counts, in millionths
  Cost cost = Cost::bpf;
  std::string only_passes;  // test switch: comma separated names instead of the level's list
  std::string print_after;  // a pass's name: its result is appended to `printed`
};

struct PassContext {
  const Options& options;
};

// Runs the passes of passes.def that the level names, in order; always leaves the program complete.
// Never reports and never fails: with every pass removed the result is still right.
void run(ir::Program& program, const Options& options, std::string* printed = nullptr);

}  // namespace sbpc::opt
