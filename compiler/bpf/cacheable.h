// cacheable.h: will the kernel (>= 5.11) answer this call from its cache, without running the filter?
//
// kernel/seccomp.c seccomp_is_const_allow emulates a filter once for each (arch, nr < NR_syscalls) when it is installed. It knows
// only nr and arch and follows only the rows of opcodes.def marked `emulated`; if it ends in exactly SECCOMP_RET_ALLOW (no data
// bits) the call is cached. On x86_64 the kernel always allows uretprobe and uprobe besides; that is not part of this answer.
#pragma once

#include <cstdint>

#include "bpf/insn.h"

namespace sbpc::bpf {

// `insns` is one that kernel_refusal has nothing against.
[[nodiscard]] bool is_const_allow(const Insns& insns, uint32_t arch, uint32_t nr);

}  // namespace sbpc::bpf
