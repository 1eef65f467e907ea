// Conditions simplify without changing what they say; nodes and constant functions are shared.
#include "ir/program.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "ir/interpret.h"
#include "ir/meaning.h"

namespace sbpc::ir {
namespace {

using target::Action;
using target::SeccompData;

constexpr uint32_t kFull = 0xffffffffU;

std::vector<Range> ranges(std::initializer_list<Range> list) { return list; }

TEST(Ranges, EndsAreValuesThatTheMaskCanGive) {
  EXPECT_EQ(canonical_ranges(0xf0, {{0x05, 0x2f}}), ranges({{0x10, 0x20}}));
  EXPECT_EQ(canonical_ranges(0xf0, {{0x10, 0x10}, {0x20, 0x20}}), ranges({{0x10, 0x20}}));
  EXPECT_EQ(canonical_ranges(0xf0, {{0x11, 0x1f}}), ranges({}));
  EXPECT_EQ(canonical_ranges(kFull, {{7, 9}, {1, 3}, {4, 5}}), ranges({{1, 5}, {7, 9}}));
  EXPECT_EQ(canonical_ranges(0, {{0, 5}}), ranges({{0, 0}}));
  EXPECT_EQ(canonical_ranges(0x80000001U, {{2, kFull}}), ranges({{0x80000000U, 0x80000001U}}));
}

TEST(Ranges, CanonicalAndComplementAgreeWithEveryValue) {
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    uint32_t mask = random() & 0xff;
    std::vector<Range> input;
    for (uint32_t k = random() % 4; k > 0; --k) {
      uint32_t first = random() & 0xff;
      input.push_back({first, std::min(0xffU, first + static_cast<uint32_t>(random() % 40))});
    }
    std::vector<Range> canonical = canonical_ranges(mask, input);
    std::vector<Range> complement = complement_ranges(mask, canonical);
    EXPECT_EQ(canonical_ranges(mask, complement), complement);
    auto contains = [](const std::vector<Range>& set, uint32_t value) {
      return std::any_of(set.begin(), set.end(), [value](Range r) { return r.first <= value && value <= r.last; });
    };
    for (uint32_t value = 0; value <= 0xff; ++value) {
      EXPECT_EQ(contains(canonical, value & mask), contains(input, value & mask));
      EXPECT_NE(contains(canonical, value & mask), contains(complement, value & mask));
    }
  }
}

TEST(Conds, MembersOfOneWordBecomeOneRangeSet) {
  Conds conds;
  CondId three = conds.member(Word::arg0_lo, kFull, {{3, 3}});
  CondId four = conds.member(Word::arg0_lo, kFull, {{4, 4}});
  EXPECT_EQ(conds.any({four, three}), conds.member(Word::arg0_lo, kFull, {{3, 4}}));
  EXPECT_EQ(conds.all({four, three}), conds.never());
  EXPECT_EQ(conds.any({three, conds.negation(three)}), conds.always());
  EXPECT_EQ(conds.negation(conds.negation(three)), three);
}

TEST(Conds, ASharedBeginningIsTakenOut) {
  Conds conds;
  CondId high = conds.member(Word::arg0_hi, kFull, {{0, 0}});
  auto value = [&](uint32_t low) { return conds.all({conds.member(Word::arg0_lo, kFull, {{low, low}}), high}); };
  EXPECT_EQ(conds.any({value(9), value(5), value(6)}),
            conds.all({high, conds.member(Word::arg0_lo, kFull, {{5, 6}, {9, 9}})}));
}

TEST(Conds, AbsorbsAndContradicts) {
  Conds conds;
  CondId x = conds.flag(HoleId(0U));
  CondId y = conds.hole(Word::arg1_lo, HoleId(1U), false);
  EXPECT_EQ(conds.any({x, conds.all({x, y})}), x);
  EXPECT_EQ(conds.all({x, conds.any({x, y})}), x);
  EXPECT_EQ(conds.all({x, y, conds.negation(x)}), conds.never());
  EXPECT_EQ(conds.any({conds.negation(y), y}), conds.always());
  EXPECT_EQ(conds.all({}), conds.always());
  EXPECT_EQ(conds.any({}), conds.never());
}

// A random condition as a function of its constructor's choices, evaluated directly beside it.
struct Random {
  Program program;
  std::mt19937 random{11};
  std::vector<uint64_t> holes{0, 1, 0x300000002};

