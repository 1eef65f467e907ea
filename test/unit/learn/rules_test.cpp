// From lines of a trace to the rules that allow them.
#include "learn/rules.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "learn/read_trace.h"

namespace sbpc::learn {
namespace {

using target::Abi;

Observations read(std::string_view text, Abi abi = Abi::x86_64) {
  Observations seen;
  read_trace(seen, "t", text, abi);
  return seen;
}

std::vector<std::string> targets(std::string_view text, Abi abi = Abi::x86_64) {
  std::vector<std::string> result;
  const Observations seen = read(text, abi);
  for (const auto& [key, call] : seen.calls()) {
    for (const Rule& rule : rules_of(call)) result.push_back(rule.target);
  }
  return result;
}
std::string target_of(std::string_view text, Abi abi = Abi::x86_64) {
  return fmt::format("{}", fmt::join(targets(text, abi), " | "));
}

TEST(Rules, FlagsAreTheBitsThatWereSeen) {
  EXPECT_EQ(
      target_of("openat(AT_FDCWD, \"x\", O_RDONLY|O_CLOEXEC) = 3\nopenat(AT_FDCWD, \"x\", O_RDONLY|O_NONBLOCK) = 3\n"),
      "openat(dirfd == AT_FDCWD, flags only O_RDONLY | O_CLOEXEC | O_NONBLOCK)");
  EXPECT_EQ(target_of("recvfrom(3, \"\", 1, 0, NULL, NULL) = 0\n"), "recvfrom(flags == 0)");
}

std::string notes_of(std::string_view text) {
  std::vector<std::string> result;
  const Observations seen = read(text);
  for (const auto& [key, call] : seen.calls()) {
    for (const Rule& rule : rules_of(call)) {
      result.push_back(fmt::format("{}/{}", rule.failed, rule.count));
      result.insert(result.end(), rule.notes.begin(), rule.notes.end());
    }
  }
  return fmt::format("{}", fmt::join(result, " | "));
}

// What only calls had that failed is allowed, so that the program runs as it did, and told.
TEST(Rules, ValuesThatNeverWorkedAreTold) {
  EXPECT_EQ(notes_of("fcntl(3, F_SETFL, O_APPEND) = 0\nfcntl(3, F_SETFL, O_NONBLOCK) = -1 EBADF (Bad)\n"),
            "1/2 | only calls that returned an error had O_NONBLOCK of `arg`");
  EXPECT_EQ(notes_of("fcntl(3, F_GETFL) = 2\nfcntl(3, 0x5678) = -1 EINVAL (Invalid)\n"),
            "1/2 | only calls that returned an error had 0x5678 of `cmd`");
  EXPECT_EQ(notes_of("fcntl(3, F_GETFL) = -1 EBADF (Bad)\nfcntl(3, F_GETFL) = -1 EBADF (Bad)\n"), "2/2");
  EXPECT_EQ(notes_of("rt_sigreturn({mask=[]}) = -1 EINTR (Interrupted system call)\n"), "0/1");
}

TEST(Rules, AFieldAdmitsOnlyWhatWasSeen) {
  // O_WRONLY alone: `only O_WRONLY` would admit O_RDONLY, which is zero.
  EXPECT_EQ(target_of("openat(3, \"x\", O_WRONLY|O_CREAT, 0600) = 3\n"),
            "openat(flags only O_ACCMODE | O_CREAT, flags & O_ACCMODE == O_WRONLY)");
  // MAP_SHARED | MAP_PRIVATE is MAP_SHARED_VALIDATE.
  EXPECT_EQ(
      target_of("mmap(NULL, 1, PROT_READ, MAP_PRIVATE, 3, 0) = 0\nmmap(NULL, 1, PROT_READ, MAP_SHARED, 3, 0) = 0\n"),
      "mmap(prot only PROT_READ, flags only MAP_TYPE, flags & MAP_TYPE in { MAP_SHARED, MAP_PRIVATE })");
}

TEST(Rules, AFieldWhoseMaskHasNoNameIsListed) {
  // The size of huge pages, 0xfc000000: 3 << 26 is no size that has a name, and a flag within the field names none of
  // its values.
  EXPECT_EQ(target_of("mmap(NULL, 1, PROT_READ, 0xc040022, -1, 0) = 0\n"),
            "mmap(prot only PROT_READ, flags in { MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 0xc000000 }, fd == -1)");
}

TEST(Rules, WritableAndExecutableStayApart) {
  EXPECT_EQ(target_of("mprotect(0x1000, 1, PROT_READ|PROT_WRITE) = 0\nmprotect(0x1000, 1, PROT_READ|PROT_EXEC) = 0\n"),
            "mprotect(prot only PROT_EXEC | PROT_READ | PROT_WRITE, !(prot has PROT_WRITE | PROT_EXEC))");
  EXPECT_EQ(target_of("mprotect(0x1000, 1, PROT_READ|PROT_WRITE|PROT_EXEC) = 0\n"),
            "mprotect(prot only PROT_EXEC | PROT_READ | PROT_WRITE)");
}

TEST(Rules, DescriptorsOnlyByConvention) {
  EXPECT_EQ(target_of("write(1, \"\", 1) = 1\nwrite(2, \"\", 1) = 1\n"), "write(fd in { 1, 2 })");
  EXPECT_EQ(target_of("write(1, \"\", 1) = 1\nwrite(7, \"\", 1) = 1\n"), "write");
  EXPECT_EQ(target_of("mmap(NULL, 1, PROT_READ, MAP_PRIVATE, -1, 0) = 0\n"),
            "mmap(prot only PROT_READ, flags only MAP_PRIVATE, fd == -1)");
}

TEST(Rules, CommandsWithWhatTheyTake) {
  EXPECT_EQ(
      targets("fcntl(3, F_GETFL) = 0\nfcntl(3, F_GETFD) = 0\nfcntl(3, F_SETFD, FD_CLOEXEC) = 0\n"),
      (std::vector<std::string>{"fcntl(cmd in { F_GETFD, F_GETFL })", "fcntl(cmd == F_SETFD, arg only FD_CLOEXEC)"}));
  EXPECT_EQ(target_of("setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"),
            "setsockopt(level == SOL_SOCKET, optname == SO_REUSEADDR)");
  EXPECT_EQ(target_of("ioctl(3, TCGETS, {}) = 0\n"), "ioctl(request == TCGETS)");
}

TEST(Rules, WhatTimingDecidesIsAddedAndSaid) {
  const Observations seen = read("futex(0x7f00, FUTEX_WAKE_PRIVATE, 1) = 0\n");
  const auto rules = rules_of(seen.calls().begin()->second);
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].target,
            "futex(futex_op & FUTEX_CMD_MASK in { FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET })");
  ASSERT_EQ(rules[0].notes.size(), 1U);
  EXPECT_NE(rules[0].notes[0].find("FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET were not seen"),
            std::string::npos);
}

