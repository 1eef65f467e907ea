#include "driver/run_wait.h"

#include <errno.h>
#include <sys/wait.h>

#include <optional>

namespace sbpc::driver {
namespace {

// The terminal sends its signals to the whole process group, so the child has them already; and what the child sends to
// its group must not come back to it.
bool must_forward(const siginfo_t& info, pid_t child) { return info.si_code != SI_KERNEL && info.si_pid != child; }

// Ctrl-Z and its kind: the shell must see us stopped too. Not for SIGSTOP: whoever sent that to the child alone will
// continue it alone, and we must be there to let it.
void stop_with(pid_t child, int signal) {
  if (signal == SIGSTOP) return;
  raise(SIGSTOP);
  kill(child, SIGCONT);
}

// What is known so far.
struct State {
  std::optional<int> ended;  // the child's wait status
  bool nobody_left = false;
};

// Takes in what happened to all processes.
void drain(const Waiting& waiting, State& state) {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL | WNOHANG | WUNTRACED);
    if (pid < 0 && errno == ECHILD) state.nobody_left = true;
    if (pid <= 0) return;
    if (!WIFSTOPPED(status)) {
      if (pid == waiting.child) state.ended = status;
      if (state.ended && !waiting.whole_tree) return;
      continue;
    }
    const bool group_stop = (status >> 16) != 0 ? WSTOPSIG(status) != SIGTRAP : !waiting.watch.attached();
    if (waiting.watch.attached()) waiting.watch.handle(pid, status);
    if (pid == waiting.child && group_stop) stop_with(pid, WSTOPSIG(status));
  }
}

bool is_done(const Waiting& waiting, const State& state) {
  return state.ended && (!waiting.whole_tree || state.nobody_left);
}

}  // namespace

sigset_t forwarded_signals() {
  sigset_t set;
  sigfillset(&set);
  for (int signal : {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
    sigdelset(&set, signal);
  return set;
}

int wait_for(const Waiting& waiting, const sigset_t& signals) {
  State state;
  for (bool has_said = false;;) {
    drain(waiting, state);
    if (is_done(waiting, state)) return *state.ended;
    if (state.ended && !has_said)
      say(waiting.hooks, "the command has ended; waiting for what it left running (Ctrl-C: not any more)");
    has_said = state.ended.has_value();
    siginfo_t info{};
    const int signal = sigwaitinfo(&signals, &info);
    if (signal <= 0 || signal == SIGCHLD) continue;
    if (state.ended) {  // its number may be another process's by now
      if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT) return *state.ended;
    } else if (must_forward(info, waiting.child)) {
      kill(waiting.child, signal);
    }
  }
}

}  // namespace sbpc::driver
