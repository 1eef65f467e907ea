// sbp_supported() says what the kernel's own list says.
#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fstream>

#include "child.h"

namespace sbpc::runtime_test {
namespace {

bool listed(const std::string& action) {
  std::ifstream file("/proc/sys/kernel/seccomp/actions_avail");
  for (std::string word; file >> word;) {
    if (word == action) return true;
  }
  return false;
}

TEST(Supported, ActionsAreThoseOfTheKernelsList) {
  if (!listed("allow")) GTEST_SKIP() << "no actions_avail (before Linux 4.14)";
  const struct {
    uint32_t word;
    const char* name;  // kernel/seccomp.c: SECCOMP_RET_*_NAME
  } rows[] = {
      {SECCOMP_RET_KILL_PROCESS, "kill_process"},
      {SECCOMP_RET_KILL_THREAD, "kill_thread"},
      {SECCOMP_RET_TRAP, "trap"},
      {SECCOMP_RET_ERRNO, "errno"},
      {SECCOMP_RET_USER_NOTIF, "user_notif"},
      {SECCOMP_RET_TRACE, "trace"},
      {SECCOMP_RET_LOG, "log"},
      {SECCOMP_RET_ALLOW, "allow"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(sbp_supported(SBP_ACTION, row.word) == 1, listed(row.name)) << row.name;
    EXPECT_EQ(sbp_supported(SBP_ACTION, row.word | 0x1234) == 1, listed(row.name)) << row.name << " with data";
  }
}

TEST(Supported, UnknownActionsAndFlagsAreNot) {
  EXPECT_EQ(sbp_supported(SBP_ACTION, 0x12340000U), 0);
  EXPECT_EQ(sbp_supported(SBP_FLAG, 0x40), 0);
  EXPECT_EQ(sbp_supported(SBP_FLAG, 0x8000), 0);
  EXPECT_EQ(sbp_supported(static_cast<sbp_feature>(7), 0), 0);
}

TEST(Supported, NoFlagsAndKeepPrivsAlwaysAre) {
  EXPECT_EQ(sbp_supported(SBP_FLAG, 0), 1);
  EXPECT_EQ(sbp_supported(SBP_FLAG, SBP_KEEP_PRIVS), 1);
}

TEST(Supported, ChangesNothing) {
  const long filters = proc_status("Seccomp_filters");
  const long no_new_privs = proc_status("NoNewPrivs");
  errno = 66;
  (void)sbp_supported(SBP_FLAG, SBP_TSYNC | SBP_LOG | SBP_SPEC_ALLOW | SBP_NEW_LISTENER | SBP_WAIT_KILLABLE);
  (void)sbp_supported(SBP_ACTION, SECCOMP_RET_LOG);
  EXPECT_EQ(errno, 66);
  EXPECT_EQ(proc_status("Seccomp_filters"), filters);
  EXPECT_EQ(proc_status("NoNewPrivs"), no_new_privs);
}

struct Answers {
  int action, old_action, flag;
};

TEST(Supported, DeniedSeccompMeansNoNewThings) {
  auto child = in_child<Answers>([](Answers& out) {
    const Insns insns = deny(SYS_seccomp, SECCOMP_RET_ERRNO | EPERM);
    if (sbp_install_array(array_of(insns), 0, nullptr, nullptr) != SBP_OK) _exit(7);
    out.action = sbp_supported(SBP_ACTION, SECCOMP_RET_LOG);
    out.old_action = sbp_supported(SBP_ACTION, SECCOMP_RET_ERRNO | 1);
    out.flag = sbp_supported(SBP_FLAG, SBP_TSYNC);
  });
  if (!child.exited()) GTEST_SKIP() << "this kernel or sandbox refuses seccomp";
  EXPECT_EQ(child.found.action, 0);
  EXPECT_EQ(child.found.old_action, 1);
  EXPECT_EQ(child.found.flag, 0);
}

}  // namespace
}  // namespace sbpc::runtime_test
