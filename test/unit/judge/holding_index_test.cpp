// The conditions that hold on an event are among those that the index names, and few others are.
#include "judge/holding_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "judge/sample.h"

namespace sbpc::judge {
namespace {

using ir::CondId;
using target::Word;

class Index : public ::testing::Test {
 protected:
  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
  Word word() {
    constexpr std::array<Word, 3> kWords = {Word::arg0_lo, Word::arg0_hi, Word::arg5_lo};
    return kWords[pick(3)];
  }
  CondId random_cond(int depth) {
    if (depth == 0 || pick(3) == 0) {
      if (pick(16) == 0) return program_.conds.flag(ir::HoleId(0U));
      const uint32_t first = pick(16);
      return program_.conds.member(word(), pick(2) == 0 ? 15 : 0xffffffffU, {{first, std::min(first + pick(4), 15U)}});
    }
    if (pick(8) == 0) return program_.conds.negation(random_cond(depth - 1));
    std::vector<CondId> operands = {random_cond(depth - 1), random_cond(depth - 1)};
    return pick(2) == 0 ? program_.conds.all(operands) : program_.conds.any(operands);
  }

  ir::Program program_;
  std::mt19937 random_{1};
};

TEST_F(Index, LeavesOutNoneThatHolds) {
  for (int round = 0; round < 50; ++round) {
    HoldingIndex index(program_.conds);
    std::vector<CondId> conds;
    for (uint32_t i = 0; i < 40; ++i) {
      conds.push_back(random_cond(3));
      index.add(conds.back(), i);
    }
    index.finish();
    target::SeccompData event;
    for (const Word each : {Word::arg0_lo, Word::arg0_hi, Word::arg5_lo}) target::set_bits(event, each, ~0U, pick(20));
    const std::vector<uint32_t> found = index.may_hold(event);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    EXPECT_EQ(std::adjacent_find(found.begin(), found.end()), found.end());
    for (uint32_t i = 0; i < conds.size(); ++i) {
      if (holds_on(program_.conds, conds[i], event)) {
        EXPECT_TRUE(std::binary_search(found.begin(), found.end(), i)) << "round " << round << ", condition " << i;
      }
    }
  }
}

TEST_F(Index, FindsTheOneOfManyValues) {
  HoldingIndex index(program_.conds);
  const CondId upper = program_.conds.member(Word::arg0_hi, ~0U, {{0, 0}});
  for (uint32_t i = 0; i < 1000; ++i) {
    const CondId lower = program_.conds.member(Word::arg0_lo, ~0U, {{i, i}});
    index.add(program_.conds.all({lower, upper}), i);
  }
  index.add(program_.conds.member(Word::arg0_lo, ~0U, {{100, 800}}), 1000);
  index.add(program_.conds.always(), 1001);
  index.add(program_.conds.never(), 1002);
  index.finish();
  target::SeccompData event;
  target::set_bits(event, Word::arg0_lo, ~0U, 500);
  const std::vector<uint32_t> found = index.may_hold(event);
  for (const uint32_t id : {500U, 1000U, 1001U}) EXPECT_TRUE(std::binary_search(found.begin(), found.end(), id)) << id;
  EXPECT_LE(found.size(), 4U);  // the first may be there, which was looked for by its upper half
  target::set_bits(event, Word::arg0_lo, ~0U, 5000);
  EXPECT_LE(index.may_hold(event).size(), 2U);
}

}  // namespace
}  // namespace sbpc::judge
