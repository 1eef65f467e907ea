// cost_report.h: what a program costs, call by call. A model, not a stopwatch: the same on every machine.
#pragma once

#include <string>

#include "bpf/program.h"
#include "sema/policy.h"

namespace sbpc::output {

// Size, what the kernel answers from its cache, and for each ABI the calls grouped by what is answered; calls whose
// answer depends on their arguments stand alone. `proof` is a sentence about the proof, or empty.
[[nodiscard]] std::string cost_report(const sema::Policy& policy, const bpf::Program& program,
                                      const std::string& proof);

}  // namespace sbpc::output
