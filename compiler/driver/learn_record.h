// learn_record.h: `sbpc learn -- COMMAND`: run a command and its children, and observe every call they make.
//
// A filter that answers each call with `trace` stops the thread once a call, with the registers as a filter sees them
// (ptrace(2), PTRACE_EVENT_SECCOMP): half the stops of PTRACE_SYSCALL. It needs no_new_privs, so programs that set user
// or group ids when executed do not do so here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/observe.h"

namespace sbpc::driver {

// Its `run`, from 1 on. False if it could not be started or traced: said on standard error, or in `why`.
[[nodiscard]] bool record(const std::vector<std::string>& command, uint32_t run, learn::Observations& observations,
                          std::string& why);

}  // namespace sbpc::driver
