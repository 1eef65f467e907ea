// judge.h: questions about the closed policy, decided on its decision diagram: for every event, not for samples.
#pragma once

#include <span>

#include "diag/sink.h"
#include "ir/program.h"
#include "judge/multiplexers.h"
#include "judge/shared_idle.h"
#include "sema/policy.h"

namespace sbpc::judge {

// Reports every assertion that does not hold, with a call for which it does not and the statement that decides that
// call, and statements that do nothing: rules that never decide, overrides and exceptions that change nothing,
// conditions that restrict nothing. `program` is lower's; conditions may be added to it, its diagram is left as it was.
void judge(const sema::Policy& policy, ir::Program& program, diag::Sink& sink);

// The policy for the kernels of one kind, and its program.
struct Family {
  const sema::Policy& policy;
  ir::Program& program;
};
// What is told of a file's policies together: they share its rule sets.
struct Gathered {
  Escapes escapes;
  SharedIdle idle;
};
// For one of several policies of a file, with all of its families: a statement that does nothing on one may be there
// for another.
void judge(std::span<const Family> families, Gathered& gathered, diag::Sink& sink);
// The assertions alone, where the policy has an error and is whole enough to be asked: all errors are told at once.
void judge_assertions(std::span<const Family> families, diag::Sink& sink);
// For one family of several: its assertions and escapes alone.
void judge_alone(const Family& family, diag::Sink& sink);

}  // namespace sbpc::judge
