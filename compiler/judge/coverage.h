// coverage.h: which statements the expectations of tests put to the proof.
//
// A statement (a rule, `require`, `fallback` or the `default` line) is covered by an expectation if on some ABI there
// is an event that the expectation speaks of and that the statement decides: what it says is the policy's answer, by
// itself or together with others that say the same. Decided for all events, not by sampling. Texts count: a statement
// of a rule set that is used twice is one statement.
#pragma once

#include <map>

#include "base/source.h"
#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::judge {

using Coverage = std::map<Span, bool>;  // by text of the statement: whether it is covered

// Adds every statement of the policy that can ever match, and marks those that its assertions cover. Statements whose
// meaning outgrows its budget count as not covered. `program` is lower's; its diagram is left as it was.
void add_coverage(const sema::Policy& policy, ir::Program& program, Coverage& coverage);

}  // namespace sbpc::judge
