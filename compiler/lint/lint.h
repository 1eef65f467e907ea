// lint.h: warnings about policies that compile and still do not do what they seem to: doors beside the closed one, and
// what libc needs.
//
// Every question is asked of the closed meaning, not of the text: a call counts as denied for some flags if no event
// with them may run, whatever statements, imports and overrides led to it. An `assert` that says the same (`assert
// allow ptrace;`) shows that it is meant and silences the question; so does `use unsafe`. What is asked about which
// call is lints.def. Tested by test/diag/<Kind>.sb.
#pragma once

#include "ir/program.h"
#include "lint/findings.h"
#include "sema/policy.h"

namespace sbpc::lint {

// Asks everything of one policy. `program` is lower's; its diagram is left as it was.
void lint(const sema::Policy& policy, ir::Program& program, Findings& findings);
// The same, reported at once.
void lint(const sema::Policy& policy, ir::Program& program, diag::Sink& sink);

}  // namespace sbpc::lint
