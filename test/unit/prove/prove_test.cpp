// prove: right programs are proved; no wrong one is; what is said about a wrong one is true.
#include "prove/prove.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "bpf/disasm.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "codegen/codegen.h"
#include "ir/interpret.h"
#include "unit/prove/random_policies.h"

namespace sbpc::prove {
namespace {

using testing::Events;
using testing::Random;
using testing::Traits;
using Outcome = Proof::Outcome;

bpf::Program compiled(const ir::Program& policy, codegen::Goal goal) { return codegen::generate(policy, goal).program; }

Proof prove_program(const bpf::Program& program, ir::Program& policy) {
  return prove(bpf::encode(program.insns, policy.big_endian), program.patches, policy);
}

TEST(Prove, ProvesWhatCodegenMakes) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    ir::Program policy =
        testing::random_policy(random, {seed % 2 == 0, 4 + static_cast<uint32_t>(seed % 20), seed % 3 == 0});
    for (codegen::Goal goal : {codegen::Goal::speed, codegen::Goal::size}) {
      const bpf::Program program = compiled(policy, goal);
      const Proof proof = prove_program(program, policy);
      ASSERT_EQ(proof.outcome, Outcome::proved) << "seed " << seed << " " << proof.reason << "\n"
                                                << bpf::disassemble(program.insns, false);
    }
  }
}

TEST(Prove, ReadsTheByteOrderOfTheTarget) {
  Random random(1);
  ir::Program policy = testing::random_policy(random, {false, 10, true});
  const bpf::Program program = compiled(policy, codegen::Goal::speed);
  EXPECT_EQ(prove(bpf::encode(program.insns, true), {}, policy).outcome, Outcome::proved);
  EXPECT_EQ(prove(bpf::encode(program.insns, false), {}, policy).outcome, Outcome::refused);
}

TEST(Prove, RefusesWhatTheKernelRefuses) {
  Random random(1);
  ir::Program policy = testing::random_policy(random, {});
  EXPECT_EQ(prove({}, {}, policy).reason, "instruction 0: the program is empty");
  EXPECT_EQ(prove(std::vector<uint8_t>(9), {}, policy).reason,
            "instruction 1: the program has 9 bytes, which is not a multiple of 8");
  const Proof proof = prove(bpf::encode({{bpf::kLdAbs, 0, 0, 3}, {bpf::kRetK, 0, 0, 0}}, false), {}, policy);
  EXPECT_EQ(proof.outcome, Outcome::refused);
  EXPECT_EQ(proof.reason, "instruction 0: a load from offset 3, which is not a multiple of 4");
}

// `ret a` alone answers A, which the kernel clears: kill_thread for everything, and that is known to be wrong.
TEST(Prove, FollowsWhatNoCompilerOfOursMakes) {
  Random random(1);
  ir::Program policy = testing::random_policy(random, {});
  const Proof proof = prove(bpf::encode({{0x16, 0, 0, 0}}, false), {}, policy);
  ASSERT_EQ(proof.outcome, Outcome::refuted);
  EXPECT_EQ(proof.witness->answered, 0U);
}

// Too much for any diagram: a number is returned. A call that shows it to be wrong is looked for all the same.
TEST(Prove, RefutesWhatItCannotWorkOut) {
  Random random(1);
  ir::Program policy = testing::random_policy(random, {});
  const Proof proof = prove(bpf::encode({{bpf::kLdAbs, 0, 0, 0}, {0x16, 0, 0, 0}}, false), {}, policy);
  ASSERT_EQ(proof.outcome, Outcome::refuted);
  EXPECT_EQ(proof.witness->answered, static_cast<uint32_t>(proof.witness->data.nr));
}

