// lower.h: sema::Policy -> ir::Program. Strictest-wins merging, overrides, excepts and closing happen here; split64
// turns tests of 16-, 32- and 64-bit values into tests of 32-bit words (the only home of width, sign and slot rules).
#pragma once

#include "base/result.h"
#include "diag/sink.h"
#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::lower {

// Reports closed verdicts with two data (an error with both places and a witness). Failed only then.
[[nodiscard]] Result<ir::Program> lower(const sema::Policy& policy, diag::Sink& sink);

// The program even then: what is asked of events that have one verdict can be answered.
[[nodiscard]] ir::Program lower_whole(const sema::Policy& policy, diag::Sink& sink);

}  // namespace sbpc::lower
