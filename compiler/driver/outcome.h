// outcome.h: what the stages are asked for, and what the silent ones (opt, codegen, prove) found, in the user's words.
#pragma once

#include "diag/sink.h"
#include "driver/compile.h"

namespace sbpc::driver {

// -D, --policy, --target, --kernel, --min-kernel.
[[nodiscard]] sema::Options sema_options(const Options& options);

// The level and switches of the command line, the cache model of --min-kernel, the frequencies of the policy or of
// --profile, else the built-in mix.
[[nodiscard]] opt::Options optimizer_options(const Options& options, const sema::Policy& policy);

// An error that names the statements with the most instructions if the program is longer than the kernel takes.
void report_size(const Compiled& compiled, diag::Sink& sink);

// An error unless the proof succeeded or was not asked for.
void report_proof(const Compiled& compiled, const Options& options, diag::Sink& sink);

// What was shown, and how: for one whose proof succeeded.
[[nodiscard]] std::string proof_text(const Compiled& compiled);

// --permissive: from here on the program logs what the policy denies. Says so, whatever -W says.
void make_permissive(Compiled& compiled, diag::Sink& sink);

}  // namespace sbpc::driver
