// traced.h: a call of a trace -> the events that it may have been. Tested by test/cli/explain_audit.test.
#pragma once

#include <optional>

#include "explain/call.h"
#include "trace/trace.h"

namespace sbpc::explain {

// What the trace does not tell (strings, structures, constants without a known value) is open. nullopt: its ABI has no
// such call.
[[nodiscard]] std::optional<CallPattern> pattern_of(const trace::TracedCall& call);

}  // namespace sbpc::explain
