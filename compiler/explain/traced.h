// traced.h: a call of a trace -> the events that it may have been. Tested by test/cli/explain_audit.test.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "explain/call.h"
#include "ir/function_ref.h"
#include "trace/trace.h"

namespace sbpc::explain {

// What the trace does not tell (strings, structures, constants without a known value) is open. nullopt: its ABI has no
// such call.
[[nodiscard]] std::optional<CallPattern> pattern_of(const trace::TracedCall& call);
// The call of a line, also of one that a filter killed the process in and that has a first half only.
[[nodiscard]] std::optional<trace::TracedCall> call_of_line(std::string_view line, target::Abi abi);
// Every call of a trace's lines: those that ended, and those that a filter killed the process in.
struct TraceLines {
  size_t unreadable = 0;  // lines of no known form
  size_t unfinished = 0;  // calls that were begun and not ended
};
TraceLines each_call(std::string_view text, target::Abi abi, ir::FunctionRef<void(const trace::TracedCall&)> visit);
// Why there is no pattern: "no call is in it".
[[nodiscard]] std::string no_call_text(const std::optional<trace::TracedCall>& call);
// What the kernel did with it, where the line tells that.
[[nodiscard]] std::optional<target::Action> answered(const trace::TracedCall& call);
// The call as it is asked about: its name, or as the line has it if that tells more.
[[nodiscard]] std::string traced_text(const trace::TracedCall& call, const CallPattern& pattern);

}  // namespace sbpc::explain
