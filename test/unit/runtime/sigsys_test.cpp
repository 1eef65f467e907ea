// The SIGSYS reporter: what it writes, how the process ends, and that nothing in the handler can make it hang.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>

#include "child.h"

namespace sbpc::runtime_test {
namespace {

struct Outcome {
  std::string text;  // what the reporter wrote
  int status = 0;    // of waitpid()
  [[nodiscard]] int signal() const { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
};

// Runs `body` in a child whose descriptor 9 is a pipe; nothing but the reporter writes there.
constexpr int kFd = 9;

Outcome outcome_of(const std::function<void()>& body) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], kFd);
    close(ends[0]);
    close(ends[1]);
    alarm(20);  // a handler that hangs is a failure, not a stuck test
    body();
    _exit(0);
  }
  close(ends[1]);
  Outcome outcome;
  std::array<char, 4096> buffer{};
  pollfd readable{ends[0], POLLIN, 0};
  while (poll(&readable, 1, 60'000) == 1) {
    const ssize_t got = read(ends[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    outcome.text.append(buffer.data(), static_cast<size_t>(got));
  }
  close(ends[0]);
  outcome.status = wait_for(pid);
  return outcome;
}

const char* call_name(const sbp_denied* denied, void* user) {
  return denied->nr == SYS_getppid ? static_cast<const char*>(user) : nullptr;
}
const char* policy_line(const sbp_denied*, void*) { return "policy.sb:12: no rule allows it"; }

void report_and_install(const Insns& insns, sbp_reporter reporter = {}) {
  reporter.fd = kFd;
  if (sbp_report_sigsys(&reporter, nullptr) != SBP_OK) _exit(8);
  if (sbp_install_array(array_of(insns), 0, nullptr, nullptr) != SBP_OK) _exit(9);
}

bool refused_here() {
  return outcome_of([] { report_and_install({ret(kAllow)}); }).status != 0;
}

#define SKIP_WITHOUT_SECCOMP() \
  if (refused_here()) GTEST_SKIP() << "this kernel or sandbox refuses seccomp"

TEST(Sigsys, SaysWhichCallAndWhy) {
  SKIP_WITHOUT_SECCOMP();
  Outcome outcome = outcome_of([] {
    char name[] = "getppid";
    report_and_install(deny(SYS_getppid, SECCOMP_RET_TRAP | 7), {call_name, policy_line, name, 0});
    syscall(SYS_getppid, 1, 0xffffffffffffffffUL, 3, 4, 5, 0x66);
    _exit(3);  // the call must not come back
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_EQ(outcome.text.find("sbp: denied call getppid (" + std::to_string(SYS_getppid) + ") on "), 0U)
      << outcome.text;
#if defined(__x86_64__) || defined(__aarch64__) || defined(__riscv)
  EXPECT_NE(outcome.text.find(": args 0x1 0xffffffffffffffff 0x3 0x4 0x5 0x66, ip 0x"), std::string::npos)
      << outcome.text;
#endif
  EXPECT_NE(outcome.text.find(", data 7: policy.sb:12: no rule allows it\n"), std::string::npos) << outcome.text;
}

TEST(Sigsys, WithoutCallbacksTheNumberIsEnough) {
  SKIP_WITHOUT_SECCOMP();
  Outcome outcome = outcome_of([] {
    report_and_install(deny(SYS_getppid, SECCOMP_RET_TRAP));
    syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_EQ(outcome.text.find("sbp: denied call " + std::to_string(SYS_getppid) + " on "), 0U) << outcome.text;
  EXPECT_EQ(outcome.text.substr(outcome.text.rfind(',')), ", data 0\n");
}

TEST(Sigsys, UnknownNamesFallBackToTheNumber) {
  SKIP_WITHOUT_SECCOMP();
  Outcome outcome = outcome_of([] {
    report_and_install(deny(SYS_getsid, SECCOMP_RET_TRAP), {call_name, nullptr, nullptr, 0});
    syscall(SYS_getsid);
  });
  EXPECT_EQ(outcome.text.find("sbp: denied call " + std::to_string(SYS_getsid) + " on "), 0U) << outcome.text;
}

#if defined(__x86_64__)
long int80(long nr, long first) {
  long result;
  // The kernel's compat entry clears r8..r11: arch/x86/entry/entry_64_compat.S
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(first) : "memory", "r8", "r9", "r10", "r11");
  return result;
}

bool int80_works() {
  return outcome_of([] { _exit(int80(20, 0) == getpid() ? 0 : 1); }).status == 0;
}

TEST(Sigsys, ReadsCompatArguments) {
  SKIP_WITHOUT_SECCOMP();
  if (!int80_works()) GTEST_SKIP() << "this kernel has no 32-bit calls";
  Outcome outcome = outcome_of([] {
    report_and_install(deny(64, SECCOMP_RET_TRAP));  // i386 getppid
    int80(64, -1);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_EQ(outcome.text.find("sbp: denied call 64 on i386: args 0xffffffff "), 0U) << outcome.text;
}
#endif

// The policy may deny whatever it likes but these two; no sigaction, raise, tgkill or sigprocmask is needed to die.
TEST(Sigsys, NeedsTwoCallsOnly) {
  SKIP_WITHOUT_SECCOMP();
  Outcome outcome = outcome_of([] {
    report_and_install(
        {load(0), jeq(SYS_write, 2, 0), jeq(SYS_rt_sigreturn, 1, 0), ret(SECCOMP_RET_TRAP), ret(kAllow)});
    syscall(SYS_getppid);
    _exit(3);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_EQ(outcome.text.find("sbp: denied call " + std::to_string(SYS_getppid)), 0U) << outcome.text;
  EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), 1) << "one line, though the call is made again";
}

#if defined(__x86_64__)
// time() of the vsyscall page: a call without a call instruction, which could be gone back to.
TEST(Sigsys, AVsyscallIsMadeAgain) {
  SKIP_WITHOUT_SECCOMP();
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line) && line.find("[vsyscall]") == std::string::npos) continue;
  if (line.find("[vsyscall]") == std::string::npos) GTEST_SKIP() << "vsyscall=none";
  const Outcome outcome = outcome_of([] {
    report_and_install(deny(SYS_time, SECCOMP_RET_TRAP));
    reinterpret_cast<long (*)(long*)>(0xffffffffff600400U)(nullptr);
    _exit(3);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_EQ(outcome.text.find("sbp: denied call " + std::to_string(SYS_time)), 0U) << outcome.text;
}
#endif

// A parent that traces sees the signal twice, for the handler and for the death, and both times for the denied call.
TEST(Sigsys, TheFatalSignalIsTheDeniedCall) {
  SKIP_WITHOUT_SECCOMP();
  pid_t pid = fork();
  if (pid == 0) {
    dup2(open("/dev/null", O_WRONLY), kFd);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) _exit(7);
    report_and_install(deny(SYS_getppid, SECCOMP_RET_TRAP | 5));
    syscall(SYS_getppid);
    _exit(3);
  }
  int status = 0;
  int stops = 0;
  while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
    siginfo_t info{};
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    EXPECT_EQ(info.si_syscall, SYS_getppid);
    EXPECT_EQ(info.si_errno, 5);
    stops++;
    ptrace(PTRACE_CONT, pid, 0, WSTOPSIG(status));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 7) GTEST_SKIP() << "ptrace is refused here";
  EXPECT_EQ(stops, 2);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

TEST(Sigsys, SigsysInsideTheReporterKills) {
  SKIP_WITHOUT_SECCOMP();
  Outcome outcome = outcome_of([] {
    report_and_install({load(0), jeq(SYS_write, 1, 0), jeq(SYS_getppid, 0, 1), ret(SECCOMP_RET_TRAP), ret(kAllow)});
    syscall(SYS_getppid);
    _exit(3);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_EQ(outcome.text, "");
}

TEST(Sigsys, HandlerCallsDeniedByErrnoDoNotLoop) {
  SKIP_WITHOUT_SECCOMP();
  for (long denied : {SYS_write, SYS_rt_sigaction}) {
    Outcome outcome = outcome_of([denied] {
      report_and_install({load(0), jeq(static_cast<uint32_t>(denied), 2, 0), jeq(SYS_getppid, 2, 0), ret(kAllow),
                          ret(SECCOMP_RET_ERRNO | EPERM), ret(SECCOMP_RET_TRAP)});
      syscall(SYS_getppid);
      _exit(3);
    });
    EXPECT_EQ(outcome.signal(), SIGSYS) << denied;
    EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), denied == SYS_write ? 0 : 1);
  }
}

TEST(Sigsys, ABlockedSigsysKillsAtOnce) {
  SKIP_WITHOUT_SECCOMP();
  Outcome outcome = outcome_of([] {
    report_and_install(deny(SYS_getppid, SECCOMP_RET_TRAP));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGSYS);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    syscall(SYS_getppid);
    _exit(3);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
}

TEST(Sigsys, ASentSignalIsToldApart) {
  Outcome outcome = outcome_of([] {
    const sbp_reporter reporter{nullptr, nullptr, nullptr, kFd};
    if (sbp_report_sigsys(&reporter, nullptr) != SBP_OK) _exit(8);
    kill(getpid(), SIGSYS);
    _exit(3);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_EQ(outcome.text.find("sbp: SIGSYS sent by process "), 0U) << outcome.text;
}

TEST(Sigsys, UsesTheAlternateStack) {
  SKIP_WITHOUT_SECCOMP();
  Outcome outcome = outcome_of([] {
    static std::array<char, 64 << 10> memory;
    stack_t stack{};
    stack.ss_sp = memory.data();
    stack.ss_size = memory.size();
    sigaltstack(&stack, nullptr);
    report_and_install(deny(SYS_getppid, SECCOMP_RET_TRAP));
    syscall(SYS_getppid);
  });
  EXPECT_EQ(outcome.signal(), SIGSYS);
  EXPECT_NE(outcome.text, "");
}

// Eight threads at once: whole lines, at least one, and one death.
TEST(Sigsys, ManyThreadsAtOnce) {
  SKIP_WITHOUT_SECCOMP();
  for (int round = 0; round < 20; round++) {
    Outcome outcome = outcome_of([] {
      static pthread_barrier_t barrier;
      pthread_barrier_init(&barrier, nullptr, 8);
      report_and_install(deny(SYS_getppid, SECCOMP_RET_TRAP));
      pthread_t thread;
      for (int i = 0; i < 8; i++) {
        pthread_create(
            &thread, nullptr,
            [](void*) -> void* {
              pthread_barrier_wait(&barrier);
              syscall(SYS_getppid);
              return nullptr;
            },
            nullptr);
      }
      pthread_join(thread, nullptr);
      pause();
    });
    ASSERT_EQ(outcome.signal(), SIGSYS);
    ASSERT_EQ(outcome.text.find("sbp: denied call "), 0U) << outcome.text;
    ASSERT_EQ(outcome.text.back(), '\n');
  }
}

TEST(Sigsys, RefusesABadDescriptor) {
  const sbp_reporter reporter{nullptr, nullptr, nullptr, -1};
  sbp_error error{};
  EXPECT_EQ(sbp_report_sigsys(&reporter, &error), SBP_E_ARGUMENT);
  EXPECT_NE(error.text[0], '\0');
}

TEST(Describe, CutsToTheBuffer) {
  sbp_denied denied{};
  denied.nr = -1;
  denied.arch = 0xdeadbeefU;
  std::array<char, 200> text{};
  size_t length = sbp_describe_denied(&denied, nullptr, text.data(), text.size());
  EXPECT_EQ(std::string(text.data()), "sbp: denied call -1 on 0xdeadbeef: args unknown, ip 0x0, data 0");
  EXPECT_EQ(length, std::strlen(text.data()));
  std::memset(text.data(), 'x', text.size());
  EXPECT_EQ(sbp_describe_denied(&denied, nullptr, text.data(), 5), 4U);
  EXPECT_STREQ(text.data(), "sbp:");
  EXPECT_EQ(text[5], 'x');
  EXPECT_EQ(sbp_describe_denied(&denied, nullptr, text.data(), 0), 0U);
  EXPECT_EQ(sbp_describe_denied(&denied, nullptr, nullptr, 9), 0U);
}

TEST(Describe, NamesArches) {
  EXPECT_STREQ(sbp_arch_name(AUDIT_ARCH_X86_64), "x86_64");
  EXPECT_STREQ(sbp_arch_name(AUDIT_ARCH_I386), "i386");
  EXPECT_STREQ(sbp_arch_name(AUDIT_ARCH_AARCH64), "aarch64");
  EXPECT_EQ(sbp_arch_name(0), nullptr);
}

}  // namespace
}  // namespace sbpc::runtime_test
