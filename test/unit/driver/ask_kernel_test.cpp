// The kernel's answer to one call for each action comes back whole, and other machines' calls are not made.
#include "driver/ask_kernel.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cstddef>

namespace sbpc::driver {
namespace {

using Insns = std::vector<sock_filter>;

bpf::Insns program(const Insns& insns) {
  bpf::Insns result;
  for (const sock_filter& insn : insns) result.push_back({insn.code, insn.jt, insn.jf, insn.k});
  return result;
}

target::SeccompData event(long nr, uint64_t first = 0) {
  target::SeccompData data{};
  data.arch = target::info(target::host_abi()).audit_arch;
  data.nr = static_cast<int32_t>(nr);
  data.args[0] = first;
  return data;
}

class AskKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_make_calls(target::host_abi())) GTEST_SKIP() << "no calls can be made on this machine";
    const KernelAnswers answers = ask_kernel(program({BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}), {});
    if (!answers.trouble.empty()) GTEST_SKIP() << answers.trouble;
  }
};

TEST_F(AskKernel, EveryActionComesBack) {
  const std::vector<uint32_t> words = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP | 5,
                                       SECCOMP_RET_ERRNO | 13,   SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE | 9,
                                       SECCOMP_RET_LOG,          SECCOMP_RET_ALLOW};
  Insns insns = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args))};
  std::vector<target::SeccompData> events;
  for (uint32_t i = 0; i < words.size(); ++i) {
    insns.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i + 1, 0, 1));
    insns.push_back(BPF_STMT(BPF_RET | BPF_K, words[i]));
    events.push_back(event(SYS_reboot, i + 1));
  }
  insns.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const KernelAnswers answers = ask_kernel(program(insns), events);
  ASSERT_EQ(answers.trouble, "");
  ASSERT_EQ(answers.words.size(), words.size());
  for (size_t i = 0; i < words.size(); ++i) EXPECT_EQ(answers.words[i], words[i]) << i;
}

TEST_F(AskKernel, AProgramThatTheKernelRefusesIsTroubleInWords) {
  const KernelAnswers answers =
      ask_kernel(program({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 3)}), std::vector{event(SYS_getpid)});
  EXPECT_EQ(answers.trouble, "the kernel refuses the program");
  EXPECT_TRUE(answers.words.empty());
}

TEST_F(AskKernel, OtherMachinesCallsAreNotMade) {
  target::SeccompData foreign = event(1);
  foreign.arch = AUDIT_ARCH_PARISC;
  const KernelAnswers answers =
      ask_kernel(program({BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}), std::vector{foreign, event(SYS_getpid)});
  ASSERT_EQ(answers.trouble, "");
  EXPECT_FALSE(answers.words[0].has_value());
  EXPECT_EQ(answers.words[1], SECCOMP_RET_ALLOW);
  EXPECT_FALSE(can_make_calls(target::Abi::parisc));
}

}  // namespace
}  // namespace sbpc::driver
