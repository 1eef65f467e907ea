// Searches by argument: what a diagram asks of a word, flags before everything, the exact order of few tests.
#include "bpf/cacheable.h"
#include "codegen/codegen.h"
#include "opt/cells.h"
#include "opt/complete.h"
#include "opt/exact_order.h"
#include "opt/flag_cases.h"
#include "opt/graph_size.h"
#include "opt/word_function.h"
#include "unit/opt/support.h"

namespace sbpc::opt::testing {
namespace {

ir::Function function_of(Program& program, std::vector<ir::Clause> clauses) {
  return program.functions[add_function(program, std::move(clauses), errno_of(1)).value];
}

TEST(WordFunction, IntervalsOfAWord) {
  Program program;
  const ir::Function function =
      function_of(program, {{program.conds.member(Word::arg0_lo, 0xffffffffU, {{3, 3}, {7, 9}}), kAllow, {}}});
  const WordFunction made = word_function(program.diagram, function.meaning, 100);
  EXPECT_EQ(made.word, Word::arg0_lo);
  ASSERT_EQ(made.plain.size(), 5U);  // ..2, 3, 4..6, 7..9, 10..
  EXPECT_EQ(made.plain[3].first, 7U);
  EXPECT_EQ(made.plain[3].last, 9U);
  EXPECT_EQ(made.plain[0].value, made.plain[4].value);
}

TEST(WordFunction, MaskedValuesWhereIntervalsAreTooMany) {
  Program program;
  const ir::Function function =
      function_of(program, {{program.conds.member(Word::arg0_lo, 0x7e020000U, {{0, 0}}), kAllow, {}}});
  const WordFunction made = word_function(program.diagram, function.meaning, 64);
  EXPECT_TRUE(made.plain.empty());
  EXPECT_EQ(made.support, 0x7e020000U);
  EXPECT_EQ(made.masked.size(), 2U);
}

TEST(Literals, LongestRowOfBits) {
  Program program;
  const ir::Function function =
      function_of(program, {{program.conds.member(Word::arg0_lo, 0xf0f0U, {{0x1030, 0x1030}}), kAllow, {}}});
  const Literals row = literals(program.diagram, function.meaning);
  EXPECT_EQ(row.mask, 0xf0f0U);
  EXPECT_EQ(row.value, 0x1030U);
  EXPECT_TRUE(program.diagram.is_terminal(row.yes));
}

// A call that is always allowed once a flag is set reads no argument then: the bitmap knows it.
TEST(FlagCases, AskedBeforeArguments) {
  Program program;
  program.holes = {{"net", true, 32}};
  program.foreign = kKill;
  const ir::CondId flag = program.conds.flag(ir::HoleId(0U));
  const ir::CondId three = program.conds.member(Word::arg0_lo, 0xffffffffU, {{3, 3}});
  const ir::FunctionId id = add_function(program, {{flag, kAllow, {}}, {three, kAllow, {}}}, errno_of(1));
  program.sections.push_back(
      section_of(kX86_64, {target::Abi::x86_64}, {{41, id}}, constant_function(program, errno_of(1))));
  run(program, {});
  EXPECT_EQ(program.graph[program.functions[id.value].entry.value].op, ir::Op::flag);
  bpf::Program made = codegen::generate(program, codegen::Goal::speed).program;
  ASSERT_EQ(made.patches.size(), 1U);
  made.insns[made.patches[0].pc].k = 0;  // set
  EXPECT_TRUE(bpf::is_const_allow(made.insns, kX86_64, 41));
}

TEST(FlagCases, AssumingAFlagSimplifies) {
  Program program;
  program.holes = {{"net", true, 32}};
  const ir::CondId flag = program.conds.flag(ir::HoleId(0U));
  const ir::Function function = function_of(program, {{program.conds.negation(flag), kKill, {}}});
  EXPECT_TRUE(assume_flag(program, function, ir::HoleId(0U), true).clauses.empty());
  EXPECT_EQ(to_string(assume_flag(program, function, ir::HoleId(0U), false).otherwise), to_string(kKill));
}

// All orders of four independent tests cost the same as the best of 24 written by hand, or less.
TEST(ExactOrder, IsNoWorseThanAnyOrderOfClauses) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    Program program;
    std::vector<ir::Clause> clauses;
    for (Word word : {Word::arg0_lo, Word::arg1_lo, Word::arg2_lo, Word::arg0_hi}) {
      const auto value = static_cast<uint32_t>(random() % 5);
      clauses.push_back(
          {program.conds.member(word, 0xffffffffU, {{value, value}}), random() % 2 == 0 ? kAllow : kKill, {}});
    }
    ir::Function function = function_of(program, clauses);
    const ir::NodeId chain = tests_of_clauses(program, function);
    const std::array<ir::NodeId, 1> entries = {chain};
    const auto cells = cells_of(program, function, entries);
    ASSERT_TRUE(cells);
    const auto exact = exact_order(program, *cells, Cost::bpf);
    ASSERT_TRUE(exact);
    EXPECT_LE(exact->cost, cost_of(program, *cells, chain, Cost::bpf));
    EXPECT_EQ(exact->cost, cost_of(program, *cells, exact->entry, Cost::bpf));
  }
}

TEST(Complete, PlainTestsInTheOrderOfClauses) {
  Program program;
  program.foreign = kKill;
  const ir::CondId values = program.conds.member(Word::arg0_lo, 0xffffffffU, {{1, 1}, {5, 9}});
  const ir::FunctionId id = add_function(program, {{values, kAllow, {}}}, errno_of(1));
  program.sections.push_back(section_of(kX86_64, {target::Abi::x86_64}, {{0, id}}, id));
  complete(program);
  EXPECT_TRUE(program.entry.valid());
  EXPECT_EQ(comparisons(program, program.functions[id.value]), 2U);
  EXPECT_EQ(graph_size(program, program.functions[id.value].entry), 5U);  // ==, >=, >, two returns
}

}  // namespace
}  // namespace sbpc::opt::testing
