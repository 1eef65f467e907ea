// libseccomp's tree of a call's rules, and that the order by which policies are written answers alike. That the real
// libseccomp answers so is test/agree/import_test.cpp's.
#include "import/argument_tree.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "import/asked_order.h"

namespace sbpc::importer {
namespace {

using target::Abi;

constexpr uint64_t kAll = ~uint64_t{0};
constexpr target::Verdict kDefault{target::Action::allow, 0};

Compare is(uint8_t index, CompareOp op, uint64_t value, uint64_t mask = kAll) { return {index, op, mask, value, 64}; }

Applied rule(uint16_t errno_value, std::vector<AllOf> any) {
  return {{target::Action::errno_, errno_value}, std::move(any), nullptr};
}

// The error that the arguments get; 0: none, -1: libseccomp refuses the rules.
int errno_of(const std::vector<Applied>& rules, uint64_t first, uint64_t second = 0) {
  const auto tree = ArgumentTree::of(rules);
  if (!tree) return -1;
  target::SeccompData data;
  data.args[0] = first;
  data.args[1] = second;
  const target::Verdict found = tree->answer(kDefault, data);
  return found == kDefault ? 0 : found.data;
}

TEST(ArgumentTree, HigherArgumentsAreAskedFirst) {
  const std::vector<Applied> rules{rule(1, {{is(0, CompareOp::eq, 3)}}), rule(2, {{is(1, CompareOp::ge, 1)}})};
  EXPECT_EQ(errno_of(rules, 3, 1), 2);
  EXPECT_EQ(errno_of(rules, 3, 0), 1);
  EXPECT_EQ(errno_of(rules, 4, 0), 0);
}

TEST(ArgumentTree, AnInequalityAnswersOnBothHalves) {
  const std::vector<Applied> rules{rule(1, {{is(0, CompareOp::ne, 5)}}), rule(2, {{is(0, CompareOp::eq, 7)}})};
  EXPECT_EQ(errno_of(rules, 7), 2);
  EXPECT_EQ(errno_of(rules, 5), 0);
  EXPECT_EQ(errno_of(rules, 6), 1);
  EXPECT_EQ(errno_of(rules, uint64_t{1} << 32U | 7), 1);
  const std::vector<Applied> lesser{rule(1, {{is(0, CompareOp::ne, 5)}}), rule(2, {{is(0, CompareOp::eq, 3)}})};
  EXPECT_EQ(errno_of(lesser, 3), 1);
}

TEST(ArgumentTree, EqualConditionsAreRefused) {
  EXPECT_EQ(errno_of({rule(1, {{is(0, CompareOp::eq, 3)}}), rule(2, {{is(0, CompareOp::eq, 3)}})}, 3), -1);
  EXPECT_EQ(errno_of({rule(1, {{is(0, CompareOp::eq, 3)}}), rule(1, {{is(0, CompareOp::eq, 3)}})}, 3), 1);
}

TEST(ArgumentTree, AShorterRuleIsRefusedBehindALongerOneOnly) {
  const Applied longer = rule(1, {{is(0, CompareOp::eq, 1), is(1, CompareOp::eq, 2)}});
  const Applied shorter = rule(2, {{is(0, CompareOp::eq, 1)}});
  EXPECT_EQ(errno_of({shorter, longer}, 1, 2), 2);
  EXPECT_EQ(errno_of({longer, shorter}, 1, 2), -1);
}

TEST(ArgumentTree, OrderingsOfWholeNumbers) {
  constexpr uint64_t kLimit = (uint64_t{5} << 32U) + 9;
  for (const CompareOp op : {CompareOp::lt, CompareOp::le, CompareOp::gt, CompareOp::ge}) {
    const std::vector<Applied> rules{rule(1, {{is(0, op, kLimit)}})};
    for (const uint64_t value : {kLimit - 1, kLimit, kLimit + 1, uint64_t{20}, uint64_t{6} << 32U}) {
      const bool holds = op == CompareOp::lt   ? value < kLimit
                         : op == CompareOp::le ? value <= kLimit
                         : op == CompareOp::gt ? value > kLimit
                                               : value >= kLimit;
      EXPECT_EQ(errno_of(rules, value), holds ? 1 : 0) << value;
    }
  }
}

// Where the order of a call's rules is defined, the first that holds answers; the tree finds the same by itself, as a
// diagram and for single events.
TEST(ArgumentTree, AnswersAsTheOrderSays) {
  std::mt19937 random(8);
  const auto below = [&](unsigned limit) { return random() % limit; };
  constexpr std::array kOps = {CompareOp::eq, CompareOp::eq, CompareOp::eq, CompareOp::ne,
                               CompareOp::lt, CompareOp::le, CompareOp::gt, CompareOp::ge};
  constexpr std::array kAbis = {Abi::x86_64, Abi::i386, Abi::s390x, Abi::x32, Abi::mips};
  Profile profile;
  profile.discipline = Discipline::libseccomp;
  profile.guards_x32 = true;
  int compared = 0;
  int refused = 0;
  for (int round = 0; round < 9000 && !HasFailure(); ++round) {
    const Abi abi = kAbis[below(kAbis.size())];
    std::vector<Applied> rules;
    for (unsigned i = 2 + below(3); i > 0; --i) {
      AllOf all;
      for (uint8_t index = 0; index < 2; ++index) {
        if (below(5) > 2) continue;
        const CompareOp op = kOps[below(kOps.size())];
        const bool is_masked = op == CompareOp::eq && below(4) == 0;
        const uint64_t mask = is_masked ? below(8) : kAll;
        const uint64_t high = below(6) == 0 ? uint64_t{1} << 32U : 0;
        all.push_back(is(index, op, (high + below(3)) & mask, mask));
      }
      const std::vector<AllOf> any = as_applied({all}, profile, abi);
      if (!all.empty() && !any.empty()) rules.push_back(rule(static_cast<uint16_t>(1 + below(3)), any));
    }
    const auto order = asked_order(rules);
    if (!order || !disagree(rules)) continue;
    const auto tree = ArgumentTree::of(rules);
    refused += tree ? 0 : 1;
    if (!tree) continue;
    ++compared;
    ir::Diagram diagram;
    constexpr uint32_t kNumber = 8;
    for (const Width width : {Width::exact, Width::meant}) {
      const Registers registers{abi, kNumber, width};
      EXPECT_EQ(tree->answer(kDefault, registers, diagram), first_answer(*order, kDefault, registers, diagram))
          << "round " << round;
    }
    const ir::Ref function = tree->answer(kDefault, {abi, kNumber, Width::exact}, diagram);
    for (int i = 0; i < 20; ++i) {
      target::SeccompData data;
      const bool is_wide = target::info(abi).register_bits == 64;
      for (uint64_t& arg : data.args) arg = below(4) + (is_wide && below(3) == 0 ? uint64_t{1} << 32U : 0);
      EXPECT_EQ(target::decode(diagram.evaluate(function, data, [](const ir::Diagram::Opaque&) { return false; })),
                tree->answer(kDefault, data))
          << "round " << round;
    }
  }
  EXPECT_GT(compared, 1000);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace sbpc::importer
