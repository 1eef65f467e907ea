// One event of a condition: it is one, and diagrams say of it what is said without them.
#include "judge/sample.h"

#include <gtest/gtest.h>

#include <random>

#include "ir/meaning.h"

namespace sbpc::judge {
namespace {

using ir::CondId;
using target::Word;

class Sample : public ::testing::Test {
 protected:
  // Of a few words, a few bits each: often unsatisfiable, often in need of a second try.
  CondId random_cond(int depth) {
    constexpr std::array<Word, 4> kWords = {Word::arg0_lo, Word::arg0_hi, Word::arg5_hi, Word::ip_lo};
    const auto pick = [&](uint32_t below) { return static_cast<uint32_t>(random_() % below); };
    if (depth == 0 || pick(4) == 0) {
      if (pick(8) == 0) return program_.conds.flag(ir::HoleId(0U));
      if (pick(8) == 0) return program_.conds.hole(kWords[pick(4)], ir::HoleId(1U), false);
      const uint32_t first = pick(4);
      return program_.conds.member(kWords[pick(4)], pick(2) == 0 ? 3 : 0xffffffffU, {{first, first + pick(2)}});
    }
    if (pick(4) == 0) return program_.conds.negation(random_cond(depth - 1));
    std::vector<CondId> operands = {random_cond(depth - 1), random_cond(depth - 1)};
    return pick(2) == 0 ? program_.conds.all(operands) : program_.conds.any(operands);
  }

  ir::Program program_;
  std::mt19937 random_{1};
};

TEST_F(Sample, HoldsAndDiagramsAgree) {
  program_.holes.resize(2);
  ir::CondDiagrams diagrams(program_);
  size_t found = 0;
  constexpr size_t kTries = 2000;
  for (size_t i = 0; i < kTries; ++i) {
    const CondId cond = random_cond(3);
    const CondId other = random_cond(3);
    const auto event = sample(program_.conds, cond);
    if (!event) continue;
    ++found;
    EXPECT_EQ(answer_on(program_.diagram, diagrams(cond), *event), ir::Diagram::kYes);
    EXPECT_EQ(answer_on(program_.diagram, diagrams(other), *event) == ir::Diagram::kYes,
              holds_on(program_.conds, other, *event));
  }
  EXPECT_GT(found, kTries / 2);
}

TEST_F(Sample, OfEachWord) {
  for (uint32_t word = 0; word < target::kWordCount; ++word) {
    const CondId cond = program_.conds.member(static_cast<Word>(word), 0xff00ff00U, {{0x12003400U, 0x12003400U}});
    const auto event = sample(program_.conds, cond);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(target::word_value(*event, static_cast<Word>(word)), 0x12003400U);
  }
}

TEST_F(Sample, OfNothingThereIsNone) {
  EXPECT_FALSE(sample(program_.conds, program_.conds.never()).has_value());
  EXPECT_FALSE(sample(program_.conds, program_.conds.flag(ir::HoleId(0U))).has_value());
}

}  // namespace
}  // namespace sbpc::judge
