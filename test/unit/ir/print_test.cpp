// Text that is printed and read back prints as the same text; what can't be read says where and why.
#include "ir/print.h"

#include <gtest/gtest.h>

#include <random>

#include "ir/interpret.h"
#include "ir/read.h"
#include "ir/verify.h"

namespace sbpc::ir {
namespace {

constexpr std::string_view kExample = R"(program file_server little
hole h0 sock 64
hole h1 net flag
foreign kill_process

function f0: allow @3

function f1:
  when h1 and arg0.hi == 0 and arg0.lo in 3..5: allow @4 @7
  when arg1.lo & 0xff in {0x10, 0x20..0x2f} or not (arg0.hi == h0.hi and arg0.lo == h0.lo): errno(13) @5
  else trap

section 0xc000003e x86_64 x32 entry n4:
  0..2: f1
  3: f0
  4..0xffffffff: f1

graph entry n5:
  n0: return allow
  n1: return errno(38) @2
  n2: if ? h1 then n0 else n1
  n3: if arg0.lo & 0xffff ==? h0.lo then n2 else n1 weight 12
  n4: if arg0.lo & 0x3 then n3 else n0 weight 1099511627776 @9
  n5: if arg3.hi & 0xff >= 0x20 then n4 else n1
)";

TEST(Print, RoundTripsTheExample) {
  auto program = read(kExample);
  ASSERT_TRUE(program.has_value()) << program.error().line << ": " << program.error().message;
  EXPECT_EQ(print(*program), kExample);
}

TEST(Print, ConditionsBindAsWritten) {
  auto program = read(
      "program - big\nhole h0 a flag\nhole h1 b flag\nforeign allow\n"
      "function f0:\n  when (h0 or arg0.lo == 1) and not (h1 or ip.hi == 2): log\n  else allow\n");
  ASSERT_TRUE(program.has_value()) << program.error().message;
  EXPECT_TRUE(program->big_endian);
  EXPECT_EQ(print(program->conds, program->functions[0].clauses[0].when),
            "not (h1 or ip.hi == 2) and (h0 or arg0.lo == 1)");
}

class RandomProgram {
 public:
  explicit RandomProgram(uint32_t seed) : random_(seed) {
    program.name = "random";
    program.holes = {{"a", true, 32}, {"b", false, 64}};
    program.foreign = verdict();
    for (int i = 0; i < 4; ++i) {
      Function function;
      for (uint32_t k = random_() % 4; k > 0; --k)
        function.clauses.push_back({cond(3), verdict(), {static_cast<PlaceId>(k)}});
      function.otherwise = verdict();
      program.functions.push_back(std::move(function));
    }
    program.sections.push_back({0x40000003U,
                                {target::Abi::i386},
                                {{0, 9, FunctionId(0U)}, {10, 10, FunctionId(1U)}, {11, ~0U, FunctionId(2U)}},
                                {}});
    NodeId last = add_return(program, verdict());
    add_return(program, verdict());
    for (int i = 0; i < 10; ++i) last = add_test(program, node());
    program.entry = last;
  }
  Program program;

