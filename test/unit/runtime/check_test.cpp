// sbp_check() says yes exactly where the kernel does: every opcode, and random programs, installed for real.
//
// The instructions under test stand behind a jump that is always taken, so an accepted program answers `allow` whatever
// they are.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <random>

#include "child.h"

namespace sbpc::runtime_test {
namespace {

constexpr uint32_t kArchOffset = 4;  // offsetof(seccomp_data, arch)
constexpr uint32_t kNoArch = 0x12345678U;

Insns dead(const Insns& body) {
  Insns insns = {load(kArchOffset), jeq(kNoArch, 1, 0), ret(kAllow)};
  insns.insert(insns.end(), body.begin(), body.end());
  return insns;
}

// 0 if the kernel took it; the program stays installed.
int kernel_errno(Insns& insns) {
  sock_fprog program{static_cast<unsigned short>(insns.size()), insns.data()};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
}

struct Tally {
  int accepted;
  int refused;
  int differ;   // the kernel and sbp_check() disagree
  int stopped;  // errno other than EINVAL: the test itself cannot go on
  sock_filter at[8];
};

void compare(Insns insns, Tally& tally) {
  bool ours = sbp_check(insns.data(), insns.size(), nullptr) == SBP_OK;
  int reason = kernel_errno(insns);
  (reason == 0 ? tally.accepted : tally.refused)++;
  if (reason != 0 && reason != EINVAL) tally.stopped = reason;
  if (ours == (reason == 0)) return;
  if (tally.differ++ == 0) std::copy_n(insns.begin(), std::min<size_t>(insns.size(), 8), tally.at);
}

bool can_install() { return sbp_supported(SBP_ACTION, SECCOMP_RET_ALLOW) == 1 && prctl(PR_GET_SECCOMP) >= 0; }

TEST(Check, AgreesWithTheKernelOnEveryOpcode) {
  if (!can_install()) GTEST_SKIP() << "this kernel or sandbox refuses seccomp";
  for (uint32_t k : {0U, 15U, 16U, 31U, 32U, 60U, 64U}) {
    const uint32_t codes = k == 0 ? 0x10000 : 0x400;  // above 0xff all are refused, which one k is enough to show
    auto child = in_child<Tally>([k, codes](Tally& tally) {
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      for (uint32_t code = 0; code < codes; code++) {
        compare(dead({insn(static_cast<uint16_t>(code), k), ret(kAllow)}), tally);
      }
    });
    ASSERT_TRUE(child.exited());
    ASSERT_EQ(child.found.stopped, 0);
    EXPECT_EQ(child.found.differ, 0) << "k " << k << ", code " << child.found.at[3].code;
    EXPECT_EQ(child.found.accepted + child.found.refused, static_cast<int>(codes));
    EXPECT_GT(child.found.accepted, 25);
  }
}

constexpr uint16_t kUsual[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x14, 0x15, 0x16, 0x1c, 0x1d, 0x20, 0x25,
                               0x34, 0x35, 0x3c, 0x45, 0x54, 0x60, 0x61, 0x64, 0x74, 0x80, 0x81, 0x84, 0x87, 0x94};

Insns random_body(std::mt19937& random) {
  Insns body(1 + random() % 8);
  for (sock_filter& at : body) {
    at = insn(kUsual[random() % std::size(kUsual)], random() % 18, random() % 4, random() % 4);
  }
  body.push_back(random() % 8 == 0 ? insn(0x16, 0) : ret(kAllow));
  return body;
}

TEST(Check, AgreesWithTheKernelOnRandomPrograms) {
  if (!can_install()) GTEST_SKIP() << "this kernel or sandbox refuses seccomp";
  for (unsigned seed = 0; seed < 10; seed++) {
    auto child = in_child<Tally>([seed](Tally& tally) {
      std::mt19937 random(seed);
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      while (tally.accepted < 40) compare(dead(random_body(random)), tally);
    });
    ASSERT_TRUE(child.exited());
    ASSERT_EQ(child.found.stopped, 0);
    EXPECT_EQ(child.found.differ, 0) << "seed " << seed << ", code " << child.found.at[3].code;
    EXPECT_GT(child.found.refused, 40);
  }
}

sbp_status check(const Insns& insns, sbp_error& error) { return sbp_check(insns.data(), insns.size(), &error); }

TEST(Check, SlotWrittenOnOnePathOnly) {
  sbp_error error{};
  Insns insns = {load(0), jeq(1, 0, 1), insn(BPF_ST, 3), insn(BPF_LD | BPF_MEM, 3), ret(kAllow)};
  EXPECT_EQ(check(insns, error), SBP_E_INSN);
  EXPECT_EQ(error.insn, 3);
  insns[1].jf = 0;
  EXPECT_EQ(check(insns, error), SBP_OK);
}

TEST(Check, FarJumps) {
  sbp_error error{};
  Insns insns(SBP_MAX_INSNS, ret(kAllow));
  insns[0] = insn(BPF_JMP | BPF_JA, SBP_MAX_INSNS - 2);
  EXPECT_EQ(check(insns, error), SBP_OK);
  insns[0].k++;
  EXPECT_EQ(check(insns, error), SBP_E_INSN);
  insns[0].k = 0xffffffffU;
  EXPECT_EQ(check(insns, error), SBP_E_INSN);
}

TEST(Check, EachRuleHasItsWords) {
  const struct {
    sock_filter insn;
    const char* words;
  } rows[] = {
      {load(2), "not a multiple of 4"},
      {load(64), "behind seccomp_data"},
      {insn(BPF_ALU | BPF_DIV | BPF_K, 0), "divides by zero"},
      {insn(BPF_ALU | BPF_LSH | BPF_K, 32), "shifts by 32"},
      {insn(BPF_ST, 16), "scratch slot above 15"},
      {insn(BPF_LD | BPF_MEM, 0), "has not written"},
      {insn(BPF_JMP | BPF_JA, 1), "jumps past the end"},
      {insn(BPF_ALU | BPF_MOD | BPF_K, 1), "opcode that seccomp does not have"},
  };
  for (const auto& row : rows) {
    sbp_error error{};
    EXPECT_EQ(check({row.insn, ret(kAllow)}, error), SBP_E_INSN);
    EXPECT_EQ(error.insn, 0);
    EXPECT_NE(std::string(error.text).find(row.words), std::string::npos) << error.text;
  }
}

}  // namespace
}  // namespace sbpc::runtime_test
