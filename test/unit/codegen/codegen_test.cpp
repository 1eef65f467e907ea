// codegen: whatever the graph, the program is one the kernel takes, tidy, and answers as the graph does.
#include "codegen/codegen.h"

#include <gtest/gtest.h>

#include "bpf/disasm.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "unit/codegen/random_graphs.h"

namespace sbpc::codegen {
namespace {

using testing::Parameters;
using testing::Random;
using testing::Shape;

bpf::Insns with_parameters(const bpf::Program& program, const Parameters& parameters) {
  bpf::Insns insns = program.insns;
  for (const bpf::Patch& patch : program.patches) {
    uint32_t& k = insns[patch.pc].k;
    switch (patch.kind) {
      case bpf::Patch::Kind::value_low: k = static_cast<uint32_t>(parameters.values[patch.hole]); break;
      case bpf::Patch::Kind::value_high: k = static_cast<uint32_t>(parameters.values[patch.hole] >> 32); break;
      case bpf::Patch::Kind::flag: k = parameters.flags[patch.hole - testing::kHoles] ? 0 : patch.offset; break;
    }
  }
  return insns;
}

std::string listing(const Code& code) { return bpf::disassemble(code.program.insns, code.program.big_endian); }

void expect_same_answers(Random& random, const ir::Program& program, const Code& code, int events) {
  const bpf::Insns& insns = code.program.insns;
  ASSERT_EQ(code.program.places.size(), insns.size());
  if (insns.size() > bpf::kMaxInsns) return;
  if (auto refusal = bpf::kernel_refusal(insns))
    FAIL() << refusal->pc << ": " << refusal->text << "\n" << listing(code);
  if (auto mess = bpf::untidiness(insns); mess && code.program.patches.empty())
    FAIL() << mess->pc << ": " << mess->text << "\n" << listing(code);
  for (int i = 0; i < events; ++i) {
    const Parameters parameters = testing::random_parameters(random);
    const target::SeccompData data = testing::random_event(random);
    const bpf::Insns patched = code.program.patches.empty() ? insns : with_parameters(code.program, parameters);
    if (auto refusal = bpf::kernel_refusal(patched))
      FAIL() << refusal->pc << ": " << refusal->text << "\n" << listing(code);
    ASSERT_EQ(bpf::interpret(patched, data, program.big_endian).word, testing::walk(program, data, parameters))
        << listing(code);
  }
}

void check_shape(uint64_t seed, const Shape& shape, int events) {
  Random random(seed);
  const ir::Program program = testing::random_graph(random, shape);
  for (Goal goal : {Goal::speed, Goal::size}) {
    const Code code = generate(program, goal);
    expect_same_answers(random, program, code, events);
    if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

TEST(Codegen, KeepsTheMeaningOfSmallGraphs) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    Shape shape;
    shape.tests = static_cast<uint32_t>(seed % 12);
    shape.holes = seed % 2 == 0;
    shape.links = seed % 3 != 0;
    shape.words = seed % 5 == 0 ? 2 : 16;
    ASSERT_NO_FATAL_FAILURE(check_shape(seed, shape, 40));
  }
}

TEST(Codegen, KeepsTheMeaningOfLargeGraphs) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Shape shape;
    shape.tests = 100 + static_cast<uint32_t>(seed * 67 % 3000);
    shape.near = seed % 3 == 0 ? 0 : seed % 3 == 1 ? 30 : 600;
    shape.holes = seed % 4 == 0;
    shape.returns = seed % 5 == 0 ? 200 : 5;
    shape.words = seed % 2 == 0 ? 1 : 16;
    ASSERT_NO_FATAL_FAILURE(check_shape(seed, shape, 200));
  }
}

ir::Node test_nr(ir::Op op, uint32_t value, ir::NodeId yes, ir::NodeId no) {
  ir::Node test;
  test.op = op;
  test.word = ir::Word::nr;
  test.value = value;
  test.yes = yes;
  test.no = no;
  return test;
}

// A comparison tree over numbers lo..hi.
ir::NodeId tree(ir::Program& program, const std::vector<ir::NodeId>& leaves, uint32_t lo, uint32_t hi) {
  if (lo == hi) return leaves[lo % leaves.size()];
  const uint32_t middle = lo + (hi - lo) / 2 + 1;
  const ir::NodeId below = tree(program, leaves, lo, middle - 1);
  const ir::NodeId above = tree(program, leaves, middle, hi);
  return add_test(program, test_nr(ir::Op::ge, middle, above, below));
}

// Branches to which the kernel's converter would add a jump.
size_t count_double_jumps(const bpf::Program& program) {
  size_t count = 0;
  for (const bpf::Insn& insn : program.insns) {
    const bool is_jset = insn.code == bpf::kJsetK;
    count += insn.jf != 0 && (insn.jt != 0 || is_jset);
  }
  return count;
}

size_t count_ja(const bpf::Program& program) {
  size_t count = 0;
  for (const bpf::Insn& insn : program.insns) count += insn.code == bpf::kJa;
  return count;
}

