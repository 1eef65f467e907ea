#include "driver/run_watch.h"

#include <errno.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdio>

#include "bpf/interpret.h"
#include "diag/render.h"
#include "driver/run_registers.h"
#include "sbp.h"
#include "target/actions.h"

namespace sbpc::driver {
namespace {

constexpr int kSiCodeSeccomp = 1;  // SYS_SECCOMP, include/uapi/asm-generic/siginfo.h
constexpr long kSeccompModeDead =
    3;  // SECCOMP_MODE_DEAD, kernel/seccomp.c: the thread is being killed by a filter (since 5.17)

struct ThreadFacts {
  std::string name;
  long process = 0;
  long threads = 1;
  long seccomp = 0;
  unsigned long caught = 0;  // signals with a handler, bit 0 is signal 1
};

ThreadFacts facts_of(pid_t thread) {
  ThreadFacts facts;
  std::FILE* file = std::fopen(fmt::format("/proc/{}/status", thread).c_str(), "re");
  if (file == nullptr) return facts;
  char line[256];
  char name[64];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "Name:\t%63[^\n]", name) == 1) facts.name = name;
    (void)std::sscanf(line, "Tgid: %ld", &facts.process);
    (void)std::sscanf(line, "Threads: %ld", &facts.threads);
    (void)std::sscanf(line, "Seccomp: %ld", &facts.seccomp);
    (void)std::sscanf(line, "SigCgt: %lx", &facts.caught);
  }
  std::fclose(file);
  return facts;
}

bool kills(uint32_t word) { return target::decode(word).action <= target::Action::trap; }

bool is_group_stop(int signal) {
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

std::string describe(const RunHooks& hooks, const DeniedCall& death) {
  std::string who = fmt::format("`{}` (process {})", diag::printable(death.name), death.process);
  if (!death.whole_process) who = fmt::format("thread {} of {}", death.thread, who);
  const char* by = death.by_program ? "the policy" : "another filter than the policy";
  const char* arch = sbp_arch_name(death.call.arch);
  std::string line = fmt::format("{} was killed by {} for {} on {}", who, by, call_text(hooks, death.call),
                                 arch != nullptr ? arch : fmt::format("{:#x}", death.call.arch));
  const size_t arguments = std::min(hooks.argument_count ? hooks.argument_count(death.call) : 6U, 6U);
  if (arguments > 0) line += " with";
  for (uint64_t arg : std::span(death.call.args).first(arguments)) line += fmt::format(" {:#x}", arg);
  const std::string reason = hooks.reason ? hooks.reason(death) : std::string();
  return reason.empty() ? line : fmt::format("{}: {}", line, reason);
}

}  // namespace

void say(const RunHooks& hooks, std::string_view line) {
  if (hooks.say)
    hooks.say(line);
  else  // where it cannot be written the command's exit code still counts
    std::fputs(fmt::format("sbpc: {}\n", line).c_str(), stderr);
}

std::string call_text(const RunHooks& hooks, const target::SeccompData& call) {
  const std::string name = hooks.call_name ? hooks.call_name(call) : std::string();
  return name.empty() ? fmt::format("call {}", call.nr) : fmt::format("{} ({})", name, call.nr);
}

uint32_t answer_of(const bpf::Insns& program, const target::SeccompData& call) {
  return bpf::interpret(program, call, std::endian::native == std::endian::big).word;
}

bpf::Insns with_stops(bpf::Insns program, bool permissive) {
  for (bpf::Insn& insn : program) {
    if (insn.code != (BPF_RET | BPF_K)) continue;
    const target::Action action = target::decode(insn.k).action;
    const bool stops =
        action == target::Action::errno_ || action == target::Action::notify || (permissive && kills(insn.k));
    if (stops) insn.k = target::encode({target::Action::trace, 0});
  }
  return program;
}

void Watch::attach(pid_t child, const RunRequest& request) {
  command_ = request.command.front().substr(request.command.front().rfind('/') + 1);
  trace_ = request.trace;
  permissive_ = request.permissive;
  long options = PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE;
  if (request.observe == Observe::nothing) return;
  if (request.observe == Observe::tree) options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
  if (trace_) options |= PTRACE_O_TRACESECCOMP;
  if (hooks_.called) options |= PTRACE_O_EXITKILL;  // without a tracer every call would fail
  if (ptrace(PTRACE_SEIZE, child, nullptr, options) == 0) child_ = child;
}

