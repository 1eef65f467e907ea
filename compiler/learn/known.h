// known.h: whether a policy allows a call of a trace, whatever the arguments are that the line does not tell.
//
// For --merge: only what it does not allow is learned. Tested by test/cli/learn_merge.test.
#pragma once

#include "ir/program.h"
#include "learn/observe.h"
#include "sema/policy.h"

namespace sbpc::learn {

class KnownCalls {
 public:
  // `program`: the policy's meaning. `silence`: that of the same policy where everything that no strong statement
  // speaks of is allowed.
  KnownCalls(ir::Program& program, ir::Program& silence) : program_(program), silence_(silence) {}
  [[nodiscard]] Known operator()(const Seen& seen, const Told& told);

 private:
  ir::Program& program_;
  ir::Program& silence_;
};

// The policy for `silence`: its fallbacks gone, its default and `newer` allow.
[[nodiscard]] sema::Policy without_silence(sema::Policy policy);

}  // namespace sbpc::learn