TEST(Codegen, NeedsFewTrampolinesForALargeTree) {
  ir::Program program;
  const ir::Verdict allow{target::Action::allow, 0};
  const ir::Verdict deny{target::Action::errno_, 1};
  program.entry = tree(program, {add_return(program, allow), add_return(program, deny)}, 0, 1500);
  const Code fast = generate(program, Goal::speed);
  const Code small = generate(program, Goal::size);
  EXPECT_LE(count_ja(fast.program), 12U);
  EXPECT_LE(count_ja(small.program), 12U);
  EXPECT_LT(small.program.insns.size(), fast.program.insns.size());
  EXPECT_EQ(count_double_jumps(fast.program), 0U);
  Random random(1);
  expect_same_answers(random, program, fast, 0);
  for (uint32_t nr = 0; nr < 1600; ++nr) {
    target::SeccompData data;
    data.nr = static_cast<int32_t>(nr);
    const uint32_t wanted = testing::walk(program, data, {});
    EXPECT_EQ(bpf::interpret(fast.program.insns, data, false).word, wanted);
    EXPECT_EQ(bpf::interpret(small.program.insns, data, false).word, wanted);
  }
}

TEST(Codegen, ReachesTheEndOfALongChainAndAHugeFanIn) {
  ir::Program program;
  ir::Node last = test_nr(ir::Op::eq, 7, add_return(program, {target::Action::allow, 0}),
                          add_return(program, {target::Action::trap, 1}));
  last.word = ir::Word::arg3_hi;
  const ir::NodeId shared = add_test(program, last);
  ir::NodeId at = add_return(program, {target::Action::errno_, 1});
  for (uint32_t i = 0; i < 3000; ++i)
    at = add_test(program, test_nr(ir::Op::eq, i * 3, shared, at));  // all lead to `shared`
  program.entry = at;
  for (Goal goal : {Goal::speed, Goal::size}) {
    const Code code = generate(program, goal);
    EXPECT_LE(code.program.insns.size(), 3100U);
    Random random(1);
    ASSERT_NO_FATAL_FAILURE(expect_same_answers(random, program, code, 50));
    for (uint32_t nr : {0U, 3U, 4U, 4500U, 8997U, 9000U}) {
      target::SeccompData data;
      data.nr = static_cast<int32_t>(nr);
      data.args[3] = uint64_t{7} << 32;
      EXPECT_EQ(bpf::interpret(code.program.insns, data, false).word, testing::walk(program, data, {}));
    }
  }
}

TEST(Codegen, TakesGraphsThatNeverFit) {
  ir::Program program;
  ir::NodeId at = add_return(program, {target::Action::allow, 0});
  const ir::NodeId deny = add_return(program, {target::Action::errno_, 1});
  for (uint32_t i = 0; i < 100000; ++i) at = add_test(program, test_nr(ir::Op::eq, i, deny, at));
  program.entry = at;
  const Code code = generate(program, Goal::speed);
  EXPECT_GT(code.program.insns.size(), 100000U);
}

TEST(Codegen, IsDeterministic) {
  Shape shape;
  shape.tests = 500;
  for (Goal goal : {Goal::speed, Goal::size}) {
    Random one(5);
    Random two(5);
    const Code a = generate(testing::random_graph(one, shape), goal);
    const Code b = generate(testing::random_graph(two, shape), goal);
    EXPECT_EQ(a.program.insns, b.program.insns);
    EXPECT_EQ(a.contributors, b.contributors);
  }
}

// ---- what single ideas look like ----

std::string code_for(const ir::Program& program, Goal goal = Goal::speed) { return listing(generate(program, goal)); }

struct Sample {
  ir::Program program;
  ir::NodeId allow = add_return(program, {target::Action::allow, 0});
  ir::NodeId deny = add_return(program, {target::Action::errno_, 1});
  ir::NodeId trap = add_return(program, {target::Action::trap, 0});

  ir::NodeId test(ir::Op op, ir::Word word, uint32_t mask, uint32_t value, std::pair<ir::NodeId, ir::NodeId> ways) {
    ir::Node made = test_nr(op, value, ways.first, ways.second);
    made.word = word;
    made.mask = mask;
    return program.entry = add_test(program, made);
  }
};

constexpr uint32_t kAll = 0xffffffffU;

TEST(Codegen, LoadsAWordOnceForTestsInARow) {
  Sample s;
  ir::NodeId second = s.test(ir::Op::ge, ir::Word::nr, kAll, 9, {s.deny, s.allow});
  s.test(ir::Op::eq, ir::Word::nr, kAll, 3, {s.trap, second});
  EXPECT_EQ(code_for(s.program),
            "   0: ld [nr]\n"
            "   1: jeq #0x3, 2, 3\n"
            "   2: ret trap\n"
            "   3: jge #0x9, 5, 4\n"
            "   4: ret allow\n"
            "   5: ret errno(1)\n");
}

