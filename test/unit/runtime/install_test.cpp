// Installing: what comes into force, what is reported, and that a failure leaves nothing behind.
#include <dirent.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "child.h"

namespace sbpc::runtime_test {
namespace {

constexpr uint32_t kErrno7 = SECCOMP_RET_ERRNO | 7;
constexpr uint32_t kErrno9 = SECCOMP_RET_ERRNO | 9;

// The state that a failed install must not change, and what the call said.
struct Install {
  sbp_status status;
  sbp_error error;
  sbp_installed installed;
  long filters;  // Seccomp_filters of /proc/thread-self/status
  long no_new_privs;
  long getpid_errno;  // 0 if getpid worked
  int errno_after;
};
using Pair = std::array<Install, 2>;

void look(Install& out) {
  out.filters = proc_status("Seccomp_filters");
  out.no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  out.getpid_errno = syscall(SYS_getpid) > 0 ? 0 : errno;
}

void install(const Insns& insns, unsigned flags, Install& out) {
  errno = 55;
  out.status = sbp_install_array(array_of(insns), flags, &out.installed, &out.error);
  out.errno_after = errno;
  look(out);
}

bool refused_here() {
  auto child = in_child<Install>([](Install& out) { install({ret(kAllow)}, 0, out); });
  return child.found.status != SBP_OK;
}

#define SKIP_WITHOUT_SECCOMP() \
  if (refused_here()) GTEST_SKIP() << "this kernel or sandbox refuses seccomp"

TEST(Install, ComesIntoForce) {
  SKIP_WITHOUT_SECCOMP();
  auto child = in_child<Install>([](Install& out) {
    sbp_program* program = load_program(deny(SYS_getpid, kErrno7));
    out.status = sbp_install(program, 0, &out.installed, &out.error);
    sbp_free(program);
    look(out);
  });
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.status, SBP_OK) << child.found.error.text;
  EXPECT_EQ(child.found.getpid_errno, 7);
  EXPECT_EQ(child.found.filters, 1);
  EXPECT_EQ(child.found.installed.listener, -1);
}

TEST(Install, ReportsNoNewPrivs) {
  SKIP_WITHOUT_SECCOMP();
  auto child = in_child<Pair>([](Pair& out) {
    install({ret(kAllow)}, 0, out[0]);
    install({ret(kAllow)}, 0, out[1]);
  });
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found[0].installed.no_new_privs, SBP_NNP_SET_NOW);
  EXPECT_EQ(child.found[0].no_new_privs, 1);
  EXPECT_EQ(child.found[0].errno_after, 55) << "errno is the caller's";
  EXPECT_EQ(child.found[1].installed.no_new_privs, SBP_NNP_WAS_SET);
  EXPECT_EQ(child.found[1].filters, 2);
}

TEST(Install, KeepsPrivsForRoot) {
  SKIP_WITHOUT_SECCOMP();
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  auto child = in_child<Install>([](Install& out) { install(deny(SYS_getpid, kErrno7), SBP_KEEP_PRIVS, out); });
  EXPECT_EQ(child.found.status, SBP_OK) << child.found.error.text;
  EXPECT_EQ(child.found.installed.no_new_privs, SBP_NNP_UNSET);
  EXPECT_EQ(child.found.no_new_privs, 0);
  EXPECT_EQ(child.found.getpid_errno, 7);
}

TEST(Install, KeepPrivsWithoutPrivilegeIsRefused) {
  SKIP_WITHOUT_SECCOMP();
  auto child = in_child<Install>([](Install& out) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(9);
    install(deny(SYS_getpid, kErrno7), SBP_KEEP_PRIVS, out);
  });
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.status, SBP_E_PRIVILEGE);
  EXPECT_EQ(child.found.error.sys_errno, EACCES);
  EXPECT_EQ(child.found.filters, 0);
  EXPECT_EQ(child.found.no_new_privs, 0);
  EXPECT_NE(std::string(child.found.error.text).find("SBP_KEEP_PRIVS"), std::string::npos);
}

TEST(Install, FlagsOfTheKernelAreTaken) {
  SKIP_WITHOUT_SECCOMP();
  for (unsigned flags : {SBP_TSYNC, SBP_LOG, SBP_SPEC_ALLOW, SBP_NEW_LISTENER, SBP_NEW_LISTENER | SBP_WAIT_KILLABLE,
                         SBP_TSYNC | SBP_NEW_LISTENER, SBP_TSYNC | SBP_LOG | SBP_SPEC_ALLOW}) {
    if (sbp_supported(SBP_FLAG, flags) == 0) continue;
    auto child = in_child<Install>([flags](Install& out) { install(deny(SYS_getpid, kErrno7), flags, out); });
    EXPECT_EQ(child.found.status, SBP_OK) << flags << ": " << child.found.error.text;
    EXPECT_EQ(child.found.getpid_errno, 7) << flags;
    EXPECT_EQ(child.found.installed.listener >= 0, (flags & SBP_NEW_LISTENER) != 0) << flags;
  }
}

