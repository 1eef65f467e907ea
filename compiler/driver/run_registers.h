// run_registers.h: the system call that a stopped thread was making, from its registers; and the answer to it.
#pragma once

#include <sys/types.h>

#include <optional>

#include "target/seccomp_data.h"

namespace sbpc::driver {

// For a thread in a ptrace stop inside or right after a call that a filter denied: the kernel has put the registers
// back to what they were (kernel/seccomp.c: syscall_rollback()). nullopt on machines other than x86_64 and aarch64, or
// if the thread is gone.
[[nodiscard]] std::optional<target::SeccompData> call_of(pid_t thread);

// The same for a thread that a filter has stopped for its tracer (PTRACE_EVENT_SECCOMP), on any machine since
// Linux 5.3.
[[nodiscard]] std::optional<target::SeccompData> stopped_call_of(pid_t thread);

// For a thread that a filter has stopped before its call (PTRACE_EVENT_SECCOMP): the call is not made, and `result` is
// what it returns: 0, or an errno made negative. False on other machines than those, and for 32-bit arm.
[[nodiscard]] bool answer_call(pid_t thread, int64_t result);

}  // namespace sbpc::driver
