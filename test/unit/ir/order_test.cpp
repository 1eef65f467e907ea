// Orders of bits, and diagrams in another order than the natural one.
#include "ir/order.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "ir/copy.h"
#include "ir/diagram.h"

namespace sbpc::ir {
namespace {

using target::Word;

constexpr uint32_t kAllBits = 0xffffffffU;

std::array<Order::Place, target::kWordCount> each_alone() {
  std::array<Order::Place, target::kWordCount> places{};
  for (uint32_t i = 0; i < places.size(); ++i) places[i] = {i, 0};
  return places;
}

// `second` beside `first`, its bit 0 at the height of the first's bit `shift`.
Order beside(Word first, Word second, int shift = 0) {
  auto places = each_alone();
  places[static_cast<size_t>(second)] = {static_cast<uint32_t>(first), shift};
  return Order(places);
}

TEST(Order, IsNaturalWhereEachWordStandsAlone) {
  EXPECT_EQ(Order(each_alone()), kNaturalOrder);
  EXPECT_EQ(kNaturalOrder.level(Word::arch, 31), 0U);
  EXPECT_EQ(kNaturalOrder.level(Word::nr, 0), 63U);
  EXPECT_EQ(kNaturalOrder.level(Word::arg0_hi, 31), 64U);
  EXPECT_EQ(kNaturalOrder.level(Word::ip_lo, 0), Order::kLevels - 1);
  EXPECT_TRUE(kNaturalOrder.calls_first());
}

TEST(Order, PutsBitsOfOneHeightTogether) {
  const Order order = beside(Word::arg0_lo, Word::arg1_lo);
  EXPECT_EQ(order.level(Word::arg0_lo, 31) + 1, order.level(Word::arg1_lo, 31));
  EXPECT_EQ(order.level(Word::arg1_lo, 31) + 1, order.level(Word::arg0_lo, 30));
  EXPECT_TRUE(order.calls_first());
  const Order moved = beside(Word::arg0_lo, Word::arg1_lo, 16);
  EXPECT_EQ(moved.level(Word::arg1_lo, 0), moved.level(Word::arg0_lo, 16) + 1);
  EXPECT_FALSE(beside(Word::nr, Word::arg0_lo).calls_first());
  for (const Order& each : {order, moved}) {
    for (uint32_t level = 0; level < Order::kLevels; ++level)
      ASSERT_EQ(each.level(each.at(level).word, each.at(level).bit), level);
  }
}

// arg0 == arg1, bit by bit.
Ref equal_words(Diagram& diagram) {
  Ref made = diagram.yes();
  for (uint32_t i = 0; i < 32; ++i) {
    const WordRange set{uint32_t{1} << i, uint32_t{1} << i};
    const Ref a = diagram.member(Word::arg0_lo, set.first, std::span(&set, 1));
    const Ref b = diagram.member(Word::arg1_lo, set.first, std::span(&set, 1));
    made = diagram.conjunction(made, diagram.ite(a, b, diagram.negate(b)));
  }
  return made;
}

TEST(Order, MakesAComparisonOfWordsSmall) {
  Diagram together(beside(Word::arg0_lo, Word::arg1_lo));
  const Ref equal = equal_words(together);
  ASSERT_TRUE(equal.valid());
  EXPECT_LT(together.nodes(), 2000U);  // what was made on the way included
  Diagram natural;
  EXPECT_FALSE(equal_words(natural).valid());
}

// Whatever the order, a diagram is asked about the same function.
TEST(Order, ChangesNoAnswer) {
  std::mt19937_64 random(7);
  for (const Order& order : {kNaturalOrder, beside(Word::arg0_lo, Word::arg1_lo, 5), beside(Word::nr, Word::arg2_lo),
                             beside(Word::arch, Word::nr, -3)}) {
    Diagram diagram(order);
    const WordRange few{3, 900};
    const WordRange one{77, 77};
    const Ref of_a = diagram.member(Word::arg0_lo, 0xfff, std::span(&few, 1));
    const Ref of_b = diagram.member(Word::arg1_lo, kAllBits, std::span(&few, 1));
    const Ref some =
        diagram.ite(of_a, diagram.terminal(1), diagram.ite(of_b, diagram.terminal(2), diagram.terminal(3)));
    const Ref other =
        diagram.choose(Word::arg2_lo, 0xff, std::span(&one, 1), {diagram.terminal(4), diagram.terminal(5)});
    const std::array<uint32_t, 3> lasts{9, 200, kAllBits};
    const std::array<Ref, 3> values{some, other, diagram.terminal(6)};
    const Ref whole = diagram.by_word(Word::nr, lasts, values);
    for (int i = 0; i < 2000; ++i) {
      target::SeccompData data;
      data.nr = static_cast<int32_t>(random() % 300);
      data.args[0] = random() % 8192;
      data.args[1] = random() % 2000;
      data.args[2] = random() % 512;
      const uint32_t a = data.args[0] & 0xfff;
      const uint64_t b = data.args[1];
      const uint32_t by_argument = a >= 3 && a <= 900 ? 1 : b >= 3 && b <= 900 ? 2 : 3;
      const uint32_t expected = data.nr <= 9 ? by_argument : data.nr > 200 ? 6 : (data.args[2] & 0xff) == 77 ? 4 : 5;
      ASSERT_EQ(diagram.evaluate(whole, data, [](const auto&) { return false; }), expected);
    }
    Diagram natural;
    const Ref copied = copy(diagram, whole, natural);
    EXPECT_EQ(copy(natural, copied, diagram), whole);
    for (const uint32_t payload : diagram.payloads(whole)) {
      const auto witness = diagram.witness(whole, [payload](uint32_t p) { return p == payload; });
      ASSERT_TRUE(witness);
      EXPECT_EQ(diagram.evaluate(whole, witness->data, [](const auto&) { return false; }), payload);
    }
  }
}

}  // namespace
}  // namespace sbpc::ir