  struct Pair {
    CondId cond;
    std::function<bool(const SeccompData&)> direct;
  };
  Pair atom() {
    static constexpr Word kWords[] = {Word::arg0_lo, Word::arg0_hi, Word::arg1_lo};
    Word word = kWords[random() % 3];
    uint32_t mask = random() % 2 == 0 ? kFull : random() % 8;
    switch (random() % 4) {
      case 0: {
        auto hole = static_cast<uint32_t>(random() % 2);
        return {program.conds.flag(HoleId(hole)), [=, this](const SeccompData&) { return holes[hole] != 0; }};
      }
      case 1: {
        bool high = random() % 2 == 0;
        auto value = static_cast<uint32_t>(high ? 3 : 2);
        return {program.conds.hole(word, HoleId(2U), high, mask),
                [=](const SeccompData& data) { return (target::word_value(data, word) & mask) == value; }};
      }
      default: {
        uint32_t first = random() % 6;
        uint32_t last = first + random() % 3;
        return {program.conds.member(word, mask, {{first, last}}), [=](const SeccompData& data) {
                  uint32_t value = target::word_value(data, word) & mask;
                  return first <= value && value <= last;
                }};
      }
    }
  }
  Pair make(int depth) {
    if (depth == 0) return atom();
    Pair a = make(depth - 1);
    Pair b = make(depth - 1);
    switch (random() % 3) {
      case 0:
        return {program.conds.all({a.cond, b.cond}), [=](const SeccompData& d) { return a.direct(d) && b.direct(d); }};
      case 1:
        return {program.conds.any({a.cond, b.cond}), [=](const SeccompData& d) { return a.direct(d) || b.direct(d); }};
      default: return {program.conds.negation(a.cond), [=](const SeccompData& d) { return !a.direct(d); }};
    }
  }
};

TEST(Conds, SimplifyingChangesNothing) {
  Random maker;
  CondDiagrams diagrams(maker.program);
  for (int i = 0; i < 3000; ++i) {
    Random::Pair pair = maker.make(1 + i % 5);
    for (int k = 0; k < 20; ++k) {
      SeccompData data;
      data.args[0] = maker.random() % 8 | uint64_t{maker.random() % 8} << 32;
      data.args[1] = maker.random() % 8;
      EXPECT_EQ(holds(maker.program.conds, pair.cond, data, maker.holes), pair.direct(data));
      uint32_t payload = maker.program.diagram.evaluate(
          diagrams(pair.cond), data, [&](const Diagram::Opaque& opaque) { return holds(opaque, data, maker.holes); });
      EXPECT_EQ(payload, pair.direct(data) ? Diagram::kYes : Diagram::kNo);
    }
  }
}

TEST(Graph, EqualNodesAreShared) {
  Program program;
  NodeId allow = add_return(program, {Action::allow, 0});
  NodeId deny = add_return(program, {Action::errno_, 1});
  EXPECT_EQ(add_return(program, {Action::allow, 0}), allow);
  Node test;
  test.op = Op::ge;
  test.word = Word::nr;
  test.value = 4;
  test.yes = allow;
  test.no = deny;
  NodeId first = add_test(program, test);
  test.weight = 7;
  EXPECT_EQ(add_test(program, test), first);
  test.value = 5;
  EXPECT_NE(add_test(program, test), first);
  test.no = allow;
  EXPECT_EQ(add_test(program, test), allow);
}

TEST(Graph, ManyNodesStayFindable) {
  Program program;
  NodeId deny = add_return(program, {Action::kill_process, 0});
  std::vector<NodeId> made;
  for (uint32_t round = 0; round < 2; ++round) {
    NodeId at = add_return(program, {Action::allow, 0});
    for (uint32_t i = 0; i < 2000; ++i) {
      Node test;
      test.value = i;
      test.word = Word::nr;
      test.yes = deny;
      test.no = at;
      at = add_test(program, test);
      if (round == 0) made.push_back(at);
      EXPECT_EQ(at, made[i]);
    }
  }
}

TEST(Functions, ConstantsAreShared) {
  Program program;
  FunctionId allow = constant_function(program, {Action::allow, 0});
  FunctionId deny = constant_function(program, {Action::errno_, 13});
  EXPECT_NE(allow, deny);
  EXPECT_EQ(constant_function(program, {Action::allow, 0}), allow);
  EXPECT_EQ(constant_verdict(program, deny), (Verdict{Action::errno_, 13}));
}

}  // namespace
}  // namespace sbpc::ir
