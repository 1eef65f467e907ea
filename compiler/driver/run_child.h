// run_child.h: the process part of `sbpc run`: start a command under a compiled program, wait, and say which call it
// died of.
//
// run_child() forks, installs in the child and executes. Parent and child share the process group and the terminal, so
// job control and Ctrl-C work as without it; signals that someone sends to the parent are passed on. The parent
// attaches with ptrace for three kinds of event only: a process or thread starts, executes, ends. Calls themselves are
// not stopped and run at full speed.
//
// The program must allow execve: it is in force when the command is executed. Where it does not, one line says so.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "target/seccomp_data.h"

namespace sbpc::driver {

inline constexpr int kExitRunFailed = 125;  // ours: a bad program, no fork, the kernel refused the filter
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitSignal = 128;  // + the signal; 159 = SIGSYS

// Whose deaths are explained. A process that is observed cannot be debugged or traced by another.
enum class Observe : uint8_t {
  nothing,
  process,  // the command and its threads
  tree,     // and every process it starts
};

struct RunRequest {
  std::span<const uint8_t> program;  // raw .bpf of this machine
  // SBP_* of sbp.h. A listener would have nobody to answer it: new_listener and wait_killable are left out, `notify` is
  // ENOSYS.
  unsigned install_flags = 0;
  std::vector<std::string> command;  // name (looked for in PATH unless it has a slash) and arguments; at least the name
  Observe observe = Observe::tree;
  // Every denied call is told (RunHooks::denied), and all that the command starts is waited for. Needs ptrace and
  // `tree`.
  bool trace = false;
  bool permissive = false;  // with `trace`: what the program denies is told and done all the same
};

// A call that was denied: one that a process or a thread died of, or, with `trace`, any.
struct DeniedCall {
  pid_t process = 0;
  pid_t thread = 0;
  std::string name;  // of the thread: /proc/TID/comm, at most 15 bytes
  target::SeccompData call;
  uint32_t word = 0;          // what the program answers to it
  bool by_program = true;     // false: the program lets it pass, so another filter of the process killed it
  bool whole_process = true;  // false: kill_thread, and other threads live on
  bool is_death =
      true;  // false: the thread goes on, with an error, a signal that it handles, or (permissive) the call done
};

// How it is told. Each may be empty.
struct RunHooks {
  std::function<std::string(const target::SeccompData&)> call_name;    // "openat"; empty if unknown
  std::function<unsigned(const target::SeccompData&)> argument_count;  // how many to show, 0..6; without it all six
  std::function<std::string(const DeniedCall&)> reason;  // "policy.sb:12: ..."; ends the line; may be empty
  std::function<void(const DeniedCall&)> denied;         // with `trace`; the thread is stopped: its memory can be read
  std::function<void()> started;                         // the command's execve worked
  std::function<void(int status)> ended;                 // the command itself, with the status that wait(2) gives
  // With `trace` and a program that answers every call with `trace`: each call, before it is made. Nothing is denied
  // then, and what is left when the caller ends is killed.
  std::function<void(const target::SeccompData&)> called;
  std::function<void(std::string_view)> say;  // a line, no newline. Empty: to stderr after "sbpc: "
};

// The exit code: the command's own, or one of the above. Waits for the command, not for what it leaves running: that
// goes on under the filter, and unobserved once this process ends. To be called once, by a process with one thread and
// no other children.
[[nodiscard]] int run_child(const RunRequest& request, const RunHooks& hooks);

}  // namespace sbpc::driver
