// outcome.h: what the line's silent stages (opt, codegen, prove) are asked for, and what they found, in the user's words.
#pragma once

#include "diag/sink.h"
#include "driver/compile.h"

namespace sbpc::driver {

// The level and switches of the command line, the cache model of --min-kernel, the frequencies of the policy.
[[nodiscard]] opt::Options optimizer_options(const Options& options, const sema::Policy& policy);

// An error that names the statements with the most instructions if the program is longer than the kernel takes.
void report_size(const Compiled& compiled, diag::Sink& sink);

// An error unless the proof succeeded or was not asked for.
void report_proof(const Compiled& compiled, diag::Sink& sink);

}  // namespace sbpc::driver
