#include "driver/run_child.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <new>
#include <optional>

#include "base/check.h"
#include "driver/run_command.h"
#include "driver/run_wait.h"
#include "driver/run_watch.h"
#include "sbp.h"
#include "target/abi.h"
#include "target/actions.h"

namespace sbpc::driver {
namespace {

// What the child tells the parent, in memory that both see: once the filter is in force, no call can be relied on.
struct Launch {
  sbp_status installed = SBP_OK;
  sbp_error error = {};
  int exec_errno = 0;  // of the failed execve; 0 while it has not failed
};

// Everything that the child needs, ready before the fork.
struct Plan {
  sbp_program* program = nullptr;
  unsigned flags = 0;
  std::string path;
  std::vector<char*> argv;  // with a null at the end
  sigset_t caller_mask = {};
  struct sigaction caller_sigchld = {};
  Launch* launch = nullptr;
};

// ---- the child ----

// Ends the child under any filter. What exit code or signal it is does not matter: the parent looks at Launch.
[[noreturn]] void leave() {
  syscall(SYS_exit_group, kExitRunFailed);
  __builtin_trap();
}

// The trap of leave() must kill, whatever handlers we have: SIGILL on x86, SIGTRAP on arm. What is ignored stays so:
// the command inherits it.
void let_faults_kill() {
  for (int signal : {SIGILL, SIGTRAP}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) ::signal(signal, SIG_DFL);
  }
}

// `gate`: a pipe on which one byte says that the parent is ready.
// No sanitizer: it would make calls before leave(), and where the filter allows none it goes on for ever.
[[noreturn, gnu::no_sanitize_address]] void be_child(const Plan& plan, int gate) {
  char byte = 0;
  ssize_t got = 0;
  do got = read(gate, &byte, 1);
  while (got < 0 && errno == EINTR);
  if (got != 1) leave();  // the parent is gone
  close(gate);
  let_faults_kill();
  sigaction(SIGCHLD, &plan.caller_sigchld, nullptr);
  sigprocmask(SIG_SETMASK, &plan.caller_mask, nullptr);
  plan.launch->installed = sbp_install(plan.program, plan.flags, nullptr, &plan.launch->error);
  if (plan.launch->installed != SBP_OK) leave();
  execve(plan.path.c_str(), plan.argv.data(), environ);
  plan.launch->exec_errno = errno;
  leave();
}

// ---- the story ----

class Story {
 public:
  Story(const Plan& plan, const bpf::Insns& program, const RunHooks& hooks)
      : plan_(plan), program_(program), hooks_(hooks) {}

  int tell(int status, const Watch& watch) const {
    if (plan_.launch->installed != SBP_OK) {
      say(hooks_, fmt::format("cannot install the policy: {}", plan_.launch->error.text));
      return kExitRunFailed;
    }
    if (plan_.launch->exec_errno != 0) return exec_failed(plan_.launch->exec_errno);
    if (hooks_.ended) hooks_.ended(status);
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    if (WTERMSIG(status) == SIGSYS && !watch.reported()) died_of_sigsys(watch);
    return kExitSignal + WTERMSIG(status);
  }

 private:
  // The execve as the filter saw it, but for the instruction pointer.
  [[nodiscard]] target::SeccompData exec_call() const {
    target::SeccompData call;
    call.nr = SYS_execve;
    call.arch = target::info(target::host_abi()).audit_arch;
    call.args[0] = reinterpret_cast<uintptr_t>(plan_.path.c_str());
    call.args[1] = reinterpret_cast<uintptr_t>(plan_.argv.data());
    call.args[2] = reinterpret_cast<uintptr_t>(environ);
    return call;
  }

  // nullopt if the program lets execve pass.
  [[nodiscard]] std::optional<std::string> exec_denied() const {
    const target::SeccompData call = exec_call();
    const target::Verdict verdict = target::decode(answer_of(program_, call));
    if (verdict.action == target::Action::allow || verdict.action == target::Action::log) return std::nullopt;
    return fmt::format(
        "cannot start `{}`: the policy answers {} with {}, and `sbpc run` installs it before the program starts: "
        "allow execve, or let the program install the policy itself (sbp_install)",
        plan_.path, call_text(hooks_, call), target::to_string(verdict));
  }

  [[nodiscard]] int exec_failed(int reason) const {
    say(hooks_, exec_denied().value_or(why_not_run({plan_.path, kExitNotExecutable, reason})));
    return reason == ENOENT ? kExitNotFound : kExitNotExecutable;
  }

  void died_of_sigsys(const Watch& watch) const {
    const auto denied = watch.executed() ? std::nullopt : exec_denied();
    if (denied) {
      say(hooks_, *denied);
    } else if (watch.attached()) {
      say(hooks_, fmt::format("`{}` died of SIGSYS, which no filter had sent", plan_.path));
    } else {
      say(hooks_,
          fmt::format(
              "`{}` died of SIGSYS: a filter denied a call. Which one is in the kernel's log (`dmesg`, type=1326), as "
              "tracing is refused here",
              plan_.path));
    }
  }

