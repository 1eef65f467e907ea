// run_wait.h: the waiting half of run_child(): signals are passed on, stops are looked at, the command's end is the
// answer.
//
// Tested by test/unit/driver/run_child_test.cpp.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "driver/run_child.h"
#include "driver/run_watch.h"

namespace sbpc::driver {

struct Waiting {
  pid_t child;
  Watch& watch;
  const RunHooks& hooks;
  bool whole_tree = false;  // until all that the command has started has ended too
};

// Signals that are waited for instead of delivered: SIGCHLD, and all that others send on purpose. Not those that faults
// bring.
[[nodiscard]] sigset_t forwarded_signals();

// The wait status of the child. `signals`: forwarded_signals(), blocked since before the fork.
[[nodiscard]] int wait_for(const Waiting& waiting, const sigset_t& signals);

}  // namespace sbpc::driver
