// The list algebra, on the cases that make it what it is. Random cases are lower_test's.
#include "lower/clauses.h"

#include <gtest/gtest.h>

#include "ir/print.h"

namespace sbpc::lower {
namespace {

using target::Action;
using target::Verdict;

class ClauseLists : public testing::Test {
 protected:
  ir::CondId is(uint32_t value) { return conds.member(target::Word::arg0_lo, ~0U, {{value, value}}); }
  std::string text(const Clauses& list) {
    std::string result;
    for (const ir::Clause& clause : list)
      result += ir::print(conds, clause.when) + ": " + target::to_string(clause.verdict) + "; ";
    return result;
  }
  ir::Conds conds;
  Verdict allow{Action::allow, 0};
  Verdict deny{Action::errno_, 1};
  Verdict kill{Action::kill_process, 0};
};

TEST_F(ClauseLists, MergePutsTheStrictestFirstAndJoinsEqualVerdicts) {
  Clauses merged =
      merge_clauses({{{is(1), allow, {7}}}, {{is(2), deny, {8}}, {is(3), allow, {9}}}, {{is(1), allow, {7}}}}, conds);
  EXPECT_EQ(text(merged), "arg0.lo == 2: errno(1); arg0.lo in {1, 3}: allow; ");
  EXPECT_EQ(merged[1].places, (std::vector<ir::PlaceId>{7, 9}));
}

TEST_F(ClauseLists, AnOverlayThatIsLaxerKeepsItsEventsWhenMerged) {
  Clauses overlaid = overlay_clauses({{is(1), allow, {}}}, {{conds.always(), kill, {}}}, conds);
  EXPECT_EQ(text(overlaid), "arg0.lo == 1: allow; always: kill_process; ");
  Clauses merged = merge_clauses({overlaid, {{is(2), deny, {}}}}, conds);
  EXPECT_EQ(text(merged), "arg0.lo in {0, 2..0xffffffff}: kill_process; arg0.lo == 2: errno(1); arg0.lo == 1: allow; ");
}

TEST_F(ClauseLists, AnOverlayOfTheSameActionKeepsItsDatum) {
  Verdict other{Action::errno_, 2};
  Clauses overlaid = overlay_clauses({{is(1), other, {}}}, {{conds.always(), deny, {}}}, conds);
  Clauses merged = merge_clauses({overlaid, {{is(5), kill, {}}}}, conds);
  EXPECT_EQ(text(merged),
            "arg0.lo == 5: kill_process; arg0.lo in {0, 2..0xffffffff}: errno(1); arg0.lo == 1: errno(2); ");
}

TEST_F(ClauseLists, NothingStandsAfterAlways) {
  EXPECT_EQ(text(merge_clauses({{{conds.always(), deny, {}}}, {{is(1), allow, {}}}}, conds)), "always: errno(1); ");
}

TEST_F(ClauseLists, WhatIsTakenAwayIsSilence) {
  Clauses list{{is(1), deny, {}}, {is(2), allow, {}}};
  EXPECT_EQ(text(restrict_clauses(list, conds.negation(is(1)), conds)), "arg0.lo == 2: allow; ");
  EXPECT_TRUE(restrict_clauses(list, conds.never(), conds).empty());
}

}  // namespace
}  // namespace sbpc::lower