TEST(Rules, TheFormsOfATraceGiveTheSameRules) {
  const std::string symbolic = target_of("openat(AT_FDCWD, \"x\", O_RDONLY|O_CLOEXEC) = 3\n");
  EXPECT_EQ(target_of("openat(-100, \"x\", 0x80000) = 3\n"), symbolic);
  EXPECT_EQ(target_of("openat(-100 /* AT_FDCWD */, \"x\", 0x80000 /* O_RDONLY|O_CLOEXEC */) = 3\n"), symbolic);
  EXPECT_EQ(target_of("12 [ 257] openat(0xffffff9c, 0x7f1ba9cdb0b1, 0x80000, 0) = 0x3\n"), symbolic);
  EXPECT_EQ(target_of("12 12:00:00.1 openat(AT_FDCWD</srv>, \"x\", O_RDONLY|O_CLOEXEC) = 3</srv/x> <0.1>\n"), symbolic);
  EXPECT_EQ(target_of("1 openat(AT_FDCWD, \"x\", O_RDONLY|O_CLOEXEC <unfinished ...>\n1 <... openat resumed>) = 3\n"),
            symbolic);
  EXPECT_EQ(target_of("type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=257 a0=ffffff9c a1=7f a2=80000 a3=0\n",
                      Abi::aarch64),
            symbolic);
}

TEST(Rules, UnknownArgumentsLeaveTheCallOpenAndSaySo) {
  const Observations seen = read("type=1326 audit(1.2:3): arch=c000003e syscall=257 code=0x50000\n");
  const auto rules = rules_of(seen.calls().begin()->second);
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].target, "openat");
  EXPECT_EQ(rules[0].notes, std::vector<std::string>{"no line tells its arguments"});
}

TEST(Rules, ACallThatTheKernelHadNot) {
  const Observations seen = read("clone3({flags=CLONE_VM}, 88) = -1 ENOSYS (Function not implemented)\n");
  EXPECT_TRUE(rules_of(seen.calls().begin()->second).front().is_missing);
}

