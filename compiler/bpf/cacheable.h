// cacheable.h: will the kernel (>= 5.11) answer this call from its cache, without running the filter?
//
// kernel/seccomp.c seccomp_is_const_allow emulates a filter once for each (arch, nr < NR_syscalls) when it is
// installed. It knows only nr and arch and follows only the rows of opcodes.def marked `emulated`; if it ends in
// exactly SECCOMP_RET_ALLOW (no data bits) the call is cached. On x86_64 the kernel always allows uretprobe and uprobe
// besides; that is not part of this answer.
#pragma once

#include <cstdint>
#include <span>

#include "bpf/insn.h"
#include "bpf/program.h"

namespace sbpc::bpf {

// All `insns` here are such that kernel_refusal has nothing against them.
[[nodiscard]] bool is_const_allow(const Insns& insns, uint32_t arch, uint32_t nr);

// The same in parts, for programs whose run-time bools are not known yet.
struct EmulatedCall {
  uint32_t arch;
  uint32_t nr;
};
struct Emulation {
  enum class End : uint8_t { running, allow, other, flag };
  End end = End::running;  // flag: at the JA of a run-time bool
  uint32_t pc = 0;
  uint32_t a = 0;
};
// Goes on at `from`, up to the end or to a JA that `patches` names.
[[nodiscard]] Emulation emulate(const Insns& insns, std::span<const Patch> patches, EmulatedCall call, Emulation from);

}  // namespace sbpc::bpf