 private:
  Verdict verdict() {
    auto action = static_cast<target::Action>(random_() % target::kActionCount);
    return {action,
            target::info(action).data == target::ActionData::none ? uint16_t{0} : static_cast<uint16_t>(random_() % 5)};
  }
  Word word() { return static_cast<Word>(2 + random_() % 14); }
  CondId cond(int depth) {
    if (depth == 0 || random_() % 4 == 0) {
      switch (random_() % 5) {
        case 0: return program.conds.flag(HoleId(0U));
        case 1: return program.conds.hole(word(), HoleId(1U), random_() % 2 == 0, random_() % 2 == 0 ? ~0U : 0xffffU);
        default: {
          uint32_t first = random_() >> random_() % 32;
          uint32_t last = first + std::min<uint32_t>(random_() % 3 * 100, ~0U - first);
          return program.conds.member(word(), random_() % 2 == 0 ? ~0U : static_cast<uint32_t>(random_()),
                                      {{first, last}, {3, 4}});
        }
      }
    }
    CondId a = cond(depth - 1);
    CondId b = cond(depth - 1);
    switch (random_() % 3) {
      case 0: return program.conds.all({a, b, cond(depth - 1)});
      case 1: return program.conds.any({a, b, cond(depth - 1)});
      default: return program.conds.negation(a);
    }
  }
  Node node() {
    Node node;
    node.op = static_cast<Op>(random_() % 6);
    if (node.op != Op::flag) node.word = word();
    if (node.op == Op::eq || node.op == Op::gt || node.op == Op::ge) node.mask = random_() % 2 == 0 ? ~0U : 0xf0fU;
    if (node.op != Op::flag && node.op != Op::hole) node.value = static_cast<uint32_t>(random_()) & node.mask;
    if (node.op == Op::flag || node.op == Op::hole) node.hole_id = HoleId(node.op == Op::flag ? 0U : 1U);
    node.yes = NodeId(random_() % program.graph.size());
    node.no = NodeId(random_() % program.graph.size());
    node.weight = random_() % 3;
    if (random_() % 2 == 0) node.place = static_cast<PlaceId>(random_() % 5);
    return node;
  }
  std::mt19937 random_;
};

TEST(Print, RoundTripsRandomPrograms) {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    RandomProgram made(seed);
    ASSERT_EQ(verify_structure(made.program), std::vector<std::string>{});
    std::string text = print(made.program);
    auto back = read(text);
    ASSERT_TRUE(back.has_value()) << back.error().line << ": " << back.error().message << '\n' << text;
    ASSERT_EQ(print(*back), text);
    std::mt19937 random(seed);
    std::vector<uint64_t> holes{seed % 2, 3};
    for (int i = 0; i < 20; ++i) {
      target::SeccompData data;
      data.arch = 0x40000003U;
      data.nr = static_cast<int32_t>(random() % 20);
      for (uint64_t& arg : data.args) arg = random() % 8 | uint64_t{random() % 8} << 32;
      EXPECT_EQ(interpret_clauses(made.program, data, holes), interpret_clauses(*back, data, holes));
      EXPECT_EQ(interpret_clauses(*back, data, holes), interpret_diagram(*back, data, holes));
      EXPECT_EQ(interpret_graph(made.program, data, holes), interpret_graph(*back, data, holes));
    }
  }
}

TEST(Read, SaysWhereAndWhy) {
  struct Case {
    std::string_view text;
    uint32_t line;
    std::string_view message;
  };
  for (const Case& bad : {
           Case{"program a little\nforeign perhaps", 2, "expected an action, saw `perhaps`"},
           Case{"progam a little", 1,
                "expected `program`, `hole`, `foreign`, `function`, `section` or `graph`, saw `progam`"},
           Case{"function f1: allow", 1, "expected `f0`: numbers rise by one, saw `f1`"},
           Case{"function f0:\n when arg9.lo == 1: allow\n else log", 2,
                "expected a word (nr, arch, ip.lo, arg0.hi ...) or a condition, saw `arg9`"},
           Case{"function f0:\n when arg1.lo == 0x100000000: allow\n else log", 2,
                "expected a number up to 0xffffffff, saw `0x100000000`"},
           Case{"function f0: allow\nsection 3:\n 0..4: f0\n 6..0xffffffff: f0", 4,
                "section 0x3: ranges have a gap or overlap at 6"},
           Case{"graph:\n n0: return allow\n n1: if nr == 1 then n0 else n1", 3,
                "expected n0..n0 (defined before it is used), saw `n1`"},
           Case{"graph:\n n0: return allow\n n1: return allow", 3,
                "the same node was written before, or both its ways are the same"},
           Case{"function f0 entry n7: allow", 1, "function f0: its entry is no node"},
       }) {
    auto program = read(bad.text);
    ASSERT_FALSE(program.has_value()) << bad.text;
    EXPECT_EQ(program.error().message, bad.message);
    EXPECT_EQ(program.error().line, bad.line) << bad.text;
  }
}

TEST(Read, NestingIsBounded) {
  std::string text = "function f0:\n when " + std::string(100000, '(') + "always";
  auto program = read(text);
  ASSERT_FALSE(program.has_value());
  EXPECT_EQ(program.error().message, "conditions nest deeper than 256");
}

TEST(Read, CommentsAndSpaceMeanNothing) {
  auto program = read("# RUN: something\nprogram a little # here\n\n\nforeign\tallow function f0: log# x\n");
  ASSERT_TRUE(program.has_value()) << program.error().message;
  EXPECT_EQ(print(*program), "program a little\nforeign allow\n\nfunction f0: log\n");
}

}  // namespace
}  // namespace sbpc::ir