  const Plan& plan_;
  const bpf::Insns& program_;
  const RunHooks& hooks_;
};

bpf::Insns insns_of(const sbp_program* program) {
  size_t count = 0;
  const sock_filter* insns = sbp_insns(program, &count);
  bpf::Insns copy;
  for (size_t pc = 0; pc < count; pc++) copy.push_back({insns[pc].code, insns[pc].jt, insns[pc].jf, insns[pc].k});
  return copy;
}

bool load_with_stops(Plan& plan, const bpf::Insns& insns, bool permissive) {
  std::vector<sock_filter> installed;
  for (const bpf::Insn& insn : with_stops(insns, permissive))
    installed.push_back({insn.code, insn.jt, insn.jf, insn.k});
  sbp_free(plan.program);
  return sbp_load(installed.data(), installed.size() * sizeof(sock_filter), &plan.program, nullptr) == SBP_OK;
}

// From here on signals wait for wait_for(). The caller's mask does not come back: a signal that is pending when the
// command has ended must not end us before its exit code is passed on.
sigset_t take_signals(Plan& plan) {
  const sigset_t signals = forwarded_signals();
  sigprocmask(SIG_BLOCK, &signals, &plan.caller_mask);
  struct sigaction action {};
  action.sa_handler = SIG_DFL;  // an inherited SIG_IGN would take the children away before we can wait for them
  sigaction(SIGCHLD, &action, &plan.caller_sigchld);
  return signals;
}

int launch_failed(const RunHooks& hooks, const char* what) {
  say(hooks, fmt::format("cannot start a process: {}: {}", what, strerror(errno)));
  return kExitRunFailed;
}

// Before the gate was opened: the child ends by itself.
int cannot_trace(pid_t child, const RunHooks& hooks) {
  waitpid(child, nullptr, 0);
  say(hooks,
      "cannot list denied calls: ptrace is refused here; run it without `--trace` and `--permissive`, or let the "
      "container or "
      "kernel.yama.ptrace_scope allow ptrace");
  return kExitRunFailed;
}

// `insns`: what the policy answers; what is installed differs from it where calls are traced.
int launch(Plan& plan, const bpf::Insns& insns, const RunRequest& request, const RunHooks& hooks) {
  std::array<int, 2> gate{};
  if (pipe2(gate.data(), O_CLOEXEC) != 0) return launch_failed(hooks, "pipe");
  const sigset_t signals = take_signals(plan);
  const pid_t child = fork();
  if (child < 0) return launch_failed(hooks, "fork");
  if (child == 0) {
    close(gate[1]);
    be_child(plan, gate[0]);
  }
  close(gate[0]);
  Watch watch(insns, hooks);
  watch.attach(child, request);
  if (request.trace && !watch.attached()) {
    close(gate[1]);
    return cannot_trace(child, hooks);
  }
  const bool opened = write(gate[1], "", 1) == 1;
  CHECK(opened);
  close(gate[1]);
  const int status = wait_for({child, watch, hooks, request.trace}, signals);
  return Story(plan, insns, hooks).tell(status, watch);
}

}  // namespace

int run_child(const RunRequest& request, const RunHooks& hooks) {
  CHECK(!request.command.empty());
  const FoundCommand found = find_command(request.command.front());
  if (found.exit_code != 0) {
    say(hooks, why_not_run(found));
    return found.exit_code;
  }
  Plan plan;
  plan.path = found.path;
  // Nobody is here to listen: what is answered `notify` fails with ENOSYS, and the caller of `run` has been told.
  plan.flags = (request.install_flags & ~(SBP_NEW_LISTENER | SBP_WAIT_KILLABLE)) | SBP_UNHEARD;
  std::vector<std::string> command = request.command;
  for (std::string& word : command) plan.argv.push_back(word.data());
  plan.argv.push_back(nullptr);
  sbp_error error{};
  if (sbp_load(request.program.data(), request.program.size(), &plan.program, &error) != SBP_OK) {
    say(hooks, fmt::format("cannot load the policy: {}", error.text));
    return kExitRunFailed;
  }
  const bpf::Insns insns = insns_of(plan.program);
  if (request.trace && !load_with_stops(plan, insns, request.permissive)) return launch_failed(hooks, "sbp_load");
  void* memory = mmap(nullptr, sizeof(Launch), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return launch_failed(hooks, "mmap");
  plan.launch = new (memory) Launch;
  const int code = launch(plan, insns, request, hooks);
  munmap(memory, sizeof(Launch));
  sbp_free(plan.program);
  return code;
}

}  // namespace sbpc::driver
