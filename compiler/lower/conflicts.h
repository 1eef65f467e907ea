// conflicts.h: closed verdicts with two data, the one thing that can be wrong with a typed policy's meaning.
#pragma once

#include <vector>

#include "diag/sink.h"
#include "lower/close.h"

namespace sbpc::lower {

// Reports, for each two statements that meet, the first call on which they do, with an event. For a call whose diagram
// outgrew its budget events are tried on which two of its clauses hold; if none shows a conflict and the clauses'
// tests don't tell them apart either, whether they meet is not known: a warning. The program's diagram is left as it
// was.
void report_conflicts(const sema::Policy& policy, ir::Program& program, const std::vector<ClosedCall>& calls,
                      diag::Sink& sink);

}  // namespace sbpc::lower
