// cost.h: what a complete graph costs to run, in tests and in classic BPF instructions.
//
// Instructions are counted along each way as codegen/ emits them: a load where the word is not in A, an AND where it is
// not masked, one per test, one for the return; jumps that layout may have to add are not foreseen. Means over
// arguments rest on the assumption of flow.h. For reports and tests: nothing is decided by these floating-point
// numbers. Tested by test/unit/opt/numbers_test.cpp.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "ir/program.h"
#include "opt/held.h"
#include "opt/opt.h"

namespace sbpc::opt {

struct Executed {
  double tests = 0;  // mean
  double insns = 0;  // mean
  uint32_t best_insns = 0;
  uint32_t worst_insns = 0;
  uint32_t worst_tests = 0;
};

class CostModel {
 public:
  // The program must be complete, outlive the model and not change.
  explicit CostModel(const ir::Program& program);
  [[nodiscard]] Executed of_call(uint32_t arch, uint32_t nr);
  // From any node, with nothing in A.
  [[nodiscard]] Executed of_node(ir::NodeId node) { return below({node, {}}); }

 private:
  struct State {
    ir::NodeId node;
    Held held;
    bool operator==(const State&) const = default;
  };
  struct Hash {
    size_t operator()(const State& state) const;
  };
  Executed below(const State& state);

  const ir::Program& program_;
  std::vector<uint64_t> heat_;
  std::unordered_map<State, Executed, Hash> known_;  // only looked up, never walked
};

struct ProgramCost {
  double tests = 0;  // mean over all calls by the profile
  double insns = 0;
  double uncached_insns = 0;  // mean over the calls for which the filter runs on a kernel with a bitmap; 0 if none does
  double uncached_share = 0;  // of all calls
  uint32_t worst_insns = 0;   // over all numbers, known or not
  uint32_t worst_number_tests = 0;  // tests of the number on the longest way, any section
  uint32_t nodes = 0;               // reachable tests and returns
};

// Calls weigh as `options.profiles` say, cached or not (cache_aware and cached_weight_ppm are ignored).
[[nodiscard]] ProgramCost program_cost(const ir::Program& program, const Options& options);

}  // namespace sbpc::opt
