// jit_x86.h: how many x86-64 instructions the kernel's JIT executes for a run of a filter.
//
// A model of arch/x86/net/bpf_jit_comp.c do_jit after net/core/filter.c bpf_convert_filter, exact for Linux 6.1: it
// predicted 220 of 220 runs counted with the guest's time-stamp counter under QEMU's `-icount shift=0`. The rows for X
// registers and division were read in the source, not measured.
#pragma once

#include <cstdint>
#include <span>

#include "bpf/insn.h"

namespace sbpc::bpf {

// Of a whole call, from user space and back, apart from the filter's own instructions.
inline constexpr uint32_t kX86RunUnknownNr = 225;  // the number is none of a system call: ENOSYS without a filter
inline constexpr uint32_t kX86RunKnownNr = 233;
inline constexpr uint32_t kX86CachedCall = 146;    // answered from the cache of constant allows
inline constexpr uint32_t kX86StackedFilter = 76;  // for each further filter, besides its own instructions

// Executing the instruction at `pc`. `taken` is the way a branch goes; of no meaning for others.
[[nodiscard]] uint32_t x86_instructions(const Insns& insns, size_t pc, bool taken);
// Executing the instructions of `path` (as from interpret()): the filter's own part of a run.
// A path does not tell which way a branch went whose ways are the same; it counts as taken.
[[nodiscard]] uint32_t x86_instructions(const Insns& insns, std::span<const uint32_t> path);

}  // namespace sbpc::bpf
