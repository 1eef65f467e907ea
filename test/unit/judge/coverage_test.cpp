// Coverage is decided for all events: every statement that decides a sampled event of an expectation is covered, and
// what is not covered never decides one.
#include "judge/coverage.h"

#include <gtest/gtest.h>

#include "ir/interpret.h"
#include "judge/assertions.h"
#include "lower/decide.h"
#include "lower/lower.h"
#include "support/random_policy.h"

namespace sbpc::judge {
namespace {

using support::errno_verdict;
using support::kAllow;
using support::kKill;
using support::PolicyBuilder;
using target::Action;

// By place: 'y' covered, 'n' not, '.' no statement that counts.
std::string covered(const sema::Policy& policy) {
  diag::Sink sink;
  auto program = lower::lower(policy, sink);
  EXPECT_TRUE(program.has_value());
  Coverage coverage;
  const size_t nodes = program->diagram.nodes();
  add_coverage(policy, *program, coverage);
  EXPECT_EQ(program->diagram.nodes(), nodes);
  std::string text(policy.places.size(), '.');
  for (size_t i = 0; i < text.size(); ++i) {
    const auto found = coverage.find(policy.places[i].span);
    if (found != coverage.end()) text[i] = found->second ? 'y' : 'n';
  }
  return text;
}

TEST(Coverage, ARuleIsCoveredByACallThatItDecides) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 3))});
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 4))});
  b.rule(kAllow, {b.call("write")});
  b.assertion(false, Action::allow, {b.call("read", b.eq(b.arg(0), 3))});
  EXPECT_EQ(covered(b.policy), "ynn.");
}

TEST(Coverage, AStricterStatementTakesIt) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read")});
  b.rule(errno_verdict(1), {b.call("read", b.eq(b.arg(0), 3))});
  b.assertion(true, Action::log, {b.call("read", b.eq(b.arg(0), 3))});
  EXPECT_EQ(covered(b.policy), "ny.");
}

TEST(Coverage, BothOfTwoThatSayTheSame) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read")});
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 3))});
  b.assertion(false, Action::allow, {b.call("read")});
  EXPECT_EQ(covered(b.policy), "yy.");
}

TEST(Coverage, AnOverrideAndAnExceptTakeIt) {
  PolicyBuilder b;
  const sema::ScopeId over = b.new_scope();
  const sema::ScopeId set = b.new_scope();
  b.rule(errno_verdict(1), {b.call("read")});
  b.in(over).rule(kAllow, {b.call("read")});
  b.in(set).rule(kAllow, {b.call("write"), b.call("close")});
  b.in(sema::ScopeId(0U)).override_(over);
  b.use(set, {b.call("write")});
  b.assertion(true, Action::log, {b.call("read"), b.call("write")});
  EXPECT_EQ(covered(b.policy), "nyn...");
}

TEST(Coverage, ElseAndFallbackOnlyWhereNothingStrongerSpeaks) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 3))}).otherwise = errno_verdict(1);
  b.fallback(errno_verdict(2), {b.call("write").nr});
  b.rule(kAllow, {b.call("write")});
  b.assertion(true, Action::log, {b.call("read", b.eq(b.arg(0), 4)), b.call("write")});
  EXPECT_EQ(covered(b.policy), "yny.");
}

TEST(Coverage, TheDefaultIsAStatement) {
  PolicyBuilder b;
  b.policy.otherwise_place = b.place();
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 3))});
  b.assertion(false, Action::allow, {b.call("read", b.eq(b.arg(0), 3))});
  EXPECT_EQ(covered(b.policy), "ny.");
  b.assertion(false, Action::kill_process, {b.call("read", b.eq(b.arg(0), 4))});
  EXPECT_EQ(covered(b.policy), "yy..");
}

TEST(Coverage, WhatDecidesASampledEventIsCovered) {
  size_t seen = 0, not_covered = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    support::RandomPolicy random(seed);
    sema::Policy policy = random.policy();
    sema::AbiPolicy& abi = policy.abis[seed % policy.abis.size()];
    sema::Assertion assertion;
    assertion.place = sema::PlaceId(0U);
    assertion.guard = sema::kAlways;
    for (const sema::Scope& scope : abi.scopes) {
      for (const sema::Rule& rule : scope.rules)
        assertion.targets.insert(assertion.targets.end(), rule.targets.begin(), rule.targets.end());
    }
    if (assertion.targets.size() > 3) assertion.targets.resize(3);
    abi.assertions.push_back(assertion);
    diag::Sink sink;
    auto program = lower::lower(policy, sink);
    if (!program) continue;
    Coverage coverage;
    add_coverage(policy, *program, coverage);
    for (const auto& [span, is_covered] : coverage) not_covered += is_covered ? 0 : 1;
    lower::Conditions conditions(abi, program->conds);
    const auto nothing = [](const ir::Diagram::Opaque&) { return false; };  // what holds of run-time values
    for (int i = 0; i < 60; ++i) {
      const target::SeccompData data = random.event();
      const auto nr = static_cast<uint32_t>(data.nr);
      if (data.arch != target::info(abi.abi).audit_arch) continue;
      if (!ir::holds(program->conds, matching(assertion, nr, conditions), data, nothing)) continue;
      for (const lower::Voice& voice : lower::decide(policy, data, nothing).voices) {
        if (voice.fate != lower::Voice::Fate::decides) continue;
        ++seen;
        EXPECT_TRUE(coverage.at(policy.places[voice.place.value].span)) << seed << " place " << voice.place.value;
      }
    }
  }
  EXPECT_GT(seen, 250U);
  EXPECT_GT(not_covered, 250U);
}

}  // namespace
}  // namespace sbpc::judge
