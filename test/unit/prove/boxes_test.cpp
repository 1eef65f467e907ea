// boxes: a comparison call by call says what a comparison in one diagram says.
#include "prove/boxes.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "codegen/codegen.h"
#include "ir/interpret.h"
#include "ir/meaning.h"
#include "ir/same.h"
#include "prove/compare.h"
#include "unit/prove/random_policies.h"

namespace sbpc::prove {
namespace {

using testing::Random;

std::vector<uint32_t> own_ids(const ir::Program& policy) {
  std::vector<uint32_t> ids;
  for (uint32_t i = 0; i < policy.holes.size(); ++i) ids.push_back(i);
  return ids;
}

Boxes boxes_of(ir::Program& policy) {
  return {[&](ir::Diagram& diagram) { return policy_choice(policy, diagram); },
          [&](uint32_t box, ir::Diagram& diagram) { return policy_answer(policy, box, own_ids(policy), diagram); },
          nullptr};
}

Boxes boxes_of(const StateGraph& graph) {
  const std::vector<uint32_t> entries = entry_states(graph);
  return {[&graph, entries](ir::Diagram& diagram) { return program_choice(graph, entries, diagram); },
          [&graph, entries](uint32_t box, ir::Diagram& diagram) { return meaning_from(graph, entries[box], diagram); },
          nullptr};
}

struct Seen {
  std::optional<ir::Diagram::Witness> witness;
  size_t pairs = 0;
};

Seen difference(const Boxes& first, const Boxes& second) {
  Seen seen;
  const auto open = by_boxes({first, second}, ir::kNaturalOrder, [&](ir::Diagram& diagram, const BoxPair& pair) {
    ++seen.pairs;
    const ir::Ref where = diagram.conjunction(pair.within, broken(diagram, pair.first, pair.second, Relation::equal));
    if (const auto found = diagram.witness(where, [](uint32_t payload) { return payload == ir::Diagram::kYes; }))
      seen.witness = found;
    return true;
  });
  EXPECT_TRUE(open && open->empty());
  return seen;
}

TEST(Boxes, CallAPolicyAndItsProgramEqual) {
  size_t pairs = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    ir::Program policy =
        testing::random_policy(random, {seed % 2 == 0, 4 + static_cast<uint32_t>(seed % 9), seed % 3 == 0});
    const bpf::Program program = codegen::generate(policy, codegen::Goal::speed).program;
    const auto graph = follow({program.insns, program.patches, program.big_endian});
    ASSERT_TRUE(graph.has_value());
    const Seen seen = difference(boxes_of(policy), boxes_of(*graph));
    ASSERT_FALSE(seen.witness) << "seed " << seed;
    pairs += seen.pairs;
  }
  EXPECT_EQ(pairs, 0U);  // equal functions are one node before anybody is asked
}

TEST(Boxes, FindTheDifferencesThatOneDiagramFinds) {
  size_t different = 0;
  size_t equal = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    ir::Program policy = testing::random_policy(random, {false, 5, false});
    bpf::Program program = codegen::generate(policy, codegen::Goal::speed).program;
    bpf::Insn& victim = program.insns[random.below(static_cast<uint32_t>(program.insns.size()))];
    victim.k ^= 1U << random.below(29);  // a return of kBox would be for nobody to compare
    if (bpf::kernel_refusal(program.insns)) continue;
    const auto graph = follow({program.insns, {}, false});
    if (!graph) continue;
    const ir::Ref expected = ir::whole_meaning(policy);
    const ir::Ref actual = meaning(*graph, policy.diagram);
    const Counterexample one = counterexample(policy.diagram, actual, expected, Relation::equal);
    const Seen seen = difference(boxes_of(*graph), boxes_of(policy));
    ASSERT_EQ(seen.witness.has_value(), one.witness.has_value()) << "seed " << seed;
    ++(seen.witness ? different : equal);
    if (!seen.witness) continue;
    const uint32_t answered = bpf::interpret(program.insns, seen.witness->data, false).word;
    const uint32_t meant = target::encode(ir::interpret_clauses(policy, seen.witness->data));
    EXPECT_FALSE(holds_between(Relation::equal, answered, meant)) << "seed " << seed;
  }
  EXPECT_GT(different, 100U);
  EXPECT_GT(equal, 20U);
}

TEST(Boxes, LeaveOpenWhatIsTooLarge) {
  const bpf::Insns same = *bpf::assemble(
      "ld [nr]\n jeq #3, a, n\n a: ld [args[0].lo]\n jeq #1, y, n\n y: ret allow\n n: ret errno(1)", false);
  const bpf::Insns other = *bpf::assemble(
      "ld [nr]\n jeq #3, a, n\n a: ld [args[0].lo]\n jeq #2, y, n\n y: ret allow\n n: ret errno(1)", false);
  const auto first = follow({same, {}, false});
  const auto second = follow({other, {}, false});
  const auto open = by_boxes({boxes_of(*first), boxes_of(*second)}, ir::kNaturalOrder,
                             [](ir::Diagram&, const BoxPair&) { return false; });
  ASSERT_TRUE(open);
  ASSERT_EQ(open->size(), 1U);
  EXPECT_EQ(open->front().nr, 3);
}

TEST(Boxes, AreNotTakenForAnswers) {
  const bpf::Insns insns = *bpf::assemble("ld [args[0].lo]\n jeq #1, y, n\n y: ret #0x20000001\n n: ret allow", false);
  const auto graph = follow({insns, {}, false});
  ir::Diagram diagram;
  for (const uint32_t word : diagram.payloads(meaning(*graph, diagram))) EXPECT_FALSE(is_box(word)) << word;
}

TEST(Same, ComparesFunctionsByTheirWords) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Random one(seed);
    Random other(seed);
    const ir::Program a = testing::random_policy(one, {true, 8, false});
    ir::Program b = testing::random_policy(other, {true, 8, false});
    for (size_t i = 0; i < a.functions.size(); ++i) {
      const ir::FunctionId id(i);
      EXPECT_TRUE(ir::same_function({a, id}, {b, id}));
      if (b.functions[i].clauses.empty()) continue;
      b.functions[i].clauses.back().verdict = {target::Action::trace, 7};
      EXPECT_FALSE(ir::same_function({a, id}, {b, id}));
    }
  }
}

}  // namespace
}  // namespace sbpc::prove
