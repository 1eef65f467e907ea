// Any subset of the passes, in the order of passes.def, keeps what a program answers: by running it, and by the proof
// of its bytes.
#include "bpf/encode.h"
#include "codegen/codegen.h"
#include "prove/prove.h"
#include "unit/opt/support.h"

namespace sbpc::opt::testing {
namespace {

int tried = 0;   // programs,
int proved = 0;  // and how many of them were proved rather than undecided

// For every event. A program that is too large for its diagrams is left to the events above.
void expect_proved(Program& program, uint64_t seed) {
  for (codegen::Goal goal : {codegen::Goal::speed, codegen::Goal::size}) {
    const codegen::Code code = codegen::generate(program, goal);
    if (code.program.insns.size() > bpf::kMaxInsns) continue;
    const prove::Proof proof =
        prove::prove(bpf::encode(code.program.insns, program.big_endian), code.program.patches, program);
    ASSERT_NE(proof.outcome, prove::Proof::Outcome::refuted) << "seed " << seed;
    ASSERT_NE(proof.outcome, prove::Proof::Outcome::refused) << "seed " << seed << ' ' << proof.reason;
    proved += proof.outcome == prove::Proof::Outcome::proved ? 1 : 0;
    ++tried;
  }
}

void try_passes(uint64_t seed, const std::string& passes, Shape shape) {
  Program program = RandomProgram(seed, shape).make();
  Program before = program;
  Options options;
  options.only_passes = passes.empty() ? "none" : passes;
  run(program, options);
  ASSERT_TRUE(program.entry.valid());
  expect_same_answers(before, program, seed, 300);
  expect_proved(program, seed);
}

std::string subset(uint32_t chosen) {
  std::string names;
  for (size_t i = 0; i < kPasses.size(); ++i) {
    if ((chosen >> i & 1U) != 0) names += (names.empty() ? "" : ",") + std::string(kPasses[i].name);
  }
  return names;
}

TEST(Pipeline, NoPassAtAll) {
  for (uint64_t seed = 1; seed <= 40; ++seed) try_passes(seed, "", {});
}

TEST(Pipeline, EachPassAlone) {
  for (size_t pass = 0; pass < kPasses.size(); ++pass) {
    for (uint64_t seed = 1; seed <= 12; ++seed) try_passes(100 * pass + seed, subset(1U << pass), {});
  }
}

TEST(Pipeline, EachPassLeftOut) {
  for (size_t pass = 0; pass < kPasses.size(); ++pass) {
    const uint32_t all = (1U << kPasses.size()) - 1;
    for (uint64_t seed = 1; seed <= 8; ++seed) try_passes(1000 + 100 * pass + seed, subset(all & ~(1U << pass)), {});
  }
}

TEST(Pipeline, AllPasses) {
  for (uint64_t seed = 1; seed <= 60; ++seed) try_passes(seed, subset((1U << kPasses.size()) - 1), {});
}

TEST(Pipeline, RandomSubsets) {
  for (uint64_t seed = 1; seed <= 120; ++seed) {
    std::mt19937_64 random(seed);
    try_passes(seed, subset(static_cast<uint32_t>(random())), {});
  }
}

TEST(Pipeline, ManyRangesAndWideNumbers) {
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    try_passes(seed, subset((1U << kPasses.size()) - 1),
               {.functions = 20, .ranges = 150, .clauses = 2, .holes = 0, .wide_numbers = true});
  }
}

TEST(Pipeline, LevelsKeepMeaningAndAreRepeatable) {
  for (Level level : {Level::o0, Level::o1, Level::o2, Level::o3, Level::os}) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      Program program = RandomProgram(seed, {}).make();
      Program before = program;
      Options options;
      options.level = level;
      options.profiles = {{kX86_64, {{0, 500}, {1, 300}, {17, 100}, {230, 50}}, 10}};
      run(program, options);
      expect_same_answers(before, program, seed, 200);
      Program again = before;
      run(again, options);
      ASSERT_EQ(program.graph.size(), again.graph.size());
      ASSERT_EQ(program.entry, again.entry);
    }
  }
}

// After the tests above: nearly all of what they made was proved.
TEST(Pipeline, ZProofsWereFound) {
  if (tried == 0) GTEST_SKIP() << "the other tests were left out";
  EXPECT_GE(proved, tried * 95 / 100) << proved << " of " << tried;
}

TEST(Pipeline, PassesAreNamedOnce) {
  for (size_t i = 0; i < kPasses.size(); ++i) {
    for (size_t j = i + 1; j < kPasses.size(); ++j) EXPECT_NE(kPasses[i].name, kPasses[j].name);
  }
}

}  // namespace
}  // namespace sbpc::opt::testing
