#include "unit/driver/run_fixture.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sbp.h"

namespace sbpc::run_test {
namespace {

// ---- the programs ----

volatile sig_atomic_t signals_seen = 0;
void count_signal(int) { signals_seen = signals_seen + 1; }

void ready() { (void)!write(1, "ready\n", 6); }

void* denied_in_thread(void*) {
  syscall(SYS_getpgid, 1, 2, 3, 4, 5, 6);
  return nullptr;
}

// getpgid in a second thread while the first one waits; 5 if both live on.
[[noreturn]] void thread_role() {
  pthread_t thread;
  pthread_create(&thread, nullptr, denied_in_thread, nullptr);
  pthread_join(thread, nullptr);
  _exit(5);
}

// Waits for a signal, then a while for more of it; the count is the exit code.
[[noreturn]] void count_role(int signal) {
  struct sigaction action {};
  action.sa_handler = count_signal;
  sigaction(signal, &action, nullptr);
  ready();
  for (int i = 0; i < 1000 && signals_seen == 0; i++) usleep(10'000);
  for (int i = 0; i < 20; i++) usleep(10'000);
  _exit(signals_seen);
}

[[noreturn]] void compat_role() {
#if defined(__x86_64__)
  long result = 0;
  // i386 getppid; the kernel's compat entry clears r8..r11 (arch/x86/entry/entry_64_compat.S)
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(64L), "b"(7L) : "memory", "r8", "r9", "r10", "r11");
#endif
  _exit(6);
}

// 17 if getppid, made as an i386 program makes it, answers errno 7.
[[noreturn]] void compat_answer_role() {
  long result = 0;
#if defined(__x86_64__)
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(64L) : "memory", "r8", "r9", "r10", "r11");
#endif
  _exit(static_cast<int>(result) == -7 ? 17 : 6);
}

[[noreturn]] void handler_role() {
  struct sigaction action {};
  action.sa_handler = count_signal;
  sigaction(SIGSYS, &action, nullptr);
  syscall(SYS_getpgid, 1);
  _exit(signals_seen == 1 ? 8 : 9);
}

[[noreturn]] void state_role() {
  struct sigaction action {};
  sigaction(SIGCHLD, nullptr, &action);
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  int blocked = 0;
  for (int signal = 1; signal < 65; signal++) blocked += sigismember(&mask, signal) == 1 ? 1 : 0;
  std::printf("sigchld %s, blocked %d\n", action.sa_handler == SIG_IGN ? "ignored" : "default", blocked);
  std::fflush(stdout);
  _exit(0);
}

[[noreturn]] void descriptors_role() {
  std::printf("%d\n", inherited_descriptors());
  std::fflush(stdout);
  _exit(0);
}

// Half a second that stopping does not count against.
[[noreturn]] void wait_role() {
  ready();
  for (int i = 0; i < 50; i++) usleep(10'000);
  _exit(4);
}

[[noreturn]] void play(const char* role) {
  if (std::strcmp(role, "thread") == 0) thread_role();
  if (std::strcmp(role, "compat") == 0) compat_role();
  if (std::strcmp(role, "compat-answer") == 0) compat_answer_role();
  if (std::strcmp(role, "handler") == 0) handler_role();
  if (std::strcmp(role, "state") == 0) state_role();
  if (std::strcmp(role, "descriptors") == 0) descriptors_role();
  if (std::strcmp(role, "wait") == 0) wait_role();
  if (std::strcmp(role, "count-int") == 0) count_role(SIGINT);
  if (std::strcmp(role, "count-term") == 0) count_role(SIGTERM);
  if (std::strcmp(role, "denied-errno") == 0) _exit(syscall(SYS_getpgid, 0) < 0 ? errno : 0);
  if (std::strcmp(role, "denied") == 0) denied_in_thread(nullptr);
  _exit(99);
}

__attribute__((constructor)) void play_if_asked() {
  const char* role = std::getenv("RUN_CHILD_HELPER");
  if (role != nullptr) play(role);
}

// ---- running ----

std::string self() {
  std::array<char, 4096> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  return {path.data(), static_cast<size_t>(length)};
}

[[noreturn]] void be_sbpc(const Job& job, int output, int said) {
  dup2(output, 1);
  dup2(output, 2);
  close(output);
  driver::RunRequest request;
  request.program = {reinterpret_cast<const uint8_t*>(job.program.data()), job.program.size() * sizeof(sock_filter)};
  request.command = job.command;
  request.observe = job.observe;
  request.trace = job.trace;
  request.permissive = job.permissive;
  if (!job.helper.empty()) {
    setenv("RUN_CHILD_HELPER", job.helper.c_str(), 1);
    request.command = {self()};
  }
  if (job.before) job.before();
  driver::RunHooks hooks = job.hooks;
  hooks.say = [said](std::string_view line) {
    const std::string text = std::string(line) + "\n";
    (void)!write(said, text.data(), text.size());
  };
  _exit(driver::run_child(request, hooks));
}

std::string drain(int fd, const std::function<void()>& at_ready) {
  std::string text;
  std::array<char, 4096> buffer{};
  bool told = false;
  for (ssize_t got; (got = read(fd, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<size_t>(got));
    if (told || !at_ready || text.find("ready\n") == std::string::npos) continue;
    told = true;
    at_ready();
  }
  close(fd);
  return text;
}

}  // namespace

int inherited_descriptors() {
  int count = 0;
  for (int fd = 0; fd < 1024; fd++) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) count++;
  }
  return count;
}

Program allow_all() { return {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}; }

Program deny(long nr, uint32_t word) {
  return {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(nr), 0, 1),
          BPF_STMT(BPF_RET | BPF_K, word), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
}

Outcome run(const Job& job) {
  std::array<int, 2> output{};
  std::array<int, 2> said{};
  EXPECT_EQ(pipe2(output.data(), O_CLOEXEC), 0);
  EXPECT_EQ(pipe2(said.data(), O_CLOEXEC), 0);
  const pid_t pid = fork();
  if (pid == 0) be_sbpc(job, output[1], said[1]);
  close(output[1]);
  close(said[1]);
  Outcome outcome;
  outcome.output = drain(output[0], job.meanwhile ? [&] { job.meanwhile(pid); } : std::function<void()>());
  outcome.said = drain(said[0], {});
  int status = 0;
  waitpid(pid, &status, 0);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome;
}

std::string seccomp_refused() {
  const pid_t pid = fork();
  if (pid == 0) {
    const Program program = allow_all();
    _exit(sbp_install_array({program.data(), program.size()}, 0, nullptr, nullptr) == SBP_OK ? 0 : 1);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status == 0 ? "" : "this kernel or sandbox refuses seccomp";
}

std::string ptrace_refused() {
  const pid_t pid = fork();
  if (pid == 0) {
    pause();
    _exit(0);
  }
  const bool works = ptrace(PTRACE_SEIZE, pid, nullptr, 0L) == 0;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  return works ? "" : "ptrace is refused here";
}

}  // namespace sbpc::run_test
