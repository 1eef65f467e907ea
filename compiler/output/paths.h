// paths.h: what a program can do for one call whose number and arch are known and whose arguments are not.
//
// Both ways of every test of an argument are followed, so a bound may lie above what real arguments can cause; it never
// lies below. Means rest on the assumption of opt/flow.h: a test goes to each side by the ways below that end there,
// one to an answer that lets the call run counting opt::kRunFactor times one that does not. For programs that sbpc
// emits: they load words, mask, compare, jump and return. Tested by test/unit/output/paths_test.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bpf/program.h"

namespace sbpc::output {

// Which calls: one number, or all between two.
struct Numbers {
  uint32_t first = 0;
  uint32_t last = 0;
  bool operator==(const Numbers&) const = default;
};

struct Cost {
  uint32_t insns = 0;  // executed instructions of the program
  uint32_t x86 = 0;    // by bpf/jit_x86.h
  uint64_t ps = 0;     // by bpf/time_model.h, every branch foreseen
  bool operator==(const Cost&) const = default;
};

struct MeanCost {
  double insns = 0;
  double x86 = 0;
  double ps = 0;
  double missed_tests =
      0;  // min(p, 1 - p) of each test on the way: what no predictor that sees one call alone foresees
};

struct CallPaths {
  Cost least;  // each of the three by itself
  Cost most;
  MeanCost mean;
  uint64_t ways = 0;            // how many there are; at most kMostWays are counted
  std::vector<uint32_t> words;  // what it can return, sorted
};
inline constexpr uint64_t kMostWays = uint64_t{1} << 40;

// One way: the instructions in their order, the return last.
struct Way {
  std::vector<uint32_t> pcs;
  std::vector<bool> taken;  // for each instruction, whether a test held or a run-time bool was false
  double share = 0;         // of the call's runs
  uint32_t word = 0;
  Cost cost;
};

// The part of a program that one call, or a range of numbers alike, can reach.
class CallGraph {
 public:
  CallGraph(const bpf::Program& program, uint32_t arch, Numbers numbers);
  [[nodiscard]] CallPaths paths() const;
  // Up to `limit` ways, the likelier side of every test first.
  [[nodiscard]] std::vector<Way> ways(size_t limit) const;
  // The instructions of a way that executes most of them.
  [[nodiscard]] std::vector<uint32_t> dearest() const;
  // Adds to visits[pc] how often the instruction is executed for `weight` calls, and to `taken` how often its test
  // held.
  void count(double weight, std::vector<double>& visits, std::vector<double>& taken) const;

 private:
  // What is in the accumulator.
  struct Held {
    enum class Kind : uint8_t { unknown, value, number } kind = Kind::unknown;
    uint32_t value = 0;
    bool operator==(const Held&) const = default;
  };
  struct State {
    uint32_t pc = 0;
    Numbers numbers;  // that get here
    Held held;
    bool operator==(const State&) const = default;
  };
  struct Edge {
    uint32_t to = 0;
    bool taken = false;
  };
  struct Node {
    State state;
    std::vector<Edge> edges;  // none: a return
    uint64_t heat = 0;
    CallPaths below;
  };
  void expand(uint32_t index);
  void branch(const State& from, std::vector<std::pair<State, bool>>& out) const;
  uint32_t find_or_add(const State& state);
  [[nodiscard]] Cost cost_of(uint32_t pc, bool taken) const;
  void summarize(Node& node);
  void summarize_return(Node& node);
  [[nodiscard]] double likelihood(const Node& node, size_t edge) const;
  [[nodiscard]] const bpf::Patch* flag_at(uint32_t pc) const;

  const bpf::Program& program_;
  uint32_t arch_;
  std::vector<Node> nodes_;                   // [0] is the start
  std::vector<std::vector<uint32_t>> at_pc_;  // nodes by pc
};

}  // namespace sbpc::output