// Runs `install` after `before` in a child and expects that it fails and changes nothing but the errors.
template <class Before>
Install expect_untouched(const Insns& insns, unsigned flags, Before before) {
  auto child = in_child<Pair>([&](Pair& out) {
    before();
    look(out[0]);
    install(insns, flags, out[1]);
  });
  const Install& was = child.found[0];
  const Install& is = child.found[1];
  EXPECT_TRUE(child.exited());
  EXPECT_NE(is.status, SBP_OK);
  EXPECT_EQ(is.status, is.error.status);
  EXPECT_EQ(is.filters, was.filters);
  EXPECT_EQ(is.getpid_errno, was.getpid_errno);
  EXPECT_EQ(is.installed.listener, -1);
  EXPECT_EQ(is.errno_after, 55);
  EXPECT_EQ(is.no_new_privs != was.no_new_privs, is.installed.no_new_privs == SBP_NNP_SET_NOW);
  return is;
}

const auto kNothing = [] {};

TEST(Install, RefusesBadArguments) {
  const Insns good = deny(SYS_getpid, kErrno7);
  EXPECT_EQ(expect_untouched(good, 0x40, kNothing).status, SBP_E_ARGUMENT);
  EXPECT_EQ(expect_untouched(good, 0x10, kNothing).status, SBP_E_ARGUMENT) << "TSYNC_ESRCH is ours to set";
  EXPECT_EQ(expect_untouched(good, SBP_WAIT_KILLABLE, kNothing).status, SBP_E_ARGUMENT);
  EXPECT_EQ(expect_untouched({load(0)}, 0, kNothing).status, SBP_E_INSN);
  EXPECT_EQ(expect_untouched(Insns(4097, ret(kAllow)), 0, kNothing).status, SBP_E_TOO_LONG);
  sbp_installed installed{};
  EXPECT_EQ(sbp_install(nullptr, 0, &installed, nullptr), SBP_E_ARGUMENT);
  EXPECT_EQ(installed.listener, -1);
}

TEST(Install, RefusesActionsNoKernelHas) {
  SKIP_WITHOUT_SECCOMP();
  Install is = expect_untouched(deny(SYS_getpid, 0x12340005U), 0, kNothing);
  EXPECT_EQ(is.status, SBP_E_UNSUPPORTED);
  EXPECT_EQ(is.error.insn, 2);
  EXPECT_EQ(is.no_new_privs, 0) << "found before anything is set";
  EXPECT_NE(std::string(is.error.text).find("0x12340005"), std::string::npos) << is.error.text;
}

// seccomp(operation) answers `reason`, as a kernel older than it does.
void lose_operation(uint32_t operation, uint32_t reason) {
  const Insns insns = {
      load(0), jeq(SYS_seccomp, 0, 3), load(16), jeq(operation, 0, 1), ret(SECCOMP_RET_ERRNO | reason), ret(kAllow)};
  if (sbp_install_array(array_of(insns), 0, nullptr, nullptr) != SBP_OK) _exit(9);
}

// seccomp(SET_MODE_FILTER, flags) answers EINVAL if one of `flags` is there.
void lose_flags(uint32_t flags) {
  const Insns insns = {load(0),
                       jeq(SYS_seccomp, 0, 5),
                       load(16),
                       jeq(SECCOMP_SET_MODE_FILTER, 0, 3),
                       load(24),
                       insn(BPF_JMP | BPF_JSET | BPF_K, flags, 0, 1),
                       ret(SECCOMP_RET_ERRNO | EINVAL),
                       ret(kAllow)};
  if (sbp_install_array(array_of(insns), 0, nullptr, nullptr) != SBP_OK) _exit(9);
}

// The call that installs answers `reason`; the questions before it, which bring no program, work.
void lose_install(uint32_t reason) {
  const Insns insns = {load(0),      jeq(SYS_seccomp, 0, 5),          load(16),   jeq(SECCOMP_SET_MODE_FILTER, 0, 3),
                       load(32),  // the program's address
                       jeq(0, 1, 0), ret(SECCOMP_RET_ERRNO | reason), ret(kAllow)};
  if (sbp_install_array(array_of(insns), 0, nullptr, nullptr) != SBP_OK) _exit(9);
}

