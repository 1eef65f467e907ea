// questions.h: the questions of lints.def, each over one ABI.
#pragma once

#include "lint/answers.h"
#include "lint/findings.h"

namespace sbpc::lint {

// Doors: the same thing by another call, by io_uring, by a multiplexer, by another ABI.
void ask_ways(Answers& answers, Findings& findings);
void ask_siblings(Answers& answers, Findings& findings);
void ask_io_uring(Answers& answers, Findings& findings);
void ask_multiplexers(Answers& answers, Findings& findings);
void ask_foreign(Answers& answers, const ir::Program& program, Findings& findings);
// A denial of one value of a word of flags.
void ask_one_value(Answers& answers, Findings& findings);
// A denial of a whole register of which the kernel reads a part.
void ask_raw_value(Answers& answers, Findings& findings);
// What the oldest kernel that may run the policy does not know.
void ask_features(const sema::Policy& policy, const ir::Program& program, Findings& findings);
// What a list of allowed calls leaves open.
void ask_left_open(Answers& answers, Findings& findings);
// What libc does by itself.
void ask_needs(Answers& answers, Findings& findings);
void ask_newer(Answers& answers, Findings& findings);

// What lints.def says beside a warning of that kind; empty if nothing.
[[nodiscard]] std::string_view door_note(diag::Kind kind);
// What a test of one value of a word of flags should say: `prot == PROT_EXEC` -> "prot has PROT_EXEC".
[[nodiscard]] std::string whole_test(const sema::Test& test, const target::Arg& arg, target::Abi abi);

}  // namespace sbpc::lint