TEST(Codegen, LetsOnlyThoseReloadWhoMust) {
  Sample s;
  ir::NodeId shared = s.test(ir::Op::eq, ir::Word::nr, kAll, 9, {s.allow, s.deny});
  ir::NodeId other = s.test(ir::Op::eq, ir::Word::arg0_lo, kAll, 2, {shared, s.deny});
  s.test(ir::Op::eq, ir::Word::nr, kAll, 3, {other, shared});
  EXPECT_EQ(code_for(s.program, Goal::size),
            "   0: ld [nr]\n"
            "   1: jeq #0x3, 2, 5\n"  // nr is in A still: behind the load
            "   2: ld [args[0].lo]\n"
            "   3: jeq #0x2, 4, 6\n"
            "   4: ld [nr]\n"
            "   5: jeq #0x9, 7, 6\n"
            "   6: ret errno(1)\n"
            "   7: ret allow\n");
}

TEST(Codegen, MasksOnceAndReloadsAfterwards) {
  Sample s;
  ir::NodeId whole = s.test(ir::Op::eq, ir::Word::arg1_lo, kAll, 1, {s.allow, s.deny});
  ir::NodeId second = s.test(ir::Op::eq, ir::Word::arg1_lo, 0xf0, 0x20, {whole, s.deny});
  s.test(ir::Op::eq, ir::Word::arg1_lo, 0xf0, 0x10, {s.trap, second});
  EXPECT_EQ(code_for(s.program, Goal::size),
            "   0: ld [args[1].lo]\n"
            "   1: and #0xf0\n"
            "   2: jeq #0x10, 3, 4\n"
            "   3: ret trap\n"
            "   4: jeq #0x20, 5, 7\n"
            "   5: ld [args[1].lo]\n"
            "   6: jeq #0x1, 8, 7\n"
            "   7: ret errno(1)\n"
            "   8: ret allow\n");
}

TEST(Codegen, PutsTheFalseWayOfJsetBehindIt) {
  Sample s;
  ir::NodeId small = s.test(ir::Op::eq, ir::Word::arg1_lo, kAll, 1, {s.allow, s.deny});
  ir::NodeId large = s.test(ir::Op::eq, ir::Word::arg2_lo, kAll, 2, {small, s.trap});
  large = s.test(ir::Op::eq, ir::Word::arg3_lo, kAll, 2, {large, s.trap});
  s.test(ir::Op::set, ir::Word::arg0_lo, kAll, 4, {s.deny, large});
  const Code code = generate(s.program, Goal::speed);
  EXPECT_EQ(code.program.insns[1].code, bpf::kJsetK);
  EXPECT_EQ(code.program.insns[1].jf, 0);
  s.test(ir::Op::set, ir::Word::arg0_lo, kAll, 4, {large, s.deny});
  EXPECT_EQ(generate(s.program, Goal::speed).program.insns[1].jf, 0);  // a copy of the return
}

TEST(Codegen, UsesTheByteOrderOfTheTarget) {
  Sample s;
  s.test(ir::Op::eq, ir::Word::arg0_lo, kAll, 1, {s.allow, s.deny});
  EXPECT_EQ(generate(s.program, Goal::size).program.insns[0].k, 16U);
  s.program.big_endian = true;
  EXPECT_EQ(generate(s.program, Goal::size).program.insns[0].k, 20U);
}

TEST(Codegen, RecordsWhatTheLoaderFillsIn) {
  Sample s;
  ir::Node flag;
  flag.op = ir::Op::flag;
  flag.hole_id = ir::HoleId(1U);
  ir::Node value = test_nr(ir::Op::hole, 0, s.allow, s.deny);
  value.hole_id = ir::HoleId(0U);
  value.hole_high = true;
  flag.yes = add_test(s.program, value);
  flag.no = s.deny;
  s.program.entry = add_test(s.program, flag);
  const Code code = generate(s.program, Goal::size);
  EXPECT_EQ(listing(code),
            "   0: ja 3\n"
            "   1: ld [nr]\n"
            "   2: jeq #0x0, 4, 3\n"
            "   3: ret errno(1)\n"
            "   4: ret allow\n");
  EXPECT_EQ(code.program.patches,
            (std::vector<bpf::Patch>{{0, bpf::Patch::Kind::flag, 1, 2}, {2, bpf::Patch::Kind::value_high, 0, 0}}));
}

TEST(Codegen, CountsInstructionsByStatement) {
  Sample s;
  ir::Node first = test_nr(ir::Op::eq, 1, s.allow, s.deny);
  first.word = ir::Word::arg0_lo;
  first.place = 5;
  ir::Node second = test_nr(ir::Op::eq, 2, add_test(s.program, first), s.deny);
  second.place = 3;
  s.program.entry = add_test(s.program, second);
  s.program.graph[s.deny.value].place = 3;
  s.program.graph[s.allow.value].place = 5;
  const Code code = generate(s.program, Goal::size);
  EXPECT_EQ(code.contributors, (std::vector<std::pair<ir::PlaceId, uint32_t>>{{3, 3}, {5, 3}}));
}

}  // namespace
}  // namespace sbpc::codegen
