// conflicts.h: closed verdicts with two data, the one thing that can be wrong with a typed policy's meaning.
#pragma once

#include <vector>

#include "diag/sink.h"
#include "lower/close.h"

namespace sbpc::lower {

// Reports, for each two statements that meet, the first call on which they do, with an event. A call whose diagram
// outgrew its budget gets a warning if two of its clauses have one action and different data; whether they meet is then
// not known.
void report_conflicts(const sema::Policy& policy, const ir::Program& program, const std::vector<ClosedCall>& calls,
                      diag::Sink& sink);

}  // namespace sbpc::lower