// A `ret` that returns the word in A, whatever it is: no diagram holds 2^32 answers, but it holds those that
// are actions.
TEST(Prove, RefutesReturnsOfAnyWord) {
  constexpr uint16_t kRetA = 0x16;
  size_t large = 0;
  size_t unreached = 0;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Random random(seed);
    ir::Program policy = testing::random_policy(random, {});
    bpf::Program program = compiled(policy, codegen::Goal::speed);
    for (bpf::Insn& insn : program.insns) {
      if (insn.code != bpf::kRetK) continue;
      insn.code = kRetA;
      const Proof proof = prove_program(program, policy);
      insn.code = bpf::kRetK;
      if (proof.outcome == Outcome::proved) {  // where no call arrives
        ++unreached;
        continue;
      }
      insn.code = kRetA;
      ASSERT_EQ(proof.outcome, Outcome::refuted) << "seed " << seed << " " << proof.reason;
      const uint32_t answered = bpf::interpret(program.insns, proof.witness->data, policy.big_endian).word;
      ASSERT_EQ(answered, proof.witness->answered);
      ASSERT_NE(answered, proof.witness->expected);
      large += proof.reason.empty() ? 0 : 1;
      insn.code = bpf::kRetK;
    }
  }
  EXPECT_GT(large, 30U);  // outgrew the diagram
  EXPECT_GT(unreached, 0U);
  EXPECT_GT(large, 5 * unreached);
}

// ---- mutants ----

std::vector<uint64_t> random_values(Random& random, const Events& events) {
  std::vector<uint64_t> values;
  for (uint32_t i = 0; i < testing::kValues; ++i)
    values.push_back(uint64_t{events.word(random)} << 32 | events.word(random));
  for (uint32_t i = 0; i < testing::kBools; ++i) values.push_back(random.below(2));
  return values;
}

bpf::Insns filled_in(const bpf::Program& program, const std::vector<uint64_t>& values) {
  bpf::Insns insns = program.insns;
  for (const bpf::Patch& patch : program.patches) {
    uint32_t& k = insns[patch.pc].k;
    switch (patch.kind) {
      case bpf::Patch::Kind::value_low: k = static_cast<uint32_t>(values[patch.hole]); break;
      case bpf::Patch::Kind::value_high: k = static_cast<uint32_t>(values[patch.hole] >> 32); break;
      case bpf::Patch::Kind::flag: k = values[patch.hole] != 0 ? 0 : patch.offset; break;
    }
  }
  return insns;
}

struct Count {
  int refused = 0, refuted = 0, proved = 0, undecided = 0;
};

void expect_equal_by_sampling(const bpf::Program& mutant, const ir::Program& policy, const Events& events,
                              Random& random) {
  for (int i = 0; i < 60; ++i) {
    const std::vector<uint64_t> values = random_values(random, events);
    const target::SeccompData data = events(random);
    const bpf::Insns insns = filled_in(mutant, values);
    ASSERT_EQ(target::decode(bpf::interpret(insns, data, policy.big_endian).word),
              ir::interpret_clauses(policy, data, values))
        << bpf::disassemble(mutant.insns, policy.big_endian);
  }
}

void judge(const bpf::Program& mutant, ir::Program& original, const Events& events, Random& random, Count& count) {
  if (original.diagram.nodes() > 200000) {  // proofs leave their nodes behind
    original.diagram = ir::Diagram();
    ir::CondDiagrams conds(original);
    for (ir::Function& function : original.functions) function.meaning = ir::clauses_meaning(original, function, conds);
  }
  ir::Program& policy = original;
  const Proof proof = prove_program(mutant, policy);
  switch (proof.outcome) {
    case Outcome::refused: ++count.refused; return;
    case Outcome::undecided: ++count.undecided; return;
    case Outcome::proved: ++count.proved; return expect_equal_by_sampling(mutant, original, events, random);
    case Outcome::refuted: break;
  }
  ++count.refuted;
  ASSERT_TRUE(proof.witness.has_value());
  const Witness& witness = *proof.witness;
  EXPECT_NE(target::decode(witness.expected), target::decode(witness.answered));
  if (!original.holes.empty()) return;
  EXPECT_EQ(bpf::interpret(mutant.insns, witness.data, policy.big_endian).word, witness.answered);
  EXPECT_EQ(ir::interpret_clauses(original, witness.data), target::decode(witness.expected));
}

