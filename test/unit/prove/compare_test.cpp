#include "prove/compare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/interpret.h"
#include "codegen/codegen.h"
#include "support/compare_programs.h"
#include "unit/prove/random_policies.h"

namespace sbpc::prove {
namespace {

using Outcome = Proof::Outcome;
using testing::Random;

Proof compare_texts(std::string_view first, std::string_view second, Relation relation) {
  return testing::compare(*bpf::assemble(first, false), *bpf::assemble(second, false), false, relation);
}

TEST(Compare, KnowsEqualProgramsOfDifferentShape) {
  const char* tree = "ld [nr]\n jge #3, a, b\n b: ret errno(1)\n a: jgt #5, b2, c\n b2: ret errno(1)\n c: ret allow";
  const char* list = "ld [nr]\n jeq #3, y, n\n n: jeq #4, y, m\n m: jeq #5, y, x\n x: ret errno(1)\n y: ret allow";
  EXPECT_EQ(compare_texts(tree, list, Relation::equal).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts(tree, list, Relation::no_wider).outcome, Outcome::proved);
}

TEST(Compare, FindsACallThatTellsThemApart) {
  const char* first = "ld [nr]\n jeq #3, y, x\n x: ret errno(1)\n y: ret allow";
  const char* second =
      "ld [nr]\n jeq #3, y, x\n x: ret errno(1)\n y: ld [args[1].hi]\n jset #0x40, a, b\n a: ret errno(1)\n b: ret "
      "allow";
  const Proof proof = compare_texts(first, second, Relation::equal);
  ASSERT_EQ(proof.outcome, Outcome::refuted);
  EXPECT_EQ(proof.witness->data.nr, 3);
  EXPECT_EQ(proof.witness->data.args[1], uint64_t{0x40} << 32);
  EXPECT_EQ(proof.witness->answered, 0x7fff0000U);
  EXPECT_EQ(proof.witness->expected, 0x00050001U);
  EXPECT_EQ(compare_texts(first, second, Relation::no_wider).outcome, Outcome::refuted);
  EXPECT_EQ(compare_texts(second, first, Relation::no_wider).outcome, Outcome::proved);
}

TEST(Compare, TakesAnswersAsTheKernelDoes) {
  EXPECT_EQ(compare_texts("ret #0x7fff0001", "ret allow", Relation::equal).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts("ret #0x12340000", "ret kill_process", Relation::equal).outcome,
            Outcome::proved);  // an unknown action
  EXPECT_EQ(compare_texts("ret #0x0005ffff", "ret errno(4095)", Relation::equal).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts("ret errno(1)", "ret errno(2)", Relation::equal).outcome, Outcome::refuted);
  EXPECT_EQ(compare_texts("ret errno(1)", "ret errno(2)", Relation::no_wider).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts("ret log", "ret allow", Relation::no_wider).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts("ret log", "ret trace(1)", Relation::no_wider).outcome, Outcome::refuted);
}

TEST(Compare, TriesWhatOutgrowsTheDiagram) {
  const auto product = [](uint32_t value) {
    return fmt::format(
        "ld [args[0].lo]\n tax\n ld [args[1].lo]\n mul x\n jeq #{}, y, n\n y: ret allow\n n: ret errno(1)", value);
  };
  const Proof proof = compare_texts(product(123457), product(123458), Relation::equal);
  ASSERT_EQ(proof.outcome, Outcome::refuted);
  EXPECT_NE(proof.witness->answered, proof.witness->expected);
  const auto run = [&](uint32_t value) {
    return bpf::interpret(*bpf::assemble(product(value), false), proof.witness->data, false).word;
  };
  EXPECT_EQ(run(123457), proof.witness->answered);
  EXPECT_EQ(run(123458), proof.witness->expected);
  const Proof same = compare_texts(product(123457), product(123457) + "\n ret allow", Relation::equal);
  EXPECT_EQ(same.outcome, Outcome::undecided);
  EXPECT_EQ(same.reason, "the first program, instruction 3: `mul` outgrows the limit of decision-diagram nodes");
}

TEST(Compare, SaysWhichProgramItCannotRead) {
  EXPECT_EQ(testing::compare(*bpf::assemble("ret allow", false), {}, false, Relation::equal).reason,
            "the second program, instruction 0: the program is empty");
  // All of them errno(4095), the largest there is.
  const Proof undecided =
      compare_texts("ret errno(4095)", "ld [nr]\n and #0x1fff\n or #0x5e000\n ret a", Relation::equal);
  EXPECT_EQ(undecided.outcome, Outcome::undecided);
  EXPECT_EQ(undecided.reason, "the second program, instruction 3: `ret a` may return more than 4096 different words");
}

// `ret a` of any word: which errno it is does not make it laxer.
TEST(Compare, AsksForActionsAloneWhereOnlyTheyCount) {
  const char* any_errno = "ld [args[0].lo]\n and #0xffff\n or #0x50000\n ret a";
  const char* any_trace = "ld [args[0].lo]\n and #0xffff\n or #0x7ff00000\n ret a";
  EXPECT_EQ(compare_texts(any_errno, "ret errno(1)", Relation::no_wider).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts("ret errno(1)", any_errno, Relation::no_wider).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts(any_errno, any_trace, Relation::no_wider).outcome, Outcome::proved);
  EXPECT_EQ(compare_texts(any_errno, any_trace, Relation::equal).outcome, Outcome::refuted);
  const Proof laxer = compare_texts(any_trace, any_errno, Relation::no_wider);
  ASSERT_EQ(laxer.outcome, Outcome::refuted);
  EXPECT_EQ(target::decode(laxer.witness->answered).action, target::Action::trace);
  // Of words that are no action one kills; of all words there are, one allows.
  EXPECT_EQ(compare_texts("ld [args[0].lo]\n or #0x12340000\n ret a", "ret kill_thread", Relation::no_wider).outcome,
            Outcome::refuted);
  EXPECT_EQ(compare_texts("ld [args[0].lo]\n ret a", "ret log", Relation::no_wider).outcome, Outcome::refuted);
  EXPECT_EQ(compare_texts("ld [args[0].lo]\n ret a", "ret allow", Relation::no_wider).outcome, Outcome::proved);
}

TEST(Compare, AgreesWithRunningBoth) {
  int equal = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    ir::Program one = testing::random_policy(random, {false, 3, false});
    Random again(seed);
    ir::Program other = testing::random_policy(again, {false, 3, false});
    if (seed % 3 != 0) other.sections[seed % 2].ranges[1].function = other.sections[seed % 2].ranges[2].function;
    other.graph.clear();
    testing::complete(other);
    const bpf::Insns first = codegen::generate(one, codegen::Goal::speed).program.insns;
    const bpf::Insns second = codegen::generate(other, codegen::Goal::size).program.insns;
    for (Relation relation : {Relation::equal, Relation::no_wider}) {
      const Proof proof = testing::compare(first, second, false, relation);
      const testing::Events events(one);
      ASSERT_TRUE(proof.outcome == Outcome::proved || proof.outcome == Outcome::refuted);
      equal += proof.outcome == Outcome::proved;
      for (int i = 0; i < 300 && proof.outcome == Outcome::proved; ++i) {
        const target::SeccompData data = events(random);
        ASSERT_TRUE(
            holds_between(relation, bpf::interpret(first, data, false).word, bpf::interpret(second, data, false).word))
            << seed;
      }
    }
  }
  EXPECT_GT(equal, 200);
  EXPECT_LT(equal, 550);
}

}  // namespace
}  // namespace sbpc::prove
