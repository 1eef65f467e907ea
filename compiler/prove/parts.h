// parts.h: the proof of a policy that is too large for one diagram.
//
// First that the numbers lead to the right code: with the code of each function that is no constant taken as a black
// box. Then each function in a diagram of its own, clause by clause (clause_search.h). Sound because jumps go forward
// only: what the join behind one clause answers is what the clauses after it say, by the same argument. Where the code
// keeps no such joins the answer is undecided, never wrong. Tested by test/unit/prove/parts_test.cpp.
#pragma once

#include "ir/program.h"
#include "prove/prove.h"
#include "prove/symbolic.h"

namespace sbpc::prove {

[[nodiscard]] Proof prove_in_parts(const StateGraph& graph, ir::Program& policy);

}  // namespace sbpc::prove
