// ask_kernel.h: what the running kernel answers to calls under a program. No call is made that the program would let
// pass: see runtime/probe/probe.h. Children are forked for it; one that a stuck kernel never answers is given up.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bpf/insn.h"
#include "target/abi.h"
#include "target/seccomp_data.h"

namespace sbpc::driver {

// Whether this machine can make calls of the ABI: its own, i386's and x32's numbers on x86_64.
[[nodiscard]] bool can_make_calls(target::Abi abi);

struct KernelAnswers {
  std::string trouble;  // why nothing was asked, in words; then `words` is empty
  // By event: SECCOMP_RET_* with data, as observed in a process that the program was installed on; nullopt: the kernel
  // does not put this call to filters, or it has no 32-bit entry.
  std::vector<std::optional<uint32_t>> words;
};

// Instruction pointers of the events don't count: the calls come from where they come from.
[[nodiscard]] KernelAnswers ask_kernel(const bpf::Insns& program, std::span<const target::SeccompData> events);

}  // namespace sbpc::driver
