// interpret.h: what a program answers for one call, executed as the kernel executes it.
//
// The whole of classic BPF that seccomp takes: A, X, the scratch cells, 32-bit arithmetic that wraps, shifts by a
// register modulo 32, a division by zero that ends the program with 0 (net/core/filter.c bpf_convert_filter).
#pragma once

#include <cstdint>
#include <vector>

#include "bpf/insn.h"
#include "target/seccomp_data.h"

namespace sbpc::bpf {

struct Answer {
  uint32_t word = 0;      // what it returns: SECCOMP_RET_*
  uint32_t executed = 0;  // instructions, the ret included; a limit of steps is not needed, since jumps go forward only
};

// `insns` is one that kernel_refusal has nothing against. `path`, if given, receives the pc of each executed
// instruction.
[[nodiscard]] Answer interpret(const Insns& insns, const target::SeccompData& data, bool big_endian,
                               std::vector<uint32_t>* path = nullptr);

}  // namespace sbpc::bpf
