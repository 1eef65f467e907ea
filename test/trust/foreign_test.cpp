// Programs of odd producers against themselves: written otherwise they are equal, and what a change is said to do is
// true. Nothing that is called equal answers any of thousands of calls otherwise.
#include "trust/foreign.h"

#include <gtest/gtest.h>

#include "bpf/disasm.h"
#include "bpf/interpret.h"
#include "support/compare_programs.h"

namespace sbpc::trust {
namespace {

using bpf::testing::Random;
using Outcome = prove::Proof::Outcome;

constexpr uint64_t kPrograms = 300;
constexpr int kCalls = 300;

target::Verdict answer(const bpf::Insns& insns, const target::SeccompData& data) {
  return target::decode(bpf::interpret(insns, data, false).word);
}

// Whether the programs answer the calls alike that are likely to tell them apart.
::testing::AssertionResult answers_alike(Random& random, const bpf::Insns& first, const bpf::Insns& second) {
  for (int i = 0; i < kCalls; ++i) {
    const target::SeccompData data = telling_call(random, i % 2 == 0 ? first : second);
    if (answer(first, data) != answer(second, data)) {
      return ::testing::AssertionFailure() << bpf::disassemble(first, false) << "and\n"
                                           << bpf::disassemble(second, false) << "differ";
    }
  }
  return ::testing::AssertionSuccess();
}

TEST(Foreign, WrittenOtherwiseIsTheSame) {
  size_t undecided = 0;
  size_t interleaved = 0;
  for (uint64_t seed = 0; seed < kPrograms; ++seed) {
    Random random(seed);
    const bpf::Insns first = foreign_program(random, 6 + random.below(30));
    const bpf::Insns second = written_otherwise(random, first);
    ASSERT_TRUE(answers_alike(random, first, second)) << "seed " << seed;
    const prove::Proof proof = prove::testing::compare(first, second, false, prove::Relation::equal);
    undecided += proof.outcome == Outcome::undecided ? 1 : 0;
    interleaved += proof.is_interleaved ? 1 : 0;
    ASSERT_TRUE(proof.outcome == Outcome::proved || proof.outcome == Outcome::undecided)
        << "seed " << seed << "\n"
        << bpf::disassemble(first, false) << "and\n"
        << bpf::disassemble(second, false);
  }
  printf("%zu of %zu decided with interleaved words, %zu not decided\n", interleaved, size_t{kPrograms}, undecided);
  EXPECT_LE(undecided, kPrograms / 50);
  EXPECT_GT(interleaved, kPrograms / 10);
}

void tell_changes(uint64_t programs) {
  size_t equal = 0;
  size_t undecided = 0;
  for (uint64_t seed = 0; seed < programs; ++seed) {
    Random random(seed);
    const bpf::Insns first = foreign_program(random, 6 + random.below(30));
    const bpf::Insns second = with_a_change(random, written_otherwise(random, first));
    for (const prove::Relation relation : {prove::Relation::equal, prove::Relation::no_wider}) {
      const prove::Proof proof = prove::testing::compare(first, second, false, relation);
      undecided += proof.outcome == Outcome::undecided ? 1 : 0;
      if (proof.outcome == Outcome::refuted) {
        const uint32_t here = bpf::interpret(first, proof.witness->data, false).word;
        const uint32_t there = bpf::interpret(second, proof.witness->data, false).word;
        ASSERT_FALSE(prove::holds_between(relation, here, there)) << "seed " << seed;
      }
      if (proof.outcome == Outcome::proved && relation == prove::Relation::equal) {
        ++equal;
        ASSERT_TRUE(answers_alike(random, first, second)) << "seed " << seed;
      }
    }
  }
  printf("%zu of %zu changes keep the meaning, %zu questions not decided\n", equal, size_t{programs}, undecided);
  EXPECT_GT(equal, programs / 20);
  EXPECT_LE(undecided, programs / 25);
}

TEST(Foreign, AChangeIsToldTrue) { tell_changes(kPrograms / 4); }
TEST(Foreign, SlowAChangeIsToldTrue) { tell_changes(kPrograms); }

}  // namespace
}  // namespace sbpc::trust
