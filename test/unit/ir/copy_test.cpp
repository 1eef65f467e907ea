// A function copied into another diagram is the same function there, whatever that diagram holds.
#include "ir/copy.h"

#include <gtest/gtest.h>

#include <random>

namespace sbpc::ir {
namespace {

using target::Word;

Ref random_function(Diagram& diagram, std::mt19937& random) {
  Ref made = diagram.terminal(random() % 4);
  for (int i = 0; i < 6; ++i) {
    const auto first = static_cast<uint32_t>(random() & 0xff);
    const WordRange range{first, first + static_cast<uint32_t>(random() & 0xf)};
    const auto word = static_cast<Word>(random() % target::kWordCount);
    const Ref condition = diagram.member(word, random() % 2 ? 0xffffffffU : 0xffU, std::span(&range, 1));
    made = diagram.ite(condition, diagram.terminal(random() % 4), made);
  }
  return made;
}

TEST(Copy, KeepsTheFunction) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const auto seed = random();
    Diagram from;
    Diagram to;
    std::mt19937 once(seed);
    const Ref function = random_function(from, once);
    (void)random_function(to, random);  // other nodes: ids differ
    std::mt19937 again(seed);
    EXPECT_EQ(copy(from, function, to), random_function(to, again));
  }
}

TEST(Copy, RenamesParameters) {
  Diagram from;
  Diagram to;
  const Ref flag = from.opaque(std::nullopt, 3, false);
  const Ref value = from.opaque(Word::arg0_lo, 1, false);
  const Ref both = from.conjunction(flag, value);
  const Ref made = copy(from, both, to, [](uint32_t id) { return std::optional<uint32_t>(id + 10); });
  EXPECT_EQ(made, to.conjunction(to.opaque(std::nullopt, 13, false), to.opaque(Word::arg0_lo, 11, false)));
  EXPECT_FALSE(copy(from, both, to, [](uint32_t) { return std::optional<uint32_t>(); }).valid());
}

}  // namespace
}  // namespace sbpc::ir
