// symbolic: the diagram of a program is the diagram of the graph that it was made from.
#include "prove/symbolic.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/disasm.h"
#include "codegen/codegen.h"
#include "prove/compare.h"
#include "unit/codegen/random_graphs.h"

namespace sbpc::prove {
namespace {

ir::Ref condition(ir::Diagram& diagram, const ir::Node& test) {
  auto within = [&](uint32_t mask, uint32_t first) {
    const ir::WordRange range{first, 0xffffffffU};
    return diagram.member(test.word, mask, std::span(&range, 1));
  };
  const ir::WordRange only{test.value, test.value};
  switch (test.op) {
    case ir::Op::eq: return diagram.member(test.word, test.mask, std::span(&only, 1));
    case ir::Op::gt: return test.value == 0xffffffffU ? diagram.no() : within(test.mask, test.value + 1);
    case ir::Op::ge: return within(test.mask, test.value);
    case ir::Op::set: return within(test.value, 1);
    case ir::Op::hole: return diagram.opaque(test.word, test.hole_id.value, test.hole_high, test.mask);
    case ir::Op::flag: return diagram.opaque(std::nullopt, test.hole_id.value, false);
  }
  return {};
}

ir::Ref graph_meaning(const ir::Program& program, ir::Diagram& diagram) {
  std::vector<ir::Ref> of;
  for (const ir::Node& node : program.graph) {
    of.push_back(node.is_return ? diagram.terminal(target::encode(node.verdict))
                                : diagram.ite(condition(diagram, node), of[node.yes.value], of[node.no.value]));
  }
  return of[program.entry.value];
}

TEST(Symbolic, FindsTheMeaningOfGeneratedCode) {
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    codegen::testing::Random random(seed);
    codegen::testing::Shape shape;
    shape.tests = 1 + static_cast<uint32_t>(seed % 25);
    shape.holes = seed % 2 == 0;
    shape.near = seed % 3 == 0 ? 3 : 0;
    shape.words = 2 + static_cast<uint32_t>(seed % 4);
    const ir::Program program = codegen::testing::random_graph(random, shape);
    ir::Diagram diagram;
    const ir::Ref wanted = graph_meaning(program, diagram);
    ASSERT_TRUE(wanted.valid());
    for (codegen::Goal goal : {codegen::Goal::speed, codegen::Goal::size}) {
      const bpf::Program made = codegen::generate(program, goal).program;
      const Code code{made.insns, made.patches, made.big_endian};
      ASSERT_FALSE(patch_error(code, program.holes).has_value());
      const bpf::Expected<StateGraph> graph = follow(code);
      ASSERT_TRUE(graph.has_value()) << graph.error().text;
      ASSERT_EQ(meaning(*graph, diagram), wanted) << "seed " << seed << "\n"
                                                  << bpf::disassemble(made.insns, made.big_endian);
    }
  }
}

std::string complaint(std::string_view text) {
  const bpf::Insns insns = *bpf::assemble(text, false);
  const bpf::Expected<StateGraph> graph = follow({insns, {}, false});
  return graph ? "none" : std::to_string(graph.error().pc) + ": " + graph.error().text;
}

TEST(Symbolic, SaysWhatItDoesNotFollow) {
  const std::string known = " is beyond what the proof follows: it knows loads, `and`, jumps and returns of constants";
  EXPECT_EQ(complaint("ld [nr]\n add #1\n ret allow"), "1: `add`" + known);
  EXPECT_EQ(complaint("tax\n ret allow"), "0: `tax`" + known);
  EXPECT_EQ(complaint("ret a"), "0: `ret`" + known);
  EXPECT_EQ(complaint("jeq x, 1, 1\n ret allow"), "0: `jeq`" + known);
  EXPECT_EQ(complaint("ret allow\n ret a"), "none");                       // never executed
  EXPECT_EQ(complaint("ld #5\n jeq #5, 3, 2\n tax\n ret allow"), "none");  // decided: never executed
}

TEST(Symbolic, BoundsTheFormsOfTheAccumulator) {
  std::string text = "ld [nr]\n";
  for (int i = 0; i < 8; ++i)
    text += "jset #" + std::to_string(1 << i) + ", " + std::to_string(2 + 2 * i) + ", " + std::to_string(3 + 2 * i) +
            "\nand #" + std::to_string(0xffff ^ 1 << i) + "\n";
  EXPECT_EQ(complaint(text + "ret allow"), "15: the accumulator has more than 64 forms here");
}

TEST(Symbolic, KnowsConstantsAndMasks) {
  ir::Diagram diagram;
  auto meaning_of = [&](std::string_view text) {
    const bpf::Insns insns = *bpf::assemble(text, false);
    return meaning(*follow({insns, {}, false}), diagram);
  };
  const ir::Ref allow = diagram.terminal(0x7fff0000);
  EXPECT_EQ(meaning_of("jeq #0, 1, 2\n ret allow\n ret trap"), allow);  // A starts as 0
  EXPECT_EQ(meaning_of("ld len\n jgt #63, 2, 3\n ret allow\n ret trap"), allow);
  EXPECT_EQ(meaning_of("ld [nr]\n and #0xf0\n and #0xf\n jeq #0, 4, 5\n ret allow\n ret trap"), allow);
  EXPECT_EQ(meaning_of("ld [nr]\n and #6\n jset #1, 4, 3\n ret allow\n ret trap"), allow);
  EXPECT_EQ(meaning_of("ld [nr]\n and #6\n jgt #6, 4, 3\n ret allow\n ret trap"), allow);
  EXPECT_EQ(meaning_of("ld [nr]\n jgt #0xffffffff, 3, 2\n ret allow\n ret trap"), allow);
  EXPECT_EQ(meaning_of("ld [nr]\n and #6\n jeq #1, 4, 3\n ret allow\n ret trap"), allow);
  EXPECT_EQ(meaning_of("ld [nr]\n jset #8, 2, 5\n ret allow\n ret trap\n ret log\n ret trap"),
            meaning_of("ld [nr]\n and #8\n jeq #0, 4, 3\n ret allow\n ret trap"));
}

}  // namespace
}  // namespace sbpc::prove
