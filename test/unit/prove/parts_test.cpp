// parts: policies too large for one diagram are proved clause by clause, and wrong programs for them are not.
#include "prove/parts.h"

#include <gtest/gtest.h>

#include "bpf/assemble.h"
#include "bpf/disasm.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "codegen/codegen.h"
#include "ir/interpret.h"
#include "prove/stretch.h"
#include "unit/prove/random_policies.h"

namespace sbpc::prove {
namespace {

using Outcome = Proof::Outcome;
using testing::Random;

Proof in_parts(const bpf::Program& program, ir::Program& policy) {
  const bpf::Expected<StateGraph> graph = follow({program.insns, program.patches, policy.big_endian});
  EXPECT_TRUE(graph.has_value()) << graph.error().text;
  return prove_in_parts(*graph, policy);
}

TEST(Stretch, EndsWhereAllWaysMeet) {
  const bpf::Insns insns = *bpf::assemble(
      "ld [nr]\n"
      "jeq #1, a, b\n"
      "a: ld [args[0].lo]\n jeq #5, yes, c0\n"
      "b: jeq #2, c1, yes\n"
      "yes: ret allow\n"
      "c0: ld [nr]\n"
      "c1: jeq #3, no, yes2\n"
      "yes2: ret allow\n no: ret errno(1)",
      false);
  const bpf::Expected<StateGraph> graph = follow({insns, {}, false});
  ASSERT_TRUE(graph.has_value());
  Stretches stretches(*graph, 0);
  EXPECT_EQ(graph->states[stretches.next().join].pc, 1U);
  const Stretch middle = stretches.next();
  ASSERT_NE(middle.join, kNoState);
  EXPECT_EQ(graph->states[middle.join].pc, 7U);  // with nr in A, by either way
  EXPECT_EQ(stretches.next().join, kNoState);
}

TEST(Parts, ProvesWhatOneDiagramWouldProve) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    ir::Program policy =
        testing::random_policy(random, {seed % 2 == 0, 4 + static_cast<uint32_t>(seed % 9), seed % 3 == 0});
    const bpf::Program program =
        codegen::generate(policy, seed % 5 == 0 ? codegen::Goal::size : codegen::Goal::speed).program;
    const Proof proof = in_parts(program, policy);
    ASSERT_EQ(proof.outcome, Outcome::proved) << "seed " << seed << " " << proof.reason << "\n"
                                              << bpf::disassemble(program.insns, policy.big_endian);
  }
}

// One call with so many rules over far-apart arguments that their diagram explodes.
ir::Program rule_list(uint32_t rules, bool with_flag) {
  Random random(7);
  ir::Program policy;
  policy.foreign = {target::Action::kill_process, 0};
  policy.holes.push_back({"strict", true, 32});
  ir::Function function;
  function.otherwise = {target::Action::errno_, 1};
  for (uint32_t i = 0; i < rules; ++i) {
    std::vector<ir::CondId> all;
    for (unsigned slot : {0U, 3U, 5U}) {
      const uint32_t value = random.below(1U << 20);
      if (random.one_in(3)) {
        const uint32_t mask = value | 1;
        all.push_back(
            policy.conds.member(target::arg_lo(slot), mask, {{value & random.below(1U << 20), value & mask}}));
      } else {
        all.push_back(policy.conds.member(target::arg_lo(slot), 0xffffffffU, {{value, value}}));
      }
    }
    if (with_flag && i % 10 == 5) all.push_back(policy.conds.flag(ir::HoleId(0U)));
    function.clauses.push_back({policy.conds.all(all), testing::random_verdict(random), {}});
  }
  policy.functions.push_back(function);  // its meaning stays invalid, as lower/ leaves it when the budget runs out
  const ir::FunctionId deny = constant_function(policy, {target::Action::errno_, 38});
  policy.sections = {
      {0xc000003eU, {target::Abi::x86_64}, {{0, 15, deny}, {16, 16, ir::FunctionId(0U)}, {17, 0xffffffffU, deny}}, {}}};
  testing::complete(policy);
  return policy;
}

TEST(Parts, ProvesLongRuleLists) {
  for (uint32_t rules : {60U, 300U}) {
    for (bool with_flag : {false, true}) {
      ir::Program policy = rule_list(rules, with_flag);
      const bpf::Program program = codegen::generate(policy, codegen::Goal::speed).program;
      ASSERT_LE(program.insns.size(), bpf::kMaxInsns);
      const Proof proof = prove(bpf::encode(program.insns, false), program.patches, policy);
      EXPECT_EQ(proof.outcome, Outcome::proved) << proof.reason;
      EXPECT_FALSE(policy.functions[0].meaning.valid());
    }
  }
}