TEST(Rules, TooManyValuesLeaveTheArgumentOpen) {
  std::string text;
  for (int i = 0; i < 70; ++i) text += fmt::format("setrlimit({}, {{}}) = 0\n", i);
  EXPECT_EQ(target_of(text), "setrlimit");
}

TEST(Rules, OtherAbis) {
  EXPECT_EQ(target_of("[  56] openat(AT_FDCWD, \"x\", O_RDONLY|O_CLOEXEC) = 3\n", Abi::aarch64),
            "openat(dirfd == AT_FDCWD, flags only O_RDONLY | O_CLOEXEC)");
  EXPECT_EQ(target_of("clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 5\n", Abi::s390x),
            "clone(flags only CSIGNAL | CLONE_CHILD_CLEARTID, flags & CSIGNAL == SIGCHLD)");
}

TEST(Observe, CallsOfAnotherAbiAreNoted) {
  const Observations seen = read("waitpid(-1, NULL, 0) = 2\ngetpid() = 1\n");
  EXPECT_EQ(seen.unknown_calls, 1U);
  ASSERT_EQ(seen.unknown_names.size(), 1U);
  EXPECT_EQ(seen.unknown_names.begin()->first, "waitpid of x86_64");
}

TEST(Observe, UnknownWordsAreNoted) {
  const Observations seen = read(
      "ioctl(3, MADE_UP, 0) = 0\nrt_sigaction(made up, NULL, NULL, 8) = 0\nmade_up(1) = 0\nioctl(4, MADE_UP) = 0\n");
  ASSERT_EQ(seen.unknown_values.size(), 1U);  // of rt_sigaction nothing is made
  EXPECT_EQ(seen.unknown_values.begin()->first, "`MADE_UP` of `ioctl(request)`");
  EXPECT_EQ(seen.unknown_values.begin()->second.count, 2U);
  EXPECT_EQ(seen.unknown_values.begin()->second.first.line, 1U);
  EXPECT_EQ(seen.unknown_names.begin()->first, "made_up");
  EXPECT_EQ(seen.unknown_calls, 1U);
}

// What is not known opens nothing: not the call, not the argument.
TEST(Observe, UnknownWordsOpenNothing) {
  for (const char* line :
       {"ioctl(3, MADE_UP, 0) = 0\n", "prctl(MADE_UP) = 0\n", "prctl(made_up) = 0\n", "personality({0}) = 0\n",
        "openat(AT_FDCWD, \"x\", O_MADE_UP) = 0\n", "openat(AT_FDCWD, \"x\", \"y\") = 0\n", "kill(0, SIGRT_999) = 0\n"})
    EXPECT_EQ(target_of(line), "") << line;
  EXPECT_EQ(target_of("openat(AT_FDCWD, \"x\", O_RDONLY) = 3\nopenat(AT_FDCWD, \"x\", O_RDONLY|O_MADE_UP) = 3\n"),
            "openat(dirfd == AT_FDCWD, flags == O_RDONLY)");
  EXPECT_EQ(target_of("kill(0, SIGRT_5) = 0\n"), "kill(pid == 0, sig == 37)");
  EXPECT_EQ(
      target_of("socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)) = 3\n"),
      "socket(domain == AF_PACKET, type only SOCK_TYPE_MASK, type & SOCK_TYPE_MASK == SOCK_RAW, protocol == 768)");
}

// Commands beyond the bound are counted, and not allowed.
TEST(Observe, CommandsBeyondTheBound) {
  std::string text;
  for (int i = 0; i < 70; ++i) text += "ioctl(3, " + std::to_string(40000 + i) + ", 0) = 0\n";
  const Observations seen = read(text);
  ASSERT_EQ(seen.calls().size(), 1U);
  EXPECT_EQ(seen.calls().begin()->second.crowded, 6U);
}

TEST(Observe, NumbersThatBelongToAnotherMachine) {
  const Observations seen = read("[  56] openat(AT_FDCWD, \"x\", O_RDONLY) = 3\n");
  ASSERT_EQ(seen.contradictions.size(), 1U);
  EXPECT_EQ(seen.contradictions[0].text, "`openat` is call 257 on x86_64, and the line says 56");
  EXPECT_TRUE(seen.calls().empty());
  // socketcall is what the filter sees.
  EXPECT_EQ(target_of("[ 102] socket(AF_INET, SOCK_STREAM, 0) = 3\n", Abi::i386), "socketcall");
}

}  // namespace
}  // namespace sbpc::learn