TEST(Install, RefusedAtTheLastStepLeavesNothing) {
  SKIP_WITHOUT_SECCOMP();
  const struct {
    int reason;
    sbp_status status;
    const char* says;
  } rows[] = {
      {EINVAL, SBP_E_REFUSED,
       "the kernel refused the program (EINVAL, invalid argument): see whether a filter already in force denies "
       "`seccomp`"},
      {ENOMEM, SBP_E_LIMIT, "install fewer or smaller programs"},
      {EACCES, SBP_E_PRIVILEGE, "do not pass SBP_KEEP_PRIVS"},
      {EBUSY, SBP_E_LISTENER, "drop `new_listener` here"},
      {EIO, SBP_E_REFUSED, "(EIO, input/output error)"},
  };
  for (const auto& row : rows) {
    Install is =
        expect_untouched(deny(SYS_getpid, kErrno7), 0, [&] { lose_install(static_cast<uint32_t>(row.reason)); });
    EXPECT_EQ(is.status, row.status) << row.reason;
    EXPECT_EQ(is.error.sys_errno, row.reason);
    EXPECT_NE(std::string(is.error.text).find(row.says), std::string::npos) << is.error.text;
  }
}

TEST(Install, AKernelThatKnowsTheQuestionAndNotTheAction) {
  SKIP_WITHOUT_SECCOMP();
  Install is = expect_untouched(deny(SYS_getpid, SECCOMP_RET_USER_NOTIF), 0,
                                [] { lose_operation(SECCOMP_GET_ACTION_AVAIL, EOPNOTSUPP); });
  EXPECT_EQ(is.status, SBP_E_UNSUPPORTED);
  EXPECT_NE(std::string(is.error.text).find("lacks the action `notify`: use Linux 5.0 or newer"), std::string::npos)
      << is.error.text;
}

TEST(Install, NamesTheActionThatAnOldKernelLacks) {
  SKIP_WITHOUT_SECCOMP();
  const auto before_4_14 = [] { lose_operation(SECCOMP_GET_ACTION_AVAIL, EINVAL); };
  Install is = expect_untouched(deny(SYS_getpid, SECCOMP_RET_USER_NOTIF), 0, before_4_14);
  EXPECT_EQ(is.status, SBP_E_UNSUPPORTED);
  EXPECT_STREQ(
      is.error.text,
      "this kernel lacks the action `notify`: use Linux 5.0 or newer, or remove it from the policy (instruction 2)");
  is = expect_untouched(deny(SYS_getpid, SECCOMP_RET_KILL_PROCESS), 0, before_4_14);
  EXPECT_EQ(is.error.insn, 2);
  auto child = in_child<Install>([&](Install& out) {
    before_4_14();
    install(deny(SYS_getpid, kErrno7), 0, out);
  });
  EXPECT_EQ(child.found.status, SBP_OK) << "errno and allow are as old as filters";
  EXPECT_EQ(child.found.getpid_errno, 7);
}

TEST(Install, NamesTheFlagThatAnOldKernelLacks) {
  SKIP_WITHOUT_SECCOMP();
  const auto before_5_19 = [] { lose_flags(SBP_WAIT_KILLABLE); };
  Install is = expect_untouched(deny(SYS_getpid, kErrno7), SBP_NEW_LISTENER | SBP_WAIT_KILLABLE, before_5_19);
  EXPECT_EQ(is.status, SBP_E_UNSUPPORTED);
  EXPECT_STREQ(
      is.error.text,
      "this kernel lacks the install flag `wait_killable`: use Linux 5.19 or newer, or remove it from the policy");
}

TEST(Install, ListenerBesideTsyncIsAQuestionOfItsOwn) {
  SKIP_WITHOUT_SECCOMP();
  const auto before_5_7 = [] { lose_flags(SECCOMP_FILTER_FLAG_TSYNC_ESRCH); };
  Install is = expect_untouched(deny(SYS_getpid, kErrno7), SBP_TSYNC | SBP_NEW_LISTENER, before_5_7);
  EXPECT_EQ(is.status, SBP_E_UNSUPPORTED);
  EXPECT_EQ(is.no_new_privs, 1) << "the outer filter's";
  EXPECT_STREQ(is.error.text,
               "this kernel lacks the install flag `tsync` beside `new_listener`: use Linux 5.7 or newer, or remove it "
               "from the policy");
  auto child = in_child<std::array<int, 3>>([&](std::array<int, 3>& out) {
    before_5_7();
    out = {sbp_supported(SBP_FLAG, SBP_TSYNC), sbp_supported(SBP_FLAG, SBP_NEW_LISTENER),
           sbp_supported(SBP_FLAG, SBP_TSYNC | SBP_NEW_LISTENER)};
  });
  EXPECT_EQ(child.found, (std::array<int, 3>{1, 1, 0}));
}

