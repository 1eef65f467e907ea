// What the ways of a call ask, as people write it.
#include "output/condition_text.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

constexpr target::Abi kAbi = target::Abi::x86_64;

uint32_t number(std::string_view name) { return target::call_number(*target::find_call(name), kAbi).value(); }

// Of the way that ends in `word`: what it asks.
std::vector<std::string> conditions(std::string_view text, std::string_view call, uint32_t word = 0x7fff0000U) {
  bpf::Program program;
  program.insns = bpf::assemble(text, false).value();
  const uint32_t nr = number(call);
  for (const Way& way : CallGraph(program, target::info(kAbi).audit_arch, {nr, nr}).ways(50)) {
    if (way.word == word) return conditions_of(program, {}, way, {kAbi, nr});
  }
  return {"no such way"};
}

using Texts = std::vector<std::string>;

TEST(ConditionText, NamesConstantsOfTheArgument) {
  EXPECT_EQ(conditions("ld [args[0].lo]\n jeq #16, yes, no\n yes: ret allow\n no: ret errno(1)\n", "socket"),
            Texts{"domain == AF_NETLINK"});
  EXPECT_EQ(conditions("ld [args[2].lo]\n jset #0x40, no, yes\n yes: ret allow\n no: ret errno(1)\n", "openat"),
            Texts{"flags lacks O_CREAT"});
}

TEST(ConditionText, JoinsTestsOfOneWord) {
  EXPECT_EQ(
      conditions("ld [args[0].lo]\n jge #3, no, next\n next: jge #1, yes, no\n yes: ret allow\n no: ret errno(1)\n",
                 "write"),
      Texts{"fd in 1..2"});
  EXPECT_EQ(
      conditions("ld [args[1].lo]\n jeq #7, no, next\n next: jge #9, no, yes\n yes: ret allow\n no: ret errno(1)\n",
                 "kill"),
      Texts{"sig <= SIGFPE, sig != SIGBUS"});
}

TEST(ConditionText, SignedValuesAndHalves) {
  EXPECT_EQ(conditions("ld [args[0].lo]\n jeq #0xfffffffe, yes, no\n yes: ret allow\n no: ret errno(1)\n", "write"),
            Texts{"fd == -2"});
  EXPECT_EQ(conditions("ld [args[2].hi]\n jeq #0, yes, no\n yes: ret allow\n no: ret errno(1)\n", "write"),
            Texts{"upper half of count == 0"});
}

TEST(ConditionText, RegistersWithoutACall) {
  bpf::Insn test{bpf::kJeqK, 0, 1, 3};
  EXPECT_EQ(test_text(test, {target::Word::arg3_lo, 0xffffffffU}, std::nullopt), "$3 == 3");
  EXPECT_EQ(test_text(test, {target::Word::arg3_lo, 0xf0U}, std::nullopt), "$3 & 0xf0 == 3");
  EXPECT_EQ(test_text(test, {target::Word::nr, 0xffffffffU}, std::nullopt), "");
}

}  // namespace
}  // namespace sbpc::output
