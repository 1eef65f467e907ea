// program.h: a classic BPF program with what is known about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bpf/insn.h"

namespace sbpc::bpf {

// An instruction that the loader fills in: `k` of a comparison (a 32-bit half of a run-time value) or of a JA (a
// run-time bool: k is 0 for true and `offset` for false).
struct Patch {
  enum class Kind : uint8_t { value_low, value_high, flag };
  uint32_t pc;
  Kind kind;
  uint32_t hole;    // index of the run-time parameter
  uint32_t offset;  // flag: the jump taken when it is false
  bool operator==(const Patch&) const = default;
};

struct Program {
  Insns insns;
  bool big_endian = false;     // byte order of the machine that will run it
  std::vector<Patch> patches;  // by rising pc
  std::vector<uint32_t>
      places;  // for each instruction the policy statement it comes from (0xffffffff = none), or empty
};

}  // namespace sbpc::bpf
