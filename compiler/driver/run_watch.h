// run_watch.h: the ptrace side of run_child(): who died of a filter, and of which call.
//
// A filter's kill cannot be seen as a signal stop (the kernel marks it SA_IMMUTABLE, kernel/signal.c:
// force_sig_info_to_task()), but the thread still stops as it exits (PTRACE_EVENT_EXIT), with its registers as they
// were at the call. A `trap` is seen as an ordinary SIGSYS first. Every other stop is passed through at once.
//
// To trace, the program is installed with `trace` in place of `errno` (with_stops()): the thread stops before the call
// (PTRACE_EVENT_SECCOMP) and gets from here what the program itself answers. Calls that are allowed never stop.
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
  void attach(pid_t child, const RunRequest& request);
  // A stop that waitpid(__WALL) brought: looks, and lets the thread go on or stay stopped as without us.
  void handle(pid_t thread, int status);

  [[nodiscard]] bool attached() const { return child_ != 0; }
  [[nodiscard]] bool executed() const { return executed_; }  // the child's execve worked
  [[nodiscard]] bool reported() const { return reported_; }  // some death was told

 private:
  void exiting(pid_t thread);
  void stopped_before_call(pid_t thread);
  void trapped(pid_t thread);
  [[nodiscard]] bool is_the_commands(pid_t thread, const target::SeccompData& call) const;
  void report(pid_t thread, const target::SeccompData& call);
  [[nodiscard]] DeniedCall denied_call(pid_t thread, const target::SeccompData& call) const;

  const bpf::Insns& program_;
  const RunHooks& hooks_;
  pid_t child_ = 0;
  std::string command_;  // without its folder
  bool trace_ = false;
  bool permissive_ = false;
  bool executed_ = false;
  bool reported_ = false;
  std::map<pid_t, target::SeccompData> trapped_;  // the last trap of each thread
};

// The program as it is installed for tracing: every answer that tracing must see is `trace`. With `permissive` also
// those that kill. The instructions and their number stay, and with them which calls the kernel answers from its cache.
[[nodiscard]] bpf::Insns with_stops(bpf::Insns program, bool permissive);

// Through hooks.say, or to stderr.
void say(const RunHooks& hooks, std::string_view line);
// "openat (257)"; "call 257" if the name is not known.
[[nodiscard]] std::string call_text(const RunHooks& hooks, const target::SeccompData& call);
// What the program answers to the call; the instruction pointer is taken as it is in `call`.
[[nodiscard]] uint32_t answer_of(const bpf::Insns& program, const target::SeccompData& call);

}  // namespace sbpc::driver
