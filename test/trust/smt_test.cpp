// The proof and z3 decide the same pairs of programs, and agree.
#include "trust/smt.h"

#include <gtest/gtest.h>

#include "bpf/verify.h"
#include "codegen/codegen.h"
#include "support/compare_programs.h"
#include "support/word_pairs.h"
#include "unit/bpf/random_programs.h"
#include "unit/prove/random_policies.h"

namespace sbpc::trust {
namespace {

struct Pair {
  bpf::Insns first;
  bpf::Insns second;
  bool big_endian;
};

bpf::Insns changed(bpf::testing::Random& random, const bpf::Insns& insns) {
  for (;;) {
    bpf::Insns made = insns;
    bpf::Insn& insn = made[random.below(static_cast<uint32_t>(made.size()))];
    switch (random.below(4)) {
      case 0: insn.k ^= 1U << random.below(32); break;
      case 1: std::swap(insn.jt, insn.jf); break;
      case 2: insn.k += 1; break;
      default: std::swap(insn, made[random.below(static_cast<uint32_t>(made.size()))]);
    }
    if (!bpf::kernel_refusal(made)) return made;
  }
}

// A third each: two ways to write one policy, a program with a small change, programs with arithmetic.
Pair random_pair(uint64_t seed) {
  prove::testing::Random policies(seed);
  bpf::testing::Random random(seed);
  const bool big_endian = random.one_in(3);
  ir::Program program = prove::testing::random_policy(policies, {false, 3, big_endian});
  const bpf::Insns speed = codegen::generate(program, codegen::Goal::speed).program.insns;
  if (seed % 3 == 0) return {speed, codegen::generate(program, codegen::Goal::size).program.insns, big_endian};
  if (seed % 3 == 1) return {speed, changed(random, speed), big_endian};
  const bpf::Insns odd = bpf::testing::random_program(random, 8);
  return {odd, changed(random, odd), big_endian};
}

// What z3 says, against what the proof said.
struct Opinions {
  size_t equal = 0;
  size_t different = 0;
};

// Nothing without z3: the test skips.
std::optional<Opinions> compared(const SmtScript& script, const std::vector<prove::Proof>& proofs) {
  std::string reason;
  const auto answers = ask_z3(script, reason);
  if (!answers && reason == "z3 is not installed") return std::nullopt;
  EXPECT_TRUE(answers) << reason;
  Opinions opinions;
  if (!answers) return opinions;
  EXPECT_EQ(answers->size(), proofs.size());
  for (size_t i = 0; i < std::min(proofs.size(), answers->size()); ++i) {
    const bool differ = proofs[i].outcome == prove::Proof::Outcome::refuted;
    (differ ? opinions.different : opinions.equal) += 1;
    EXPECT_EQ(differ, (*answers)[i]) << "pair " << i;
  }
  return opinions;
}

TEST(SecondOpinion, SlowZ3SaysTheSame) {
  constexpr uint64_t kPairs = 330;
  SmtScript script;
  std::vector<prove::Proof> proofs;
  size_t odd = 0;
  for (uint64_t seed = 0; seed < kPairs; ++seed) {
    const Pair pair = random_pair(seed);
    const prove::Proof proof =
        prove::testing::compare(pair.first, pair.second, pair.big_endian, prove::Relation::equal);
    ASSERT_NE(proof.outcome, prove::Proof::Outcome::refused) << proof.reason;
    if (proof.outcome == prove::Proof::Outcome::undecided) continue;
    proofs.push_back(proof);
    odd += seed % 3 == 2 ? 1 : 0;
    script.add_pair(pair.first, pair.second, pair.big_endian);
  }
  EXPECT_GE(proofs.size(), 300U);
  const auto opinions = compared(script, proofs);
  if (!opinions) GTEST_SKIP() << "z3 is not installed";
  printf("%zu pairs, %zu of them equal\n", proofs.size(), opinions->equal);
  printf("%zu of the programs with arithmetic and scratch cells decided\n", odd);
  EXPECT_GT(opinions->equal, 100U);
  EXPECT_GT(opinions->different, 60U);
}

// Two ways to compare words of the event with each other, half of them with a small change: none is left undecided.
TEST(SecondOpinion, SlowZ3SaysTheSameOfComparedWords) {
  constexpr std::array<std::string_view, 8> kWords{"args[0].lo", "args[0].hi", "args[1].lo", "args[2].lo",
                                                   "args[5].hi", "nr",         "ip.lo",      "arch"};
  constexpr uint64_t kPairs = 280;
  SmtScript script;
  std::vector<prove::Proof> proofs;
  for (uint64_t seed = 0; seed < kPairs; ++seed) {
    bpf::testing::Random random(seed);
    const prove::testing::SamePair& same = prove::testing::kSamePairs[seed / 2 % prove::testing::kSamePairs.size()];
    const uint32_t at = random.below(kWords.size());
    const uint32_t step = 1 + 2 * random.below(kWords.size() / 2);  // has no divisor with the words' number in common
    const std::array words{kWords[at], kWords[(at + step) % kWords.size()], kWords[(at + 2 * step) % kWords.size()]};
    const bpf::Insns first = prove::testing::word_program(same.first, words);
    bpf::Insns second = prove::testing::word_program(same.second, words);
    if (seed % 2 == 1) second = changed(random, second);
    const prove::Proof proof = prove::testing::compare(first, second, false, prove::Relation::equal);
    ASSERT_TRUE(proof.outcome == prove::Proof::Outcome::proved || proof.outcome == prove::Proof::Outcome::refuted)
        << same.name << ", seed " << seed << ": " << proof.reason;
    proofs.push_back(proof);
    script.add_pair(first, second, false);
  }
  const auto opinions = compared(script, proofs);
  if (!opinions) GTEST_SKIP() << "z3 is not installed";
  printf("%zu pairs that compare words, %zu of them equal\n", proofs.size(), opinions->equal);
  EXPECT_GE(opinions->equal, kPairs / 2);
  EXPECT_GT(opinions->different, kPairs / 6);
}

}  // namespace
}  // namespace sbpc::trust