void Watch::handle(pid_t thread, int status) {
  const int event = status >> 16;
  const int signal = WSTOPSIG(status);
  if (event == PTRACE_EVENT_STOP && is_group_stop(signal)) {
    ptrace(PTRACE_LISTEN, thread, nullptr, nullptr);  // stays stopped until SIGCONT
    return;
  }
  if (event == PTRACE_EVENT_EXEC && thread == child_) {
    if (hooks_.started && !executed_) hooks_.started();
    executed_ = true;
  }
  if (event == PTRACE_EVENT_EXIT) exiting(thread);
  if (event == PTRACE_EVENT_SECCOMP) stopped_before_call(thread);
  if (event == 0 && signal == SIGSYS) trapped(thread);
  ptrace(PTRACE_CONT, thread, nullptr, event == 0 ? static_cast<long>(signal) : 0L);
}

void Watch::trapped(pid_t thread) {
  siginfo_t info{};
  if (ptrace(PTRACE_GETSIGINFO, thread, nullptr, &info) != 0 || info.si_code != kSiCodeSeccomp) return;
  auto call = call_of(thread);
  if (!call) return;
  call->nr = info.si_syscall;
  call->arch = info.si_arch;
  trapped_[thread] = *call;
  const bool is_handled = (facts_of(thread).caught >> (SIGSYS - 1) & 1U) != 0;
  if (!trace_ || !is_handled || !hooks_.denied) return;
  DeniedCall denied = denied_call(thread, *call);
  denied.is_death = false;
  hooks_.denied(denied);
}

// The program itself decides, not the data that the stop brings: a filter of the traced process may have stopped it
// with `trace` of its own. To that, and to our `trace` and `notify`, the kernel answers ENOSYS where nobody listens,
// and so must we.
void Watch::stopped_before_call(pid_t thread) {
  const auto call = stopped_call_of(thread);
  if (hooks_.called) {
    if (call) hooks_.called(*call);
    return;
  }
  const target::Verdict verdict =
      call ? target::decode(answer_of(program_, *call)) : target::Verdict{target::Action::trace, 0};
  const bool passes = verdict.action >= target::Action::log;
  if (call && !passes && hooks_.denied && is_the_commands(thread, *call)) {
    DeniedCall denied = denied_call(thread, *call);
    denied.is_death = false;
    hooks_.denied(denied);
  }
  if (permissive_ && !target::info(verdict.action).may_run) return;
  const int answer = verdict.action == target::Action::errno_ ? verdict.data : ENOSYS;
  // Where it cannot be answered it must not be made either.
  if (!answer_call(thread, -answer)) kill(thread, SIGKILL);
}

// All threads of a killed process exit with SIGSYS; the one that made the call is the one that trapped, or that the
// kernel marks as dead by a filter, or (before the mark existed) the one whose registers the program kills.
void Watch::exiting(pid_t thread) {
  unsigned long status = 0;
  ptrace(PTRACE_GETEVENTMSG, thread, nullptr, &status);
  const auto trapped = trapped_.find(thread);
  if (WTERMSIG(static_cast<int>(status)) == SIGSYS) {
    if (trapped != trapped_.end()) {
      report(thread, trapped->second);
    } else if (const auto call = call_of(thread)) {
      if (facts_of(thread).seccomp == kSeccompModeDead || kills(answer_of(program_, *call))) report(thread, *call);
    }
  }
  trapped_.erase(thread);
}

DeniedCall Watch::denied_call(pid_t thread, const target::SeccompData& call) const {
  const ThreadFacts facts = facts_of(thread);
  DeniedCall denied;
  denied.process = static_cast<pid_t>(facts.process);
  denied.thread = thread;
  denied.name = thread == child_ && !executed_ ? command_ : facts.name;
  denied.call = call;
  denied.word = answer_of(program_, call);
  denied.by_program = kills(denied.word);
  denied.whole_process = target::decode(denied.word).action != target::Action::kill_thread || facts.threads <= 1;
  return denied;
}

// Of what the wrapper does before the command runs, its execve is the command's.
bool Watch::is_the_commands(pid_t thread, const target::SeccompData& call) const {
  return executed_ || thread != child_ || call.nr == SYS_execve;
}

void Watch::report(pid_t thread, const target::SeccompData& call) {
  if (!is_the_commands(thread, call)) return;
  const DeniedCall death = denied_call(thread, call);
  if (trace_ && hooks_.denied) hooks_.denied(death);
  // run_child() tells of the execve: it knows what was to be started.
  if (thread == child_ && !executed_) return;
  reported_ = true;
  say(hooks_, describe(hooks_, death));
}

}  // namespace sbpc::driver
