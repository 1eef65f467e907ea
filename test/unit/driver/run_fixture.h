// run_fixture.h: run_child() in a process of its own, as `sbpc run` has it, and programs for it to run.
//
// The programs are this test binary itself: with RUN_CHILD_HELPER=NAME in the environment it does what NAME says,
// before main().
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "driver/run_child.h"

namespace sbpc::run_test {

using Program = std::vector<sock_filter>;

[[nodiscard]] Program allow_all();
// Answers `word` to one number, whatever the arch, and allows the rest.
[[nodiscard]] Program deny(long nr, uint32_t word);

struct Job {
  Program program = allow_all();
  std::vector<std::string> command;
  std::string helper;  // if set, the command is this binary in that role
  driver::Observe observe = driver::Observe::tree;
  bool trace = false;
  bool permissive = false;
  driver::RunHooks hooks;
  std::function<void()> before;  // in the process that calls run_child()
  std::function<void(pid_t)>
      meanwhile;  // in the test, with the id of that process, once the command has written "ready\n"
};

struct Outcome {
  int code = -1;       // exit code of run_child(), or -signal if that process died
  std::string output;  // of the command: stdout and stderr
  std::string said;    // lines of RunHooks::say
};

[[nodiscard]] Outcome run(const Job& job);

// The same as the foreground job of a shell on a terminal. `key` is typed when the command has written "ready"; if the
// job is stopped, it is continued as `fg` does.
struct TerminalOutcome {
  int code = -1;
  int stops = 0;  // how often the shell saw the job stopped
};
[[nodiscard]] TerminalOutcome run_on_terminal(const std::string& helper, char key);

// How many open descriptors a program that is executed now would get.
[[nodiscard]] int inherited_descriptors();

// Why filters cannot be installed here; empty if they can.
[[nodiscard]] std::string seccomp_refused();
[[nodiscard]] std::string ptrace_refused();

}  // namespace sbpc::run_test
