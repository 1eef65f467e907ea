// run_watch.h: the ptrace side of run_child(): who died of a filter, and of which call.
//
// A filter's kill cannot be seen as a signal stop (the kernel marks it SA_IMMUTABLE, kernel/signal.c:
// force_sig_info_to_task()), but the thread still stops as it exits (PTRACE_EVENT_EXIT), with its registers as they
// were at the call. A `trap` is seen as an ordinary SIGSYS first. Every other stop is passed through at once.
#pragma once

#include <sys/types.h>

#include <map>

#include "bpf/insn.h"
#include "driver/run_child.h"

namespace sbpc::driver {

class Watch {
 public:
  // Both outlive the watch.
  Watch(const bpf::Insns& program, const RunHooks& hooks) : program_(program), hooks_(hooks) {}

  // Before the child does anything; it must be waiting. Where ptrace is refused nothing is observed: see attached().
  void attach(pid_t child, Observe observe);
  // A stop that waitpid(__WALL) brought: looks, and lets the thread go on or stay stopped as without us.
  void handle(pid_t thread, int status);

  [[nodiscard]] bool attached() const { return child_ != 0; }
  [[nodiscard]] bool executed() const { return executed_; }  // the child's execve worked
  [[nodiscard]] bool reported() const { return reported_; }  // some death was told

 private:
  void exiting(pid_t thread);
  void report(pid_t thread, const target::SeccompData& call);

  const bpf::Insns& program_;
  const RunHooks& hooks_;
  pid_t child_ = 0;
  bool executed_ = false;
  bool reported_ = false;
  std::map<pid_t, target::SeccompData> trapped_;  // the last trap of each thread
};

// Through hooks.say, or to stderr.
void say(const RunHooks& hooks, std::string_view line);
// "openat (257)"; "call 257" if the name is not known.
[[nodiscard]] std::string call_text(const RunHooks& hooks, const target::SeccompData& call);
// What the program answers to the call; the instruction pointer is taken as it is in `call`.
[[nodiscard]] uint32_t answer_of(const bpf::Insns& program, const target::SeccompData& call);

}  // namespace sbpc::driver
