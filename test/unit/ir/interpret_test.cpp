// One program, three readings: clauses, diagram and graph give the same answer, and so does the whole meaning.
#include "ir/interpret.h"

#include <gtest/gtest.h>

#include "ir/meaning.h"

namespace sbpc::ir {
namespace {

using target::Action;
using target::SeccompData;

constexpr uint32_t kArch = 0xC000003EU;
constexpr Verdict kAllow{Action::allow, 0};
constexpr Verdict kKill{Action::kill_process, 0};
constexpr Verdict kDenied{Action::errno_, 1};

// Number 1 is allowed if argument 0 is the hole's value or 7 and the flag is set; 2..3 are allowed; the rest is
// errno(1).
struct Example {
  Program program;
  Example() {
    program.foreign = kKill;
    program.holes = {{"sock", false, 64}, {"net", true, 32}};
    Function function;
    Conds& conds = program.conds;
    CondId same =
        conds.all({conds.hole(Word::arg0_lo, HoleId(0U), false), conds.hole(Word::arg0_hi, HoleId(0U), true)});
    CondId seven = conds.all({conds.member(Word::arg0_lo, ~0U, {{7, 7}}), conds.flag(HoleId(1U))});
    function.clauses.push_back({conds.any({same, seven}), kAllow, {3}});
    function.otherwise = kDenied;
    CondDiagrams diagrams(program);
    function.meaning = clauses_meaning(program, function, diagrams);
    FunctionId allow = constant_function(program, kAllow);
    FunctionId denied = constant_function(program, kDenied);
    program.functions.push_back(function);
    program.sections.push_back(
        {kArch, {target::Abi::x86_64}, {{0, 0, denied}, {1, 1, FunctionId(2U)}, {2, 3, allow}, {4, ~0U, denied}}, {}});
    make_graph();
  }
  NodeId test(Op op, Word word, uint32_t value, NodeId yes, NodeId no, uint32_t hole = 0, bool high = false) {
    Node node;
    node.op = op;
    node.word = word;
    node.value = value;
    node.hole_id = HoleId(hole);
    node.hole_high = high;
    node.yes = yes;
    node.no = no;
    return add_test(program, node);
  }
  void make_graph() {
    NodeId allow = add_return(program, kAllow);
    NodeId denied = add_return(program, kDenied);
    NodeId flag = test(Op::flag, Word::nr, 0, allow, denied, 1);
    NodeId seven = test(Op::eq, Word::arg0_lo, 7, flag, denied);
    NodeId high = test(Op::hole, Word::arg0_hi, 0, allow, seven, 0, true);
    NodeId low = test(Op::hole, Word::arg0_lo, 0, high, seven, 0, false);
    NodeId many = test(Op::gt, Word::nr, 3, denied, test(Op::ge, Word::nr, 2, allow, denied));
    NodeId one = test(Op::eq, Word::nr, 1, low, many);
    program.sections[0].entry = one;
    program.functions[2].entry = low;
    program.entry = test(Op::eq, Word::arch, kArch, one, add_return(program, kKill));
  }
};

TEST(Interpret, AllFormsAgree) {
  Example example;
  Program& program = example.program;
  Ref whole = whole_meaning(program);
  int allowed = 0;
  for (uint64_t sock : {uint64_t{7}, uint64_t{0x100000005}, uint64_t{0}}) {
    for (uint64_t net : {0U, 1U}) {
      std::vector<uint64_t> holes{sock, net};
      for (uint32_t arch : {kArch, 0x40000003U, 0U, ~0U}) {
        for (uint32_t nr : {0U, 1U, 2U, 3U, 4U, 1000U, ~0U}) {
          for (uint64_t arg : {uint64_t{0}, uint64_t{5}, uint64_t{7}, uint64_t{0x100000005}, uint64_t{0x100000007}}) {
            SeccompData data;
            data.arch = arch;
            data.nr = static_cast<int32_t>(nr);
            data.args[0] = arg;
            bool special = arg == sock || ((arg & 0xffffffffU) == 7 && net == 1);
            Verdict expected = arch != kArch ? kKill : nr == 2 || nr == 3 || (nr == 1 && special) ? kAllow : kDenied;
            allowed += expected == kAllow ? 1 : 0;
            EXPECT_EQ(interpret_clauses(program, data, holes), expected);
            EXPECT_EQ(interpret_diagram(program, data, holes), expected);
            EXPECT_EQ(interpret_graph(program, data, holes), expected);
            uint32_t payload = program.diagram.evaluate(
                whole, data, [&](const Diagram::Opaque& opaque) { return holds(opaque, data, holes); });
            EXPECT_EQ(target::decode(payload), expected);
          }
        }
      }
    }
  }
  EXPECT_GT(allowed, 60);
}

TEST(Interpret, OpsLookAtTheMaskedWord) {
  Program program;
  NodeId yes = add_return(program, kAllow);
  NodeId no = add_return(program, kKill);
  for (Op op : {Op::eq, Op::gt, Op::ge, Op::set}) {
    for (uint32_t word = 0; word < 256; ++word) {
      Node node;
      node.op = op;
      node.word = Word::arg1_hi;
      node.mask = op == Op::set ? ~0U : 0x3cU;
      node.value = 0x14;
      node.yes = yes;
      node.no = no;
      program.entry = add_test(program, node);
      SeccompData data;
      data.args[1] = uint64_t{word} << 32 | 0x14;
      uint32_t masked = word & 0x3cU;
      bool expected = op == Op::eq   ? masked == 0x14
                      : op == Op::gt ? masked > 0x14
                      : op == Op::ge ? masked >= 0x14
                                     : (word & 0x14U) != 0;
      EXPECT_EQ(interpret_graph(program, data), expected ? kAllow : kKill);
    }
  }
}

TEST(WholeMeaning, IsInvalidIfAFunctionIs) {
  Example example;
  example.program.functions[2].meaning = Ref();
  EXPECT_FALSE(whole_meaning(example.program).valid());
}

}  // namespace
}  // namespace sbpc::ir
