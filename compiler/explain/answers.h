// answers.h: what a compiled policy answers to a call, who decides it, and what the program spends on it.
//
// One answer for each verdict that the call can get. Tested by test/cli/explain.test.
#pragma once

#include <optional>
#include <vector>

#include "bpf/program.h"
#include "explain/call.h"
#include "explain/verdicts.h"
#include "lower/decide.h"
#include "sema/policy.h"

namespace sbpc::explain {

// A policy with what was made of it. `program` is not const: questions add to its diagram.
struct Subject {
  const sema::Policy& policy;
  ir::Program& program;
  const bpf::Program& code;
};

// One run of the program, for the answer's example.
struct Cost {
  std::vector<uint32_t> path;  // the instructions that are executed
  uint32_t x86 = 0;            // instructions of x86-64's, by bpf/jit_x86.h; 0 on other machines
  bool cached = false;         // the kernel answers without running the program
};

struct Answer {
  VerdictPart part;
  lower::Decision decision;  // of part.witness
  std::optional<Cost> cost;  // nothing if the program has patched instructions that this call may meet
};

// nullopt: the decision outgrew its diagram, and the pattern leaves something open.
[[nodiscard]] std::optional<std::vector<Answer>> answers(const Subject& subject, const CallPattern& pattern);

}  // namespace sbpc::explain
