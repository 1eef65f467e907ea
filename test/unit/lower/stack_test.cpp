// Fused programs answer as two filters of one stack: random programs with parameters, against the interpreters of both.
#include "lower/stack.h"

#include <gtest/gtest.h>

#include "ir/interpret.h"
#include "ir/verify.h"
#include "unit/prove/random_policies.h"

namespace sbpc::lower {
namespace {

using prove::testing::Events;
using prove::testing::Random;

ir::Verdict expected(const ir::Program& older, const ir::Program& newer, const target::SeccompData& data) {
  return stacked(ir::interpret_clauses(older, data), ir::interpret_clauses(newer, data));
}

TEST(Stack, AnswersAsTwoFiltersDo) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const ir::Program older = prove::testing::random_policy(random, {false, 8, false});
    const ir::Program newer = prove::testing::random_policy(random, {false, 8, false});
    auto fused = stack(older, newer, 1000);
    ASSERT_TRUE(fused.has_value());
    EXPECT_EQ(ir::verify(*fused), std::vector<std::string>()) << "seed " << seed;
    const Events old_events(older);
    const Events new_events(newer);
    for (int i = 0; i < 3000; ++i) {
      const target::SeccompData data = (i % 2 == 0 ? old_events : new_events)(random);
      ASSERT_EQ(target::encode(ir::interpret_clauses(*fused, data)), target::encode(expected(older, newer, data)))
          << "seed " << seed << " arch " << data.arch << " nr " << data.nr;
    }
  }
}

TEST(Stack, TheNewestOfEqualActionsCounts) {
  const ir::Verdict one{target::Action::errno_, 1};
  const ir::Verdict two{target::Action::errno_, 2};
  const ir::Verdict allow{target::Action::allow, 0};
  EXPECT_EQ(stacked(one, two), two);
  EXPECT_EQ(stacked(two, one), one);
  EXPECT_EQ(stacked(one, allow), one);
  EXPECT_EQ(stacked(allow, one), one);
}

}  // namespace
}  // namespace sbpc::lower
