// judge.h: questions about the closed policy, decided on its decision diagram: for every event, not for samples.
#pragma once

#include "diag/sink.h"
#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::judge {

// Reports every assertion that does not hold, with a call for which it does not and the statement that decides that call.
// `program` is lower's; only its diagram grows.
void judge(const sema::Policy& policy, ir::Program& program, diag::Sink& sink);

}  // namespace sbpc::judge
