// run_registers.h: the system call that a stopped thread was making, from its registers.
#pragma once

#include <sys/types.h>

#include <optional>

#include "target/seccomp_data.h"

namespace sbpc::driver {

// For a thread in a ptrace stop inside or right after a call that a filter denied: the kernel has put the registers
// back to what they were (kernel/seccomp.c: syscall_rollback()). nullopt on machines other than x86_64 and aarch64, or
// if the thread is gone.
[[nodiscard]] std::optional<target::SeccompData> call_of(pid_t thread);

}  // namespace sbpc::driver
