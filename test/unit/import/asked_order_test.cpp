// Which of libseccomp's rules is asked first. That the whole filter is libseccomp's is test/agree/import_test.cpp's.
#include "import/asked_order.h"

#include <gtest/gtest.h>

namespace sbpc::importer {
namespace {

constexpr uint64_t kAll = ~uint64_t{0};

Compare is(uint8_t index, CompareOp op, uint64_t value, uint64_t mask = kAll) { return {index, op, mask, value, 64}; }

Applied rule(uint16_t errno_value, std::vector<AllOf> any) {
  return {{target::Action::errno_, errno_value}, std::move(any), nullptr};
}

// The errors in the order asked, as a text; "-" where that is not defined.
std::string order(const std::vector<Applied>& rules) {
  const auto asked = asked_order(rules);
  if (!asked) return "-";
  std::string text;
  for (const Applied& one : *asked) text += std::to_string(one.verdict.data);
  return text;
}

TEST(AskedOrder, HigherArgumentsFirst) {
  const Applied on_0 = rule(1, {{is(0, CompareOp::eq, 3)}});
  const Applied on_1 = rule(2, {{is(1, CompareOp::ge, 1)}});
  EXPECT_EQ(order({on_0, on_1}), "21");
  EXPECT_EQ(order({on_1, on_0}), "21");
}

TEST(AskedOrder, EqualitiesBeforeOrderings) {
  const Applied at_least = rule(1, {{is(1, CompareOp::ge, 5)}});
  const Applied equal = rule(2, {{is(1, CompareOp::eq, 7)}});
  EXPECT_EQ(order({at_least, equal}), "21");
  EXPECT_EQ(order({equal, at_least}), "21");
}

// The upper half is the same test; greater values of the lower one stand first.
TEST(AskedOrder, AnInequalityStandsAmongEqualities) {
  const Applied unequal = rule(1, {{is(0, CompareOp::ne, 5)}});
  EXPECT_EQ(order({unequal, rule(2, {{is(0, CompareOp::eq, 3)}})}), "12");
  EXPECT_EQ(order({unequal, rule(2, {{is(0, CompareOp::eq, 7)}})}), "21");
}

TEST(AskedOrder, OfMaskedOnesAndOthersTheFilesOrder) {
  const Applied masked = rule(1, {{is(0, CompareOp::eq, 1, 3)}});
  const Applied equal = rule(2, {{is(0, CompareOp::eq, 5)}});
  EXPECT_EQ(order({masked, equal}), "12");
  EXPECT_EQ(order({equal, masked}), "21");
}

TEST(AskedOrder, AShorterRuleAnswersBeforeALongerOne) {
  const Applied longer = rule(1, {{is(0, CompareOp::eq, 1), is(1, CompareOp::eq, 2)}});
  const Applied shorter = rule(2, {{is(0, CompareOp::eq, 1)}});
  EXPECT_EQ(order({longer, shorter}), "21");
}

// Alternatives are rules of their own, and arguments are asked from the lowest on.
TEST(AskedOrder, AlternativesAndSeveralArguments) {
  const Applied two = rule(1, {{is(2, CompareOp::eq, 1), is(0, CompareOp::eq, 1)}, {is(3, CompareOp::eq, 9)}});
  const Applied one = rule(2, {{is(1, CompareOp::eq, 1)}});
  EXPECT_EQ(order({two, one}), "121");
}

// libseccomp joins what only looks alike there.
TEST(AskedOrder, OrderingsOfOneArgumentAreNotDefined) {
  const Applied below = rule(1, {{is(0, CompareOp::lt, 10)}});
  EXPECT_EQ(order({below, rule(2, {{is(0, CompareOp::ge, 5)}})}), "-");
  EXPECT_EQ(order({below, rule(1, {{is(0, CompareOp::ge, 5)}}), rule(2, {{is(1, CompareOp::eq, 1)}})}), "211");
  EXPECT_EQ(order({rule(1, {{is(0, CompareOp::ne, 1)}}), rule(2, {{is(1, CompareOp::ne, 1)}})}), "-");
  EXPECT_EQ(order({below, rule(2, {{is(0, CompareOp::eq, 1), is(1, CompareOp::eq, 1)}})}), "-");
}

TEST(AskedOrder, WhatLibseccompRefusesIsNotDefined) {
  EXPECT_EQ(order({rule(1, {{is(0, CompareOp::ge, 1), is(0, CompareOp::le, 3)}})}), "-");
  EXPECT_EQ(order({rule(1, {{is(0, CompareOp::eq, 5)}}), rule(2, {{is(0, CompareOp::eq, 5)}})}), "-");
  EXPECT_EQ(order({rule(1, {{is(0, CompareOp::eq, 5)}}), rule(2, {{is(0, CompareOp::ne, 5)}})}), "12");
}

TEST(AskedOrder, RulesThatSayTheSameDoNotDisagree) {
  const Applied one = rule(1, {{is(0, CompareOp::eq, 1)}});
  EXPECT_FALSE(disagree(std::vector<Applied>{one, one}));
  EXPECT_TRUE(disagree(std::vector<Applied>{one, rule(2, {})}));
  EXPECT_FALSE(disagree({}));
}

}  // namespace
}  // namespace sbpc::importer
