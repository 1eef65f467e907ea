// A function taken apart by one word.
#include "describe/split.h"

#include <gtest/gtest.h>

namespace sbpc::describe {
namespace {

using target::Word;

TEST(Split, PartsHaveNoGaps) {
  ir::Diagram diagram;
  const std::vector<uint32_t> lasts = {2, 9, 0xffffffffU};
  const std::vector<ir::Ref> values = {diagram.terminal(1), diagram.terminal(2), diagram.terminal(1)};
  const auto parts = split(diagram, diagram.by_word(Word::nr, lasts, values), Word::nr).value();
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].first, 0U);
  EXPECT_EQ(parts[0].last, 2U);
  EXPECT_EQ(parts[1].first, 3U);
  EXPECT_EQ(parts[2].last, 0xffffffffU);
  EXPECT_EQ(parts[2].rest, values[2]);
}

TEST(Split, OnePartWhereTheWordDoesNotMatter) {
  ir::Diagram diagram;
  const ir::WordRange one{1, 1};
  const ir::Ref later = diagram.member(Word::arg0_lo, 0xffffffffU, std::span(&one, 1));
  const auto parts = split(diagram, later, Word::nr).value();
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].rest, later);
}

TEST(Split, GivesUpWhereTheWordIsAllHoles) {
  ir::Diagram diagram;
  const ir::WordRange one{1, 1};
  const ir::Ref odd = diagram.member(Word::nr, 1, std::span(&one, 1));
  EXPECT_FALSE(split(diagram, odd, Word::nr, 1000));
}

}  // namespace
}  // namespace sbpc::describe
