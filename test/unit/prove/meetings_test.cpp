// Programs that compare words of the event with each other: found, and decided bit by bit.
#include "prove/meetings.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "prove/prove.h"
#include "support/compare_programs.h"
#include "support/word_pairs.h"
#include "unit/prove/random_policies.h"

namespace sbpc::prove {
namespace {

using target::Word;
using Words = std::array<std::string_view, 3>;
using Outcome = Proof::Outcome;

constexpr Words kArguments{"args[0].lo", "args[1].lo", "args[2].lo"};

std::string met(std::string_view text) {
  std::string all;
  for (const Meeting& meeting : meetings(*bpf::assemble(text, false), false)) {
    all += fmt::format("{} {} {}\n", static_cast<int>(meeting.first), static_cast<int>(meeting.second), meeting.shift);
  }
  return all;
}

TEST(Meetings, AreFoundThroughRegistersAndCells) {
  const int a = static_cast<int>(Word::arg0_lo);
  const int b = static_cast<int>(Word::arg1_lo);
  EXPECT_EQ(met("ld [args[0].lo]\n jeq #1, y, n\n y: ret allow\n n: ret errno(1)"), "");
  EXPECT_EQ(met("ld #5\n tax\n ld [args[0].lo]\n jeq x, y, n\n y: ret allow\n n: ret errno(1)"), "");
  EXPECT_EQ(met("ld [args[0].lo]\n tax\n sub x\n jeq x, y, n\n y: ret allow\n n: ret errno(1)"), "");
  EXPECT_EQ(met("ld [args[0].lo]\n tax\n ld [args[1].lo]\n jeq x, y, n\n y: ret allow\n n: ret errno(1)"),
            fmt::format("{} {} 0\n", b, a));
  EXPECT_EQ(met("ld [args[0].lo]\n rsh #16\n st M[9]\n ld [args[1].lo]\n ldx M[9]\n add x\n ret a"),
            fmt::format("{} {} -16\n", b, a));
  // Through either side of a branch.
  EXPECT_EQ(
      met("ld [nr]\n jeq #1, p, q\n p: ld [args[0].lo]\n ja t\n q: ld #1\n t: tax\n ld [args[1].lo]\n or x\n ret a"),
      fmt::format("{} {} 0\n", b, a));
}

class WordPairs : public ::testing::TestWithParam<testing::SamePair> {};

TEST_P(WordPairs, AreDecidedBitByBit) {
  for (const Words& words :
       {kArguments, Words{"args[4].lo", "args[0].lo", "args[0].hi"}, Words{"ip.lo", "nr", "args[5].hi"}}) {
    const bpf::Insns first = testing::word_program(GetParam().first, words);
    const bpf::Insns second = testing::word_program(GetParam().second, words);
    ASSERT_FALSE(bpf::kernel_refusal(first));
    ASSERT_FALSE(bpf::kernel_refusal(second));
    const Proof same = testing::compare(first, second, false, Relation::equal);
    EXPECT_EQ(same.outcome, Outcome::proved) << same.reason;
    EXPECT_TRUE(same.is_interleaved);
    EXPECT_LT(same.diagram_nodes, 10'000U);
  }
}

// Each constant changed in each bit: what that makes of a program is told, and is true.
TEST_P(WordPairs, AreRefutedBitByBit) {
  const bpf::Insns first = testing::word_program(GetParam().first, kArguments);
  const bpf::Insns second = testing::word_program(GetParam().second, kArguments);
  for (size_t pc = 0; pc < second.size(); ++pc) {
    for (uint32_t bit = 0; bit < 32; bit += 5) {
      bpf::Insns mutant = second;
      mutant[pc].k ^= uint32_t{1} << bit;
      if (bpf::kernel_refusal(mutant)) continue;
      const Proof proof = testing::compare(first, mutant, false, Relation::equal);
      ASSERT_TRUE(proof.outcome == Outcome::proved || proof.outcome == Outcome::refuted) << pc << ": " << proof.reason;
      if (proof.outcome != Outcome::refuted) continue;
      const auto& data = proof.witness->data;
      EXPECT_NE(target::decode(bpf::interpret(first, data, false).word),
                target::decode(bpf::interpret(mutant, data, false).word));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, WordPairs, ::testing::ValuesIn(testing::kSamePairs),
                         [](const auto& info) { return std::string(info.param.name); });

// A policy never compares words; bytes that do, though they come to the same, are shown to.
TEST(Meetings, OfAProgramAgainstAPolicy) {
  testing::Random random(1);
  ir::Program policy = testing::random_policy(random, {false, 3, false});
  const auto proved = [&](std::string_view answer) {
    const std::string text =
        fmt::format("ld [args[0].lo]\n tax\n ld [args[1].lo]\n jeq x, y, n\n y: {0}\n n: {0}", answer);
    return prove(bpf::encode(*bpf::assemble(text, false), false), {}, policy);
  };
  for (ir::Function& function : policy.functions) {
    function.clauses.clear();
    function.otherwise = {target::Action::errno_, 5};
    function.meaning = policy.diagram.terminal(target::encode(function.otherwise));
  }
  policy.foreign = {target::Action::errno_, 5};
  const Proof same = proved("ret errno(5)");
  EXPECT_EQ(same.outcome, Outcome::proved) << same.reason;
  EXPECT_TRUE(same.is_interleaved);
  const Proof other = proved("ret errno(6)");
  EXPECT_EQ(other.outcome, Outcome::refuted);
}

}  // namespace
}  // namespace sbpc::prove
