// The proof and z3 decide the same pairs of programs, and agree.
#include "trust/smt.h"

#include <gtest/gtest.h>

#include "bpf/encode.h"
#include "bpf/verify.h"
#include "codegen/codegen.h"
#include "prove/compare.h"
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

TEST(SecondOpinion, Z3SaysTheSame) {
  constexpr uint64_t kPairs = 330;
  SmtScript script;
  std::vector<prove::Proof> proofs;
  size_t odd = 0;
  for (uint64_t seed = 0; seed < kPairs; ++seed) {
    const Pair pair = random_pair(seed);
    const prove::Proof proof =
        prove::compare(bpf::encode(pair.first, pair.big_endian), bpf::encode(pair.second, pair.big_endian),
                       pair.big_endian, prove::Relation::equal);
    ASSERT_NE(proof.outcome, prove::Proof::Outcome::refused) << proof.reason;
    if (proof.outcome == prove::Proof::Outcome::undecided) continue;
    proofs.push_back(proof);
    odd += seed % 3 == 2 ? 1 : 0;
    script.add_pair(pair.first, pair.second, pair.big_endian);
  }
  EXPECT_GE(proofs.size(), 300U);
  std::string reason;
  const auto answers = ask_z3(script, reason);
  if (!answers && reason == "z3 is not installed") GTEST_SKIP() << reason;
  ASSERT_TRUE(answers) << reason;
  ASSERT_EQ(answers->size(), proofs.size());
  size_t equal = 0;
  for (size_t i = 0; i < proofs.size(); ++i) {
    const bool differ = proofs[i].outcome == prove::Proof::Outcome::refuted;
    equal += differ ? 0 : 1;
    EXPECT_EQ(differ, (*answers)[i]) << "pair " << i;
  }
  printf("%zu pairs, %zu of them equal\n", proofs.size(), equal);
  printf("%zu of the programs with arithmetic and scratch cells decided\n", odd);
  EXPECT_GT(equal, 100U);
  EXPECT_GT(proofs.size() - equal, 60U);
}

}  // namespace
}  // namespace sbpc::trust
