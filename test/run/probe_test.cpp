// The probe itself: that it brings back what the kernel answered, for every action, and that no call is ever made.
#include "probe.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "probe_calls.h"

namespace {

using Insns = std::vector<sock_filter>;

sock_filter load(uint32_t offset) { return {BPF_LD | BPF_W | BPF_ABS, 0, 0, offset}; }
sock_filter jeq(uint32_t k, uint8_t jt, uint8_t jf) { return {BPF_JMP | BPF_JEQ | BPF_K, jt, jf, k}; }
sock_filter ret(uint32_t word) { return {BPF_RET | BPF_K, 0, 0, word}; }

probe_event call(uint32_t arch, int32_t nr, std::array<uint64_t, 6> args = {}) {
  probe_event event{arch, nr, {}};
  for (size_t i = 0; i < args.size(); i++) event.args[i] = args[i];
  return event;
}
probe_event native(int32_t nr, std::array<uint64_t, 6> args = {}) { return call(PROBE_NATIVE_ARCH, nr, args); }

struct Answers {
  std::string trouble;
  std::vector<std::string> texts;
};

Answers ask(probe_mode mode, const Insns& insns, const std::vector<probe_event>& events) {
  std::vector<probe_verdict> verdicts(events.size());
  const probe_job job{mode, insns.data(), insns.size(), events.data(), events.size()};
  const char* trouble = probe_run(&job, verdicts.data());
  Answers answers{trouble == nullptr ? "" : trouble, {}};
  for (const probe_verdict& verdict : verdicts) {
    std::array<char, 40> text{};
    probe_verdict_text(&verdict, text.data(), text.size());
    answers.texts.emplace_back(text.data());
  }
  return answers;
}

// Number i answers words[i], all others allow.
Insns table(const std::vector<uint32_t>& words) {
  Insns insns = {load(0)};
  for (uint32_t i = 0; i < words.size(); i++) {
    insns.push_back(jeq(i, 0, 1));
    insns.push_back(ret(words[i]));
  }
  insns.push_back(ret(SECCOMP_RET_ALLOW));
  return insns;
}

std::vector<probe_event> first_numbers(int32_t count) {
  std::vector<probe_event> events;
  for (int32_t nr = 0; nr < count; nr++) events.push_back(native(nr));
  return events;
}

const std::vector<uint32_t> kWords = {
    SECCOMP_RET_KILL_PROCESS,   SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,         SECCOMP_RET_TRAP | 7,
    SECCOMP_RET_ERRNO,          SECCOMP_RET_ERRNO | 38,  SECCOMP_RET_ERRNO | 4095, SECCOMP_RET_USER_NOTIF,
    SECCOMP_RET_TRACE | 0xffff, SECCOMP_RET_LOG,         SECCOMP_RET_ALLOW,        SECCOMP_RET_KILL_PROCESS,
};

class Probe : public testing::Test {
 protected:
  void SetUp() override {
    const char* refused = probe_seccomp_refused();
    if (refused != nullptr) GTEST_SKIP() << refused;
  }
};

TEST_F(Probe, WordsComeBackWhole) {
  Answers answers = ask(PROBE_WORDS, table(kWords), first_numbers(13));
  EXPECT_EQ(answers.trouble, "");
  const std::vector<std::string> expected = {"kill_process", "kill_thread",  "trap",   "trap(7)",      "errno(0)",
                                             "errno(38)",    "errno(4095)",  "notify", "trace(65535)", "log",
                                             "allow",        "kill_process", "allow"};
  EXPECT_EQ(answers.texts, expected);
}

TEST_F(Probe, ActionsAreCarriedOut) {
  Answers answers = ask(PROBE_ACTIONS, table(kWords), first_numbers(13));
  EXPECT_EQ(answers.trouble, "");
  const std::vector<std::string> expected = {"kill_process", "kill_thread",  "trap",    "trap(7)", "errno(0)",
                                             "errno(38)",    "errno(4095)",  "may_run", "may_run", "may_run",
                                             "may_run",      "kill_process", "may_run"};
  EXPECT_EQ(answers.texts, expected);
}

// What the kernel makes of words that are no plain action: kernel/seccomp.c: __seccomp_filter().
TEST_F(Probe, TheKernelsReadingOfOddWords) {
  Answers answers = ask(PROBE_ACTIONS, table({SECCOMP_RET_ERRNO | 0xffff, 0x00040001U, 0x00010000U}), first_numbers(3));
  EXPECT_EQ(answers.trouble, "");
  const std::vector<std::string> expected = {"errno(4095)", "kill_process", "kill_process"};
  EXPECT_EQ(answers.texts, expected);
}

// All of these would be felt if one was made.
TEST_F(Probe, NoCallIsMade) {
  std::vector<probe_event> events;
  for (long nr : {SYS_exit_group, SYS_exit, SYS_execve, SYS_rt_sigreturn, SYS_seccomp, SYS_munmap, SYS_ptrace}) {
    events.push_back(native(static_cast<int32_t>(nr)));
  }
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  events.push_back(native(SYS_kill, {static_cast<uint64_t>(getpid()), 9}));
  events.push_back(native(SYS_write, {static_cast<uint64_t>(ends[1]), reinterpret_cast<uint64_t>("x"), 1}));
  for (probe_mode mode : {PROBE_WORDS, PROBE_ACTIONS}) {
    Answers answers = ask(mode, {ret(SECCOMP_RET_ALLOW)}, events);
    EXPECT_EQ(answers.trouble, "");
    EXPECT_EQ(answers.texts, std::vector<std::string>(events.size(), mode == PROBE_WORDS ? "allow" : "may_run"));
  }
  close(ends[1]);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0) << "nothing was written";
  close(ends[0]);
}

