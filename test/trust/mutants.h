// mutants.h: what the proof says of a program that was changed a little.
//
// Every bit of every instruction is flipped, instructions are swapped, deleted, doubled. The proof must refute each
// mutant that answers anything differently, with a call that shows it; and each that it calls equal must answer alike
// on all numbers and on the boundary values of every comparison in the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "trust/policies.h"

namespace sbpc::trust {

struct Counts {
  size_t mutants = 0;
  size_t refused = 0;  // by the checks of the kernel
  size_t refuted = 0;  // with a call on which the two programs were seen to differ
  size_t equal = 0;    // and seen to answer alike
  size_t undecided = 0;
  std::vector<std::string> open;   // which those are, and why
  std::vector<std::string> wrong;  // lies of the proof
  void add(const Counts& other);
};

struct Mutant {
  std::string what;  // "bit 12 of instruction 7"
  bpf::Insns insns;
  std::vector<uint32_t> changed;  // instructions; none: those behind it have moved
};

// All of them, in a fixed order.
[[nodiscard]] size_t mutant_count(const bpf::Insns& insns);
[[nodiscard]] Mutant mutant(const bpf::Insns& insns, size_t index);

// Those whose indices are given.
[[nodiscard]] Counts judge(const Built& built, const std::vector<size_t>& indices);

}  // namespace sbpc::trust
