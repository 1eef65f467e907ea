// What conditions of a program look like register by register, and where they are too long. That they say the same is
// test/cli/import_clauses.test's.
#include "import/nested.h"

#include <gtest/gtest.h>

namespace sbpc::importer {
namespace {

using ir::Diagram;
using ir::Ref;
using target::Abi;

Ref bit(Diagram& diagram, unsigned slot, uint32_t mask) {
  const ir::WordRange set{mask, mask};
  return diagram.member(target::arg_lo(slot), mask, std::span(&set, 1));
}

TEST(Nested, RegistersOneInsideTheOther) {
  Diagram diagram;
  const Ref where = diagram.conjunction(diagram.disjunction(bit(diagram, 0, 1), bit(diagram, 1, 1)),
                                        diagram.disjunction(bit(diagram, 1, 2), bit(diagram, 2, 4)));
  const auto found = nested(diagram, where, Abi::x86_64);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0], (describe::Case{"$0 & 1 == 0", "($1 & 3 == 1 && $2 & 4 == 4 || $1 & 3 == 3)"}));
  EXPECT_EQ((*found)[1], (describe::Case{"$0 & 1 == 1", "($1 & 2 == 0 && $2 & 4 == 4 || $1 & 2 == 2)"}));
}

// Whether 14 bits have an odd sum: 2^13 values, and no words for them.
TEST(Nested, AFunctionWithoutWordsIsTooLong) {
  Diagram diagram;
  const auto odd = [&](unsigned bits) {
    Ref whole = diagram.no();
    for (unsigned i = 0; i < bits; ++i) whole = diagram.ite(bit(diagram, 0, 1U << i), diagram.negate(whole), whole);
    return whole;
  };
  EXPECT_TRUE(nested(diagram, odd(6), Abi::x86_64));
  EXPECT_FALSE(nested(diagram, odd(14), Abi::x86_64));
}

}  // namespace
}  // namespace sbpc::importer