Count judge_all_bit_flips(uint64_t seed, const Traits& traits) {
  Random random(seed);
  ir::Program policy = testing::random_policy(random, traits);
  const bpf::Program program = compiled(policy, codegen::Goal::speed);
  const Events events(policy);
  Count count;
  for (size_t pc = 0; pc < program.insns.size(); ++pc) {
    for (unsigned bit = 0; bit < 64; ++bit) {
      bpf::Program mutant = program;
      std::vector<uint8_t> bytes = bpf::encode(mutant.insns, false);
      bytes[pc * 8 + bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
      mutant.insns = *bpf::decode(bytes, false);
      judge(mutant, policy, events, random, count);
    }
  }
  EXPECT_EQ(count.refused + count.refuted + count.proved + count.undecided,
            static_cast<int>(program.insns.size() * 64));
  return count;
}

void see_every_bit_flip(uint64_t seed, bool big_endian) {
  const Count count = judge_all_bit_flips(seed, {false, 5, big_endian});
  EXPECT_GT(count.refused, 500);
  EXPECT_GT(count.refuted, 1000);
  EXPECT_GT(count.proved, 100);
  std::printf("%d refused, %d refuted, %d proved, %d undecided\n", count.refused, count.refuted, count.proved,
              count.undecided);
}

TEST(Prove, SeesEveryBitFlip) { see_every_bit_flip(3, false); }
TEST(Prove, SlowSeesEveryBitFlipOfBigEndian) { see_every_bit_flip(4, true); }

TEST(Prove, SeesEveryBitFlipAmongParameters) {
  const Count count = judge_all_bit_flips(6, {true, 4, false});
  EXPECT_GT(count.refuted, 500);
}

TEST(Prove, SeesMovedDoubledAndMissingInstructions) {
  for (uint64_t seed = 10; seed < 16; ++seed) {
    Random random(seed);
    ir::Program policy = testing::random_policy(random, {false, 8, false});
    const bpf::Program program = compiled(policy, codegen::Goal::size);
    const Events events(policy);
    Count count;
    for (size_t pc = 0; pc + 1 < program.insns.size(); ++pc) {
      const auto at = static_cast<std::ptrdiff_t>(pc);
      bpf::Program without = program;
      without.insns.erase(without.insns.begin() + at);
      judge(without, policy, events, random, count);
      bpf::Program twice = program;
      twice.insns.insert(twice.insns.begin() + at, program.insns[pc]);
      judge(twice, policy, events, random, count);
      bpf::Program swapped = program;
      std::swap(swapped.insns[pc], swapped.insns[pc + 1]);
      judge(swapped, policy, events, random, count);
    }
    EXPECT_GT(count.refuted, 10);
  }
}

TEST(Prove, SeesWrongPatches) {
  Count count;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Random random(seed);
    ir::Program policy = testing::random_policy(random, {true, 6, false});
    const bpf::Program program = compiled(policy, codegen::Goal::speed);
    const Events events(policy);
    for (size_t i = 0; i < program.patches.size(); ++i) {
      bpf::Program missing = program;
      missing.patches.erase(missing.patches.begin() + static_cast<std::ptrdiff_t>(i));
      judge(missing, policy, events, random, count);
      bpf::Program other = program;
      const bool is_flag = other.patches[i].kind == bpf::Patch::Kind::flag;
      other.patches[i].hole ^= 1;  // the other value, the other bool
      judge(other, policy, events, random, count);
      bpf::Program changed = program;
      if (is_flag) {
        changed.patches[i].offset += 1;
      } else {
        const bool is_low = changed.patches[i].kind == bpf::Patch::Kind::value_low;
        changed.patches[i].kind = is_low ? bpf::Patch::Kind::value_high : bpf::Patch::Kind::value_low;
      }
      judge(changed, policy, events, random, count);
    }
  }
  EXPECT_GT(count.refuted, 100);
  EXPECT_GT(count.refused, 20);
  EXPECT_LT(count.proved, count.refuted / 4);  // tests that nothing depends on: sampling agreed
}

}  // namespace
}  // namespace sbpc::prove