// The kernel makes these without asking a filter, and from here they would end the thread.
TEST_F(Probe, CallsThatNoFilterSeesAreSkipped) {
  if (PROBE_NATIVE_ARCH != 0xC000003EU) GTEST_SKIP() << "uretprobe and uprobe are calls of x86_64";
  Answers answers = ask(PROBE_WORDS, {ret(SECCOMP_RET_ALLOW)}, {native(335), native(336), native(39)});
  EXPECT_EQ(answers.trouble, "");
  const std::vector<std::string> expected = {"skipped", "skipped", "allow"};
  EXPECT_EQ(answers.texts, expected);
}

TEST_F(Probe, FiltersSeeTheArgumentsAsGiven) {
  const std::array<uint64_t, 6> args = {0x1111111122222222, 0x3333333344444444, 0x5555555566666666,
                                        0x7777777788888888, 0x99999999aaaaaaaa, 0xbbbbbbbbcccccccc};
  for (uint32_t arch : {PROBE_NATIVE_ARCH, PROBE_COMPAT_ARCH}) {
    if (arch != PROBE_NATIVE_ARCH && probe_int80_works() == 0) continue;
    for (uint32_t word = 0; word < 12; word++) {
      const auto whole = args[word / 2];
      const uint32_t half = word % 2 == 0 ? static_cast<uint32_t>(whole) : static_cast<uint32_t>(whole >> 32);
      const uint32_t seen = arch != PROBE_NATIVE_ARCH && word % 2 == 1 ? 0 : half;
      const Insns insns = {load(16 + 4 * word), jeq(seen, 0, 1), ret(SECCOMP_RET_LOG), ret(SECCOMP_RET_TRAP)};
      Answers answers = ask(PROBE_WORDS, insns, {call(arch, 9, args)});
      EXPECT_EQ(answers.texts.at(0), "log") << std::hex << arch << " word " << word;
    }
  }
}

#if defined(__x86_64__)
TEST_F(Probe, ReachesEveryEntry) {
  const Insns insns = {load(4),
                       jeq(PROBE_COMPAT_ARCH, 0, 1),
                       ret(SECCOMP_RET_ERRNO | 3),
                       load(0),
                       {BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000U},
                       ret(SECCOMP_RET_ERRNO | 32),
                       ret(SECCOMP_RET_ALLOW)};
  std::vector<probe_event> events = {native(1), native(0x40000001), native(-1), call(PROBE_COMPAT_ARCH, 1),
                                     call(0xC00000B7U, 1)};
  Answers answers = ask(PROBE_WORDS, insns, events);
  EXPECT_EQ(answers.trouble, "");
  const std::string compat = probe_int80_works() != 0 ? "errno(3)" : "skipped";
  const std::vector<std::string> expected = {"allow", "errno(32)", "errno(32)", compat, "skipped"};
  EXPECT_EQ(answers.texts, expected);
}
#endif

TEST_F(Probe, ThousandsOfEvents) {
  std::vector<probe_event> events;
  for (int32_t i = 0; i < 100000; i++) events.push_back(native(i % 20));
  Answers answers = ask(PROBE_WORDS, table(kWords), events);
  EXPECT_EQ(answers.trouble, "");
  EXPECT_EQ(answers.texts.at(99983), "trap(7)");
  events.resize(200);
  answers = ask(PROBE_ACTIONS, table(kWords), events);
  EXPECT_EQ(answers.trouble, "");
  EXPECT_EQ(answers.texts.at(191), "kill_process");
  EXPECT_EQ(answers.texts.at(199), "may_run");
}

TEST_F(Probe, SaysWhatStandsInTheWay) {
  const std::vector<probe_event> events = first_numbers(1);
  const sock_filter ret_a = {BPF_RET | BPF_A, 0, 0, 0};
  EXPECT_NE(ask(PROBE_WORDS, {load(0), ret_a}, events).trouble.find("returns A"), std::string::npos);
  EXPECT_EQ(ask(PROBE_ACTIONS, {load(0), ret_a}, events).texts.at(0), "kill_thread") << "number 0 is that word";
  for (probe_mode mode : {PROBE_WORDS, PROBE_ACTIONS}) {
    EXPECT_EQ(ask(mode, {load(2), ret(0)}, events).trouble, "the kernel refuses the program");
    EXPECT_NE(ask(mode, {}, events).trouble, "");
    EXPECT_EQ(ask(mode, {ret(0)}, {}).trouble, "");
  }
}

}  // namespace
