// Functions by chance, as comparisons of each kind, and back by import's evaluator: the same function, in the form that
// was asked for.
#include "export/conditions.h"

#include <gtest/gtest.h>

#include <random>

#include "import/meaning.h"

namespace sbpc::exporter {
namespace {

using importer::Compare;
using importer::CompareOp;
using ir::Diagram;
using ir::Ref;
using target::Abi;

constexpr Compares kAll[] = {Compares::libseccomp, Compares::masks, Compares::sized, Compares::bits, Compares::any};

// A comparison as policies make them: of 32 bits or all, masked, in a range.
Ref some_comparison(Diagram& diagram, std::mt19937& chance) {
  const unsigned slot = chance() % 3;
  const uint32_t value = chance() % 3 == 0 ? chance() : chance() % 20;
  const uint32_t mask = chance() % 3 == 0 ? 1U << chance() % 32 : chance() % 3 == 0 ? 0xfU : ~uint32_t{0};
  ir::WordRange range{value & mask, value & mask};
  if (mask == ~uint32_t{0} && chance() % 3 == 0) range.last = std::max(value, value + 100);
  Ref made = diagram.member(target::arg_lo(slot), mask, std::span(&range, 1));
  if (chance() % 4 == 0) {
    const ir::WordRange zero{0, 0};
    made = diagram.conjunction(made, diagram.member(target::arg_hi(slot), ~uint32_t{0}, std::span(&zero, 1)));
  }
  return chance() % 4 == 0 ? diagram.negate(made) : made;
}

Ref some_function(Diagram& diagram, std::mt19937& chance) {
  Ref made = some_comparison(diagram, chance);
  for (unsigned i = chance() % 3; i > 0; --i) {
    const Ref other = some_comparison(diagram, chance);
    made = chance() % 2 == 0 ? diagram.conjunction(made, other) : diagram.disjunction(made, other);
  }
  return made;
}

// Whether the comparisons of one alternative have the form.
void expect_form(const AllOf& all, Compares compares) {
  unsigned seen = 0;
  for (const Compare& compare : all) {
    const bool is_masked = compare.mask != ~uint64_t{0};
    const bool is_one = compares == Compares::libseccomp || compares == Compares::masks;
    EXPECT_FALSE(is_one && (seen >> compare.index & 1U) != 0) << "an index twice";
    seen |= 1U << compare.index;
    if (is_masked && compares != Compares::any) {
      EXPECT_TRUE(compare.op == CompareOp::eq || compares == Compares::bits);
      EXPECT_TRUE(compares != Compares::bits || compare.value == 0);
    }
    if (compares == Compares::masks) EXPECT_EQ(compare.op, CompareOp::eq);
    EXPECT_TRUE(compare.width == 64 || compares == Compares::sized);
  }
}

TEST(ExportConditions, SayTheFunction) {
  std::mt19937 chance(7);
  size_t said = 0;
  for (int round = 0; round < 50; ++round) {
    Diagram diagram;
    const Ref where = some_function(diagram, chance);
    for (const Compares compares : kAll) {
      const auto any = conditions(diagram, where, {compares, 64});
      if (!any) continue;
      ++said;
      for (const AllOf& all : *any) expect_form(all, compares);
      const Ref back =
          any->empty() ? diagram.no() : importer::condition(*any, Abi::x86_64, 0, importer::Width::exact, diagram);
      EXPECT_EQ(back, where) << "round " << round << ", form " << static_cast<int>(compares);
    }
  }
  EXPECT_GT(said, 230U);  // of 250: few outgrow the limit of alternatives
}

// The short form where there is one.
TEST(ExportConditions, AreShort) {
  Diagram diagram;
  const ir::WordRange five{5, 5};
  const Ref low = diagram.member(target::arg_lo(1), ~uint32_t{0}, std::span(&five, 1));
  const auto count = [&](Ref where, Compares compares) { return conditions(diagram, where, {compares, 64})->size(); };
  EXPECT_EQ(count(low, Compares::libseccomp), 1U);
  EXPECT_EQ(count(diagram.negate(low), Compares::sized), 1U);
  EXPECT_EQ(count(diagram.negate(low), Compares::any), 1U);
  EXPECT_EQ(count(diagram.negate(low), Compares::bits), 3U);
  EXPECT_EQ(count(diagram.negate(low), Compares::masks), 32U);
}

// Neither the instruction pointer nor a run-time parameter is a register.
TEST(ExportConditions, LookAtRegistersOnly) {
  Diagram diagram;
  const ir::WordRange zero{0, 0};
  EXPECT_FALSE(
      conditions(diagram, diagram.member(target::Word::ip_lo, ~uint32_t{0}, std::span(&zero, 1)), {Compares::any, 64}));
  EXPECT_FALSE(conditions(diagram, diagram.opaque(std::nullopt, 0, false), {Compares::any, 64}));
}

}  // namespace
}  // namespace sbpc::exporter
