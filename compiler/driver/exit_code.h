// exit_code.h: what the process answers its caller; docs/language.md, "Exit codes".
#pragma once

#include "diag/sink.h"

namespace sbpc::driver {

inline constexpr int kExitOk = 0;           // yes
inline constexpr int kExitNo = 1;           // the answer is no: errors, a failed assert
inline constexpr int kExitUsage = 2;        // the command line
inline constexpr int kExitEnvironment = 3;  // files and the system
inline constexpr int kExitUndecided = 4;    // never 0
inline constexpr int kExitInternal = 70;    // a bug of ours (EX_SOFTWARE of sysexits.h)

// For the errors in the sink; kExitOk if there are none. The command line counts before files, files before undecided.
[[nodiscard]] int exit_code(const diag::Sink& sink);

}  // namespace sbpc::driver