TEST(Parts, FollowsCodeThatAsksForFlagsFirst) {
  ir::Program policy = rule_list(40, true);
  ir::Function function = policy.functions[0];
  const ir::CondId flag = policy.conds.flag(ir::HoleId(0U));
  ir::NodeId cases[2];
  for (int set : {0, 1}) {
    ir::Function fixed = function;
    for (ir::Clause& clause : fixed.clauses) {
      const ir::Cond cond = policy.conds[clause.when];
      if (std::find(cond.operands.begin(), cond.operands.end(), flag) == cond.operands.end()) continue;
      std::vector<ir::CondId> rest;
      for (ir::CondId operand : cond.operands) {
        if (operand != flag) rest.push_back(operand);
      }
      clause.when = set == 1 ? policy.conds.all(rest) : policy.conds.never();
    }
    cases[set] = testing::graph_of(policy, fixed);
  }
  ir::Node test;
  test.op = ir::Op::flag;
  test.hole_id = ir::HoleId(0U);
  test.yes = cases[1];
  test.no = cases[0];
  const ir::NodeId first = add_test(policy, test);
  const ir::NodeId deny = add_return(policy, {target::Action::errno_, 38});
  const ir::NodeId number = testing::number_test(policy, ir::Word::nr, ir::Op::eq, 16, {first, deny});
  const ir::NodeId foreign = add_return(policy, policy.foreign);
  policy.entry = testing::number_test(policy, ir::Word::arch, ir::Op::eq, 0xc000003eU, {number, foreign});
  const bpf::Program program = codegen::generate(policy, codegen::Goal::speed).program;
  EXPECT_EQ(prove(bpf::encode(program.insns, false), program.patches, policy).outcome, Outcome::proved);
  std::swap(cases[0], cases[1]);
  test.yes = cases[1];
  test.no = cases[0];
  const ir::NodeId wrong = testing::number_test(policy, ir::Word::nr, ir::Op::eq, 16, {add_test(policy, test), deny});
  policy.entry = testing::number_test(policy, ir::Word::arch, ir::Op::eq, 0xc000003eU, {wrong, foreign});
  const bpf::Program bad = codegen::generate(policy, codegen::Goal::speed).program;
  EXPECT_NE(prove(bpf::encode(bad.insns, false), bad.patches, policy).outcome, Outcome::proved);
}

// An event that meets the clauses, one after another.
target::SeccompData near_miss(Random& random, const ir::Program& policy) {
  target::SeccompData data;
  data.arch = 0xc000003eU;
  data.nr = 15 + static_cast<int32_t>(random.below(3));
  const ir::Function& function = policy.functions[0];
  const ir::Clause& clause = function.clauses[random.below(static_cast<uint32_t>(function.clauses.size()))];
  for (ir::CondId id : policy.conds[clause.when].operands) {
    const ir::Cond& cond = policy.conds[id];
    if (cond.ranges.empty()) continue;
    const unsigned slot = (static_cast<unsigned>(cond.word) - 4) / 2;
    data.args[slot] = random.one_in(2) ? cond.ranges[0].first : cond.ranges[0].last;
    if (random.one_in(6)) data.args[slot] += random.below(3) - 1;
  }
  return data;
}

TEST(Parts, NeverProvesAWrongProgram) {
  ir::Program policy = rule_list(30, false);
  const bpf::Program program = codegen::generate(policy, codegen::Goal::speed).program;
  Random random(3);
  int proved = 0;
  int refuted = 0;
  for (int i = 0; i < 400; ++i) {
    bpf::Program mutant = program;
    bpf::Insn& insn = mutant.insns[random.below(static_cast<uint32_t>(mutant.insns.size()))];
    if (random.one_in(4)) {
      insn = {bpf::kRetK, 0, 0, 0x20000000U + random.below(40)};  // no action's word, but the proof's own
    } else if (random.one_in(2)) {
      insn.k ^= 1U << random.below(32);
    } else {
      (random.one_in(2) ? insn.jt : insn.jf) ^= static_cast<uint8_t>(1U << random.below(8));
    }
    const Proof proof = prove(bpf::encode(mutant.insns, false), {}, policy);
    if (proof.outcome == Outcome::refuted) {
      ++refuted;
      const Witness& witness = *proof.witness;
      EXPECT_EQ(bpf::interpret(mutant.insns, witness.data, false).word, witness.answered);
      EXPECT_EQ(ir::interpret_clauses(policy, witness.data), target::decode(witness.expected));
      EXPECT_NE(target::decode(witness.answered), target::decode(witness.expected));
    }
    if (proof.outcome != Outcome::proved) continue;
    ++proved;
    for (int event = 0; event < 100; ++event) {
      const target::SeccompData data = near_miss(random, policy);
      ASSERT_EQ(target::decode(bpf::interpret(mutant.insns, data, false).word), ir::interpret_clauses(policy, data))
          << bpf::disassemble(mutant.insns, false);
    }
  }
  EXPECT_GT(proved, 20);  // jt and jf of loads, masks of bits that don't matter
  EXPECT_GT(refuted, 60);
}

}  // namespace
}  // namespace sbpc::prove
