// Random policies through lower, against the language's meaning evaluated event by event: clause lists, diagrams,
// statements and conflicts all have to agree with it.
#include "lower/lower.h"

#include <gtest/gtest.h>

#include "ir/interpret.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "lower/close.h"
#include "lower/decide.h"
#include "support/random_policy.h"
#include "support/reference_meaning.h"

namespace sbpc::lower {
namespace {

using support::RandomPolicy;
using support::ReferenceMeaning;
using target::SeccompData;

// lower without its report: also programs with conflicts.
ir::Program without_report(const sema::Policy& policy) {
  ir::Program program;
  program.big_endian = target::info(policy.abis[0].abi).endian == target::Endian::big;
  for (const sema::Hole& hole : policy.holes) program.holes.push_back({hole.name, hole.is_bool, hole.width});
  Workshop workshop(program);
  std::vector<Sayings> roots;
  for (const sema::AbiPolicy& abi : policy.abis) {
    Conditions conditions(abi, program.conds);
    roots.push_back(say(abi, conditions, workshop)[abi.root.value].all);
  }
  static_cast<void>(close(policy, roots, workshop));
  return program;
}

bool has_conflict(const ir::Program& program) {
  for (const ir::Function& function : program.functions) {
    for (uint32_t payload : program.diagram.payloads(function.meaning)) {
      if (program.diagram.several(payload)) return true;
    }
  }
  return false;
}

uint32_t payload_of(const ir::Program& program, const SeccompData& data, ir::HoleValues holes) {
  for (const ir::Section& section : program.sections) {
    if (section.arch != data.arch) continue;
    ir::Ref meaning = program.functions[ir::function_of(section, static_cast<uint32_t>(data.nr)).value].meaning;
    return program.diagram.evaluate(meaning, data,
                                    [&](const ir::Diagram::Opaque& opaque) { return ir::holds(opaque, data, holes); });
  }
  return target::encode(program.foreign);
}

void expect_event_agrees(const RandomPolicy& random, const ir::Program& program, bool conflicting,
                         const SeccompData& data) {
  ReferenceMeaning reference(random.policy(), random.holes);
  ReferenceMeaning::Answer expected = reference.closed(data);
  std::set<uint16_t> expected_data = expected.data();
  uint32_t payload = payload_of(program, data, random.holes);
  if (auto several = program.diagram.several(payload)) {
    EXPECT_EQ(several->action, expected.action);
    ASSERT_GE(expected_data.size(), 2U);
    EXPECT_EQ(several->data[0], *expected_data.begin());
    EXPECT_EQ(several->data[1], *std::next(expected_data.begin()));
  } else {
    EXPECT_EQ(expected_data.size(), 1U);
    EXPECT_EQ(target::decode(payload), (target::Verdict{expected.action, *expected_data.begin()}));
  }
  // The list's answer where there is one, conflicts elsewhere in the policy notwithstanding.
  if (expected_data.size() == 1) {
    EXPECT_EQ(ir::interpret_clauses(program, data, random.holes),
              (target::Verdict{expected.action, *expected_data.begin()}));
  }
  EXPECT_TRUE(conflicting || expected_data.size() == 1);

  Decision decision = decide(random.policy(), data,
                             [&](const ir::Diagram::Opaque& opaque) { return ir::holds(opaque, data, random.holes); });
  EXPECT_EQ(decision.verdict, (target::Verdict{expected.action, *expected_data.begin()}));
  std::set<std::pair<uint16_t, uint32_t>> deciders;
  for (const Voice& voice : decision.voices) {
    if (voice.fate == Voice::Fate::decides) deciders.emplace(voice.verdict.data, voice.place.value);
  }
  bool by_statement = expected.voices.begin()->second != ReferenceMeaning::kNoStatement;
  if (by_statement) {
    EXPECT_EQ(deciders, expected.voices);
  } else {
    EXPECT_TRUE(deciders.empty());
  }
}

TEST(Lower, RandomPoliciesMeanWhatTheLanguageSays) {
  size_t conflicts = 0;
  size_t events = 0;
  for (uint64_t seed = 0; seed < 10'000; ++seed) {
    RandomPolicy random(seed);
    ir::Program program = without_report(random.policy());
    bool conflicting = has_conflict(program);
    conflicts += conflicting ? 1 : 0;
    diag::Sink sink;
    auto lowered = lower(random.policy(), sink);
    ASSERT_EQ(lowered.has_value(), !conflicting) << "seed " << seed;
    if (lowered) {
      std::vector<std::string> problems = ir::verify(*lowered);
      ASSERT_TRUE(problems.empty()) << "seed " << seed << ": " << problems[0] << '\n' << ir::print(*lowered);
    }
    if (lowered && seed % 20 == 0) {
      program.name = lowered->name;
      ASSERT_EQ(ir::print(*lowered), ir::print(program));
    }
    for (int i = 0; i < 15; ++i, ++events) {
      expect_event_agrees(random, program, conflicting, random.event());
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << " event " << i << '\n' << ir::print(program);
    }
  }
  EXPECT_EQ(events, 150'000U);
  EXPECT_GT(conflicts, 200U);
  EXPECT_LT(conflicts, 6'000U);
}

TEST(Lower, StatementOrderChangesNothing) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    RandomPolicy random(seed);
    sema::Policy reversed = random.policy();
    for (sema::AbiPolicy& abi : reversed.abis) {
      for (sema::Scope& scope : abi.scopes) {
        std::reverse(scope.rules.begin(), scope.rules.end());
        std::reverse(scope.fallbacks.begin(), scope.fallbacks.end());
        std::reverse(scope.requires_.begin(), scope.requires_.end());
        std::reverse(scope.uses.begin(), scope.uses.end());
        std::reverse(scope.overrides.begin(), scope.overrides.end());
      }
    }
    ir::Program one = without_report(random.policy());
    ir::Program other = without_report(reversed);
    for (int i = 0; i < 20; ++i) {
      SeccompData data = random.event();
      uint32_t a = payload_of(one, data, random.holes);
      uint32_t b = payload_of(other, data, random.holes);
      ASSERT_EQ(one.diagram.several(a), other.diagram.several(b)) << seed;
      ASSERT_TRUE(one.diagram.several(a) || a == b) << seed;
    }
  }
}

// "A `use` never makes less strict what S decides": adding a use of anything to the root.
TEST(Lower, AUseNeverLoosensWhatStatementsDecide) {
  size_t decided = 0;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    RandomPolicy random(seed);
    if (!random.policy().abis[0].scopes[random.policy().abis[0].root.value].overrides.empty()) continue;
    sema::Policy more = random.policy();
    sema::AbiPolicy& abi = more.abis[0];
    abi.scopes.emplace_back();
    abi.scopes.back().rules.push_back(
        {sema::PlaceId(0U), sema::kAlways, support::kAllow, {{0, sema::kAlways}, {257, sema::kAlways}}, {}, {}});
    abi.scopes.back().rules.push_back(
        {sema::PlaceId(0U), sema::kAlways, {target::Action::log, 0}, {{435, sema::kAlways}}, {}, {}});
    abi.scopes[abi.root.value].uses.push_back(
        {sema::PlaceId(0U), sema::kAlways, sema::ScopeId(abi.scopes.size() - 1), {}});
    ReferenceMeaning before(random.policy(), random.holes);
    ir::Program after = without_report(more);
    for (int i = 0; i < 20; ++i) {
      SeccompData data = random.event();
      Decision was = decide(random.policy(), data,
                            [&](const ir::Diagram::Opaque& opaque) { return ir::holds(opaque, data, random.holes); });
      if (was.source != Decision::Source::strong) continue;
      ++decided;
      uint32_t payload = payload_of(after, data, random.holes);
      auto several = after.diagram.several(payload);
      EXPECT_LE(several ? several->action : target::decode(payload).action, before.closed(data).action) << seed;
    }
  }
  EXPECT_GT(decided, 5'000U);
}

// Two uses of one set are one use; uses may come in any grouping.
TEST(Lower, MergingIsIdempotentAndAssociative) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    RandomPolicy random(seed);
    sema::Policy twice = random.policy();
    sema::Policy grouped = random.policy();
    for (sema::AbiPolicy& abi : twice.abis) {
      // root' = { use root; use root; }
      abi.scopes.emplace_back();
      for (int i = 0; i < 2; ++i) abi.scopes.back().uses.push_back({sema::PlaceId(0U), sema::kAlways, abi.root, {}});
      abi.root = sema::ScopeId(abi.scopes.size() - 1);
    }
    for (sema::AbiPolicy& abi : grouped.abis) {
      // The root's rules in a set of their own, used by the root.
      sema::Scope rules;
      rules.rules.swap(abi.scopes[abi.root.value].rules);
      rules.requires_.swap(abi.scopes[abi.root.value].requires_);
      abi.scopes.push_back(std::move(rules));
      abi.scopes[abi.root.value].uses.push_back(
          {sema::PlaceId(0U), sema::kAlways, sema::ScopeId(abi.scopes.size() - 1), {}});
    }
    ir::Program one = without_report(random.policy());
    for (const sema::Policy& other_policy : {twice, grouped}) {
      ir::Program other = without_report(other_policy);
      for (int i = 0; i < 10; ++i) {
        SeccompData data = random.event();
        uint32_t a = payload_of(one, data, random.holes);
        uint32_t b = payload_of(other, data, random.holes);
        ASSERT_EQ(one.diagram.several(a), other.diagram.several(b)) << seed;
        ASSERT_TRUE(one.diagram.several(a) || a == b) << seed;
      }
    }
  }
}