TEST(Install, NotifyWithoutAListenerIsRefused) {
  SKIP_WITHOUT_SECCOMP();
  if (sbp_supported(SBP_FLAG, SBP_NEW_LISTENER) == 0) GTEST_SKIP() << "kernel without listeners";
  const Insns asks = deny(SYS_getpid, SECCOMP_RET_USER_NOTIF);
  Install is = expect_untouched(asks, 0, kNothing);
  EXPECT_EQ(is.status, SBP_E_ARGUMENT);
  EXPECT_EQ(is.error.insn, 2);
  EXPECT_EQ(is.no_new_privs, 0);
  EXPECT_NE(std::string(is.error.text).find("nobody would hear it: install it with SBP_NEW_LISTENER"),
            std::string::npos)
      << is.error.text;
  auto child = in_child<Install>([&](Install& out) { install(asks, SBP_UNHEARD, out); });
  EXPECT_EQ(child.found.status, SBP_OK) << child.found.error.text;
  EXPECT_EQ(child.found.getpid_errno, ENOSYS);
}

TEST(Install, SaysThatNoDescriptorIsFree) {
  SKIP_WITHOUT_SECCOMP();
  if (sbp_supported(SBP_FLAG, SBP_NEW_LISTENER) == 0) GTEST_SKIP() << "kernel without listeners";
  Install is = expect_untouched(deny(SYS_getpid, kErrno7), SBP_NEW_LISTENER, [] {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_NOFILE, &none);
  });
  EXPECT_EQ(is.status, SBP_E_REFUSED);
  EXPECT_EQ(is.error.sys_errno, EMFILE);
  EXPECT_NE(std::string(is.error.text).find("no descriptor is free for the listener"), std::string::npos)
      << is.error.text;
}

TEST(Install, SaysWhenSeccompItselfIsDenied) {
  SKIP_WITHOUT_SECCOMP();
  const auto sandboxed = [] { lose_operation(SECCOMP_SET_MODE_FILTER, EPERM); };
  Install is = expect_untouched(deny(SYS_getpid, kErrno7), 0, sandboxed);
  EXPECT_EQ(is.status, SBP_E_REFUSED);
  EXPECT_EQ(is.error.sys_errno, EPERM);
  is = expect_untouched(deny(SYS_getpid, kErrno7), 0, [] { lose_operation(SECCOMP_SET_MODE_FILTER, ENOSYS); });
  EXPECT_EQ(is.status, SBP_E_UNSUPPORTED);
}

TEST(Install, SaysWhenPrctlIsDenied) {
  SKIP_WITHOUT_SECCOMP();
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to install the outer filter without no_new_privs";
  Install is = expect_untouched(deny(SYS_getpid, kErrno7), 0, [] {
    const Insns insns = deny(SYS_prctl, SECCOMP_RET_ERRNO | EPERM);
    if (sbp_install_array(array_of(insns), SBP_KEEP_PRIVS, nullptr, nullptr) != SBP_OK) _exit(9);
  });
  EXPECT_EQ(is.status, SBP_E_REFUSED);
  EXPECT_NE(std::string(is.error.text).find("no_new_privs"), std::string::npos);
}

// It kills who asks for no_new_privs; setting it is what an outer policy is told to allow.
TEST(Install, AsksForNoNewPrivsOnlyWhereSomebodyWantsToKnow) {
  SKIP_WITHOUT_SECCOMP();
  const Insns outer = {load(0),     jeq(SYS_prctl, 0, 2),         load(16), jeq(PR_GET_NO_NEW_PRIVS, 1, 0),
                       ret(kAllow), ret(SECCOMP_RET_KILL_PROCESS)};
  auto child = in_child<Install>([&](Install& out) {
    if (sbp_install_array(array_of(outer), 0, nullptr, nullptr) != SBP_OK) _exit(9);
    out.status = sbp_install_array(array_of(deny(SYS_getpid, kErrno7)), 0, nullptr, &out.error);
    out.getpid_errno = syscall(SYS_getpid) > 0 ? 0 : errno;
  });
  ASSERT_TRUE(child.exited()) << "status " << child.status;
  EXPECT_EQ(child.found.status, SBP_OK) << child.found.error.text;
  EXPECT_EQ(child.found.getpid_errno, 7);
}

