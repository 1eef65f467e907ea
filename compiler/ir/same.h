// same.h: do functions of two programs say the same in the same words? A quick yes where a diagram would be too large;
// no is no answer.
#pragma once

#include "ir/program.h"

namespace sbpc::ir {

struct FunctionOf {
  const Program& program;
  FunctionId id;
};
// Clause by clause, conditions by structure; run-time parameters are the same if their names and kinds are. Tested by
// test/unit/prove/boxes_test.cpp.
[[nodiscard]] bool same_function(FunctionOf a, FunctionOf b);

}  // namespace sbpc::ir
