// Which functions could be left out: held against leaving out each, and what it costs, in nodes.
#include "judge/necessary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "ir/strictest.h"
#include "target/actions.h"

namespace sbpc::judge {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Action;
using target::Word;

uint32_t verdict(Action action, uint16_t data = 0) { return target::encode({action, data}); }

Ref speaks(Diagram& diagram, uint32_t payload, Word word, ir::WordRange range) {
  return diagram.ite(diagram.member(word, 0xffffffffU, std::array{range}), diagram.terminal(payload), diagram.none());
}

std::vector<bool> by_leaving_out(Diagram& diagram, const std::vector<Ref>& functions, Ref base) {
  const Ref all = diagram.over(ir::strictest_of(diagram, functions), base);
  std::vector<bool> result;
  for (size_t i = 0; i < functions.size(); ++i) {
    std::vector<Ref> rest = functions;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    result.push_back(diagram.over(ir::strictest_of(diagram, rest), base) != all);
  }
  return result;
}

TEST(Necessary, NothingOfNothing) {
  Diagram diagram;
  EXPECT_TRUE(necessary(diagram, {}, diagram.none()).empty());
}

TEST(Necessary, WhatLiesBelowOrIsSaidTwiceIsNot) {
  Diagram diagram;
  const uint32_t errno_1 = verdict(Action::errno_, 1);
  const Ref base = speaks(diagram, errno_1, Word::arg0_lo, {1, 1});
  const std::vector<Ref> functions{
      speaks(diagram, errno_1, Word::arg0_lo, {1, 1}), speaks(diagram, errno_1, Word::arg0_lo, {2, 2}),
      speaks(diagram, errno_1, Word::arg0_lo, {2, 3}), speaks(diagram, verdict(Action::allow), Word::arg0_lo, {3, 3})};
  EXPECT_EQ(necessary(diagram, functions, base), (std::vector<bool>{false, false, true, false}));
}

TEST(Necessary, WhoSaysTheSameAsTheStrictestOnlyWhereItIsNeededIsNot) {
  Diagram diagram;
  const std::vector<Ref> functions{speaks(diagram, verdict(Action::kill_process), Word::arg0_lo, {0, 9}),
                                   speaks(diagram, verdict(Action::log), Word::arg0_lo, {5, 9})};
  EXPECT_EQ(necessary(diagram, functions, diagram.none()), (std::vector<bool>{true, false}));
}

// Two data of one action are told apart by leaving out only where nobody repeats one: those cases are an error
// elsewhere, so the random functions use one datum.
TEST(Necessary, AsByLeavingOutEach) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
    Diagram diagram;
    const std::array actions{Action::allow, Action::log, Action::errno_, Action::kill_process};
    const auto function = [&] {
      const Word word = below(2) == 0 ? Word::arg0_lo : Word::arg3_lo;
      const uint32_t first = below(8);
      return speaks(diagram, verdict(actions[below(4)], 0), word, {first, first + below(4)});
    };
    std::vector<Ref> functions;
    for (uint32_t count = 1 + below(6); count > 0; --count)
      functions.push_back(below(4) == 0 ? diagram.strictest(function(), function()) : function());
    const Ref base = below(2) == 0 ? function() : diagram.none();
    EXPECT_EQ(necessary(diagram, functions, base), by_leaving_out(diagram, functions, base)) << seed;
  }
}

size_t nodes_for(uint32_t count) {
  Diagram diagram;
  std::vector<Ref> functions;
  for (uint32_t i = 0; i < count; ++i) {
    const Ref first =
        speaks(diagram, verdict(Action::errno_, static_cast<uint16_t>(1 + i % 4)), Word::arg1_lo, {i + 1, i + 1});
    functions.push_back(diagram.ite(
        diagram.member(Word::arg0_lo, 0xffffffffU, std::array{ir::WordRange{i * 7919 % 10007, i * 7919 % 10007}}),
        first, diagram.none()));
  }
  const std::vector<bool> found = necessary(diagram, functions, diagram.terminal(verdict(Action::allow)));
  EXPECT_FALSE(diagram.overflowed());
  EXPECT_EQ(std::count(found.begin(), found.end(), true), count);
  return diagram.nodes();
}

TEST(Necessary, CostsLittleMoreThanTheFunctionsThemselves) {
  const size_t some = nodes_for(300);
  EXPECT_LT(nodes_for(1200), some * 5);  // four times as many functions; one after the other would make it sixteen
  EXPECT_LT(some, 300 * 64 * 5);         // two words each
}

}  // namespace
}  // namespace sbpc::judge