TEST(Install, OneListenerPerThread) {
  SKIP_WITHOUT_SECCOMP();
  if (sbp_supported(SBP_FLAG, SBP_NEW_LISTENER) == 0) GTEST_SKIP() << "kernel without listeners";
  Install is = expect_untouched(deny(SYS_getpid, kErrno7), SBP_NEW_LISTENER, [] {
    const Insns insns = {ret(kAllow)};
    if (sbp_install_array(array_of(insns), SBP_NEW_LISTENER, nullptr, nullptr) != SBP_OK) _exit(9);
  });
  EXPECT_EQ(is.status, SBP_E_LISTENER);
  EXPECT_EQ(is.error.sys_errno, EBUSY);
}

TEST(Install, StackLimit) {
  SKIP_WITHOUT_SECCOMP();
  Insns longest(SBP_MAX_INSNS, load(0));
  longest.back() = ret(kAllow);
  Install is = expect_untouched(longest, 0, [&] {
    for (int i = 0; i < SBP_STACK_INSNS / (SBP_MAX_INSNS + 4); i++) {
      if (sbp_install_array(array_of(longest), 0, nullptr, nullptr) != SBP_OK) _exit(9);
    }
  });
  EXPECT_EQ(is.status, SBP_E_LIMIT);
  EXPECT_EQ(is.error.sys_errno, ENOMEM);
  EXPECT_NE(std::string(is.error.text).find("32768"), std::string::npos);
}

constexpr int kInstalls = 40;   // of one child
constexpr int kReentries = 20;  // at most

volatile sig_atomic_t ticks = 0;
volatile sig_atomic_t reentered = 0;

// Installs another filter from inside the handler now and then: the library keeps no state that this could find
// half-done.
void on_tick(int) {
  ticks = ticks + 1;
  if (ticks % 4 != 0 || reentered == kReentries) return;
  const sock_filter insns[] = {ret(kAllow)};
  if (sbp_install_array({insns, 1}, 0, nullptr, nullptr) == SBP_OK) reentered = reentered + 1;
}

struct Interrupted {
  int failed;
  long ticks, reentered, filters;
};

void install_under_fire(Interrupted& out) {
  signal(SIGALRM, on_tick);
  itimerval often{{0, 20}, {0, 20}};
  setitimer(ITIMER_REAL, &often, nullptr);
  const Insns insns = {load(0), load(4), ret(kAllow)};
  for (int i = 0; i < kInstalls; i++) {
    if (sbp_install_array(array_of(insns), SBP_TSYNC, nullptr, nullptr) != SBP_OK) out.failed++;
  }
  signal(SIGALRM, SIG_IGN);
  out.ticks = ticks;
  out.reentered = reentered;
  out.filters = proc_status("Seccomp_filters");
}

TEST(Install, SignalsDuringInstall) {
  SKIP_WITHOUT_SECCOMP();
  long seen = 0;
  long nested = 0;
  for (int round = 0; round < 5; round++) {
    auto child = in_child<Interrupted>(install_under_fire);
    ASSERT_TRUE(child.exited());
    EXPECT_EQ(child.found.failed, 0);
    EXPECT_EQ(child.found.filters, kInstalls + child.found.reentered);
    seen += child.found.ticks;
    nested += child.found.reentered;
  }
  EXPECT_GT(seen, 10);
  EXPECT_GT(nested, 0);
}

int open_descriptors() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  while (readdir(directory) != nullptr) count++;
  closedir(directory);
  return count;
}

// SBP_TEST_LOOPS=10000 is the long form of this; under AddressSanitizer and valgrind it also finds lost memory.
TEST(Install, LoadInstallForkLoopsLoseNothing) {
  SKIP_WITHOUT_SECCOMP();
  const char* wanted = std::getenv("SBP_TEST_LOOPS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 200;
  const int before = open_descriptors();
  for (int i = 0; i < rounds; i++) {
    sbp_program* program = load_program(deny(SYS_getppid, kErrno9));
    ASSERT_NE(program, nullptr);
    pid_t pid = fork();
    if (pid == 0) {
      bool good = sbp_install(program, 0, nullptr, nullptr) == SBP_OK && syscall(SYS_getppid) == -1 && errno == 9;
      _exit(good ? 0 : 1);
    }
    ASSERT_EQ(wait_for(pid), 0);
    sbp_free(program);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace sbpc::runtime_test