// Nodes that overrides of one call make, each with a number of its own: two data may meet in any of them, so diagrams
// are made of all.
size_t nodes_of_overrides(uint32_t count) {
  support::PolicyBuilder b;
  b.allow("ioctl");
  for (uint32_t i = 0; i < count; ++i) {
    sema::ScopeId inner = b.new_scope();
    b.in(inner).rule(support::errno_verdict(static_cast<uint16_t>(1 + i)),
                     {b.call("ioctl", b.eq(b.arg(1), i * 7919 % 100003))});
    b.on(0).override_(inner);
  }
  diag::Sink sink;
  auto program = lower(b.policy, sink);
  EXPECT_TRUE(program.has_value());
  EXPECT_TRUE(sink.diagnostics().empty());
  return program->diagram.nodes();
}

TEST(Lower, ManyOverridesOfOneCallCostLittleMoreThanOneEach) {
  const size_t some = nodes_of_overrides(250);
  EXPECT_LT(nodes_of_overrides(1000), some * 5);  // four times as many: one after the other made it sixteen
}

// Thousands of overrides that give a few answers are a few conditions, as thousands of rules are: the budget is for
// what meets.
TEST(Lower, ManyOverridesWithFewAnswersFitTheBudget) {
  support::PolicyBuilder b;
  b.allow("ioctl");
  for (uint32_t i = 0; i < 5000; ++i) {
    sema::ScopeId inner = b.new_scope();
    b.in(inner).rule(support::errno_verdict(static_cast<uint16_t>(1 + i % 100)), {b.call("ioctl", b.eq(b.arg(1), i))});
    b.on(0).override_(inner);
  }
  diag::Sink sink;
  auto program = lower(b.policy, sink);
  ASSERT_TRUE(program.has_value());
  EXPECT_TRUE(sink.diagnostics().empty());
}

}  // namespace
}  // namespace sbpc::lower
