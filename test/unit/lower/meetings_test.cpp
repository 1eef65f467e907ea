// Which answers can meet is told by their tests: values, masks, flags, in any of their alternatives.
#include "lower/meetings.h"

#include <gtest/gtest.h>

namespace sbpc::lower {
namespace {

using ir::CondId;
using target::Action;
using target::Word;

class MeetingsTest : public ::testing::Test {
 protected:
  CondId is(Word word, uint32_t value, uint32_t mask = 0xffffffffU) {
    return conds_.member(word, mask, {{value, value}});
  }
  // Answers errno(1), errno(2) ... of a source each.
  bool may_meet(const std::vector<CondId>& conditions) {
    std::vector<Answer> answers;
    for (const CondId cond : conditions)
      answers.push_back({cond, {Action::errno_, static_cast<uint16_t>(answers.size() + 1)}, answers.size()});
    return Meetings(conds_).may_meet(answers);
  }
  ir::Conds conds_;
  static constexpr Word kFd = Word::arg0_lo;
  static constexpr Word kFlags = Word::arg2_lo;
};

TEST_F(MeetingsTest, ValuesTellApart) {
  EXPECT_FALSE(may_meet({is(kFd, 1), is(kFd, 2), is(kFd, 3)}));
  EXPECT_TRUE(may_meet({is(kFd, 1), is(kFd, 2), conds_.member(kFd, 0xffffffffU, {{2, 9}})}));
  EXPECT_TRUE(may_meet({is(kFd, 1), is(kFlags, 2)}));
  EXPECT_TRUE(may_meet({is(kFd, 1), conds_.always()}));
  EXPECT_FALSE(may_meet({is(kFd, 1), conds_.never()}));
  EXPECT_FALSE(may_meet({conds_.all({is(kFd, 1), is(kFlags, 2)}), conds_.all({is(kFd, 1), is(kFlags, 3)})}));
}

TEST_F(MeetingsTest, MasksTellApart) {
  EXPECT_FALSE(may_meet({is(kFlags, 3, 0xff), is(kFlags, 4, 0xff)}));
  EXPECT_FALSE(may_meet({is(kFlags, 1, 3), is(kFlags, 6)}));           // 6 & 3 is 2
  EXPECT_FALSE(may_meet({is(kFlags, 1, 3), is(kFlags, 0x40, 0x41)}));  // bit 0
  EXPECT_TRUE(may_meet({is(kFlags, 1, 1), is(kFlags, 2, 2)}));
}

TEST_F(MeetingsTest, EveryAlternativeCounts) {
  const CondId either = conds_.any({conds_.all({is(kFd, 1), is(kFlags, 2)}), conds_.all({is(kFd, 3), is(kFlags, 4)})});
  EXPECT_FALSE(may_meet({either, conds_.all({is(kFd, 1), is(kFlags, 4)})}));
  EXPECT_TRUE(may_meet({either, conds_.all({is(kFd, 3), is(kFlags, 4)})}));
  EXPECT_FALSE(may_meet({either, conds_.negation(either)}));
  EXPECT_FALSE(may_meet({is(kFd, 1), conds_.negation(conds_.any({is(kFd, 1), is(kFlags, 2)}))}));
}

// `count >= 100, count < 200` of a 64-bit argument: two tests of its lower half, in alternatives of each half.
CondId stretch(ir::Conds& conds, uint32_t first, uint32_t end) {
  constexpr uint32_t kAll = 0xffffffffU;
  const CondId no_upper = conds.member(Word::arg2_hi, kAll, {{0, 0}});
  const CondId from = conds.any({conds.member(Word::arg2_hi, kAll, {{1, kAll}}),
                                 conds.all({no_upper, conds.member(Word::arg2_lo, kAll, {{first, kAll}})})});
  return conds.all({from, conds.all({no_upper, conds.member(Word::arg2_lo, kAll, {{0, end - 1}})})});
}

TEST_F(MeetingsTest, TestsOfOneWordAreOneRange) {
  std::vector<CondId> conditions;
  for (uint32_t i = 0; i < 3000; ++i) conditions.push_back(stretch(conds_, i * 100, i * 100 + 100));
  EXPECT_FALSE(may_meet(conditions));
  conditions.push_back(stretch(conds_, 70099, 70101));
  EXPECT_TRUE(may_meet(conditions));
}

TEST_F(MeetingsTest, HundredsOfStatementsWithOneAnswerAreToldApart) {
  std::vector<CondId> even;
  std::vector<CondId> odd;
  for (uint32_t i = 0; i < 400; ++i)
    (i % 2 == 0 ? even : odd).push_back(conds_.all({stretch(conds_, i * 100, i * 100 + 90), is(kFd, i)}));
  EXPECT_FALSE(may_meet({conds_.any(even), conds_.any(odd)}));
  odd.push_back(conds_.all({is(kFd, 20), is(Word::arg2_lo, 2050)}));
  EXPECT_TRUE(may_meet({conds_.any(even), conds_.any(odd)}));
}

TEST_F(MeetingsTest, FlagsTellApart) {
  const CondId net = conds_.flag(ir::HoleId(0U));
  EXPECT_FALSE(may_meet({net, conds_.negation(net)}));
  EXPECT_TRUE(may_meet({net, conds_.flag(ir::HoleId(1U))}));
}

TEST_F(MeetingsTest, OnlyDataOfOneActionAndOfSeveralSources) {
  Meetings meetings(conds_);
  const CondId cond = is(kFd, 1);
  const auto meet = [&](const Answer& a, const Answer& b) { return meetings.may_meet(std::vector{a, b}); };
  EXPECT_TRUE(meet({cond, {Action::errno_, 1}, 0}, {cond, {Action::errno_, 2}, 1}));
  EXPECT_FALSE(meet({cond, {Action::errno_, 1}, 0}, {cond, {Action::errno_, 2}, 0}));
  EXPECT_FALSE(meet({cond, {Action::errno_, 1}, 0}, {cond, {Action::errno_, 1}, 1}));
  EXPECT_FALSE(meet({cond, {Action::errno_, 1}, 0}, {cond, {Action::trap, 2}, 1}));
}

TEST_F(MeetingsTest, ThousandsThatAValueTellsApart) {
  std::vector<CondId> conditions;
  for (uint32_t i = 0; i < 4000; ++i) conditions.push_back(conds_.all({is(kFd, i * 7 % 4001), is(kFlags, 1, 1)}));
  EXPECT_FALSE(may_meet(conditions));
  conditions.push_back(is(kFd, 3));
  EXPECT_TRUE(may_meet(conditions));
}

TEST_F(MeetingsTest, TheWordThatTellsMostApartIsLookedAtFirst) {
  std::vector<CondId> conditions;
  for (uint32_t i = 0; i < 3000; ++i) conditions.push_back(conds_.all({is(kFd, 1), is(kFlags, i)}));
  EXPECT_FALSE(may_meet(conditions));
}

// Whether they meet is then asked of their diagrams.
TEST_F(MeetingsTest, TooManyToCompareMayMeet) {
  std::vector<CondId> conditions;  // disjoint, but no word alone shows it
  for (uint32_t i = 0; i < 6000; ++i)
    conditions.push_back(conds_.all({is(kFd, i % 4, 3), is(kFlags, i / 4 % 4, 3), is(Word::arg3_lo, i / 16 % 4, 3),
                                     is(Word::arg4_lo, i / 64 % 8, 7), is(Word::arg5_lo, i / 512, 15)}));
  EXPECT_TRUE(may_meet(conditions));
}

TEST_F(MeetingsTest, AlternativesBeyondTheMostAreLeftOut) {
  std::vector<CondId> any;
  for (uint32_t i = 0; i < 10; ++i) any.push_back(conds_.all({is(kFd, i), is(kFlags, i * 3)}));
  const Alternatives all = alternatives(conds_, conds_.any(any), 10);
  EXPECT_TRUE(all.is_whole);
  EXPECT_EQ(all.rows.size(), 10U);
  const Alternatives some = alternatives(conds_, conds_.any(any), 4);
  EXPECT_FALSE(some.is_whole);
  EXPECT_EQ(some.rows.size(), 4U);
}

}  // namespace
}  // namespace sbpc::lower
