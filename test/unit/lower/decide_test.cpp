// What each statement's fate is. That the verdicts are right is lower_test's.
#include "lower/decide.h"

#include <gtest/gtest.h>

#include "support/policy_builder.h"

namespace sbpc::lower {
namespace {

using support::errno_verdict;
using support::kAllow;
using support::PolicyBuilder;
using Fate = Voice::Fate;

Decision decided(const sema::Policy& policy, uint32_t nr, uint64_t arg0 = 0) {
  target::SeccompData data;
  data.arch = target::info(policy.abis[0].abi).audit_arch;
  data.nr = static_cast<int32_t>(nr);
  data.args[0] = arg0;
  return decide(policy, data, [](const ir::Diagram::Opaque&) { return false; });
}

std::vector<Fate> fates(const Decision& decision) {
  std::vector<Fate> result;
  for (const Voice& voice : decision.voices) result.push_back(voice.fate);
  return result;
}

TEST(Decide, TheStrictestDecidesAndTheOthersAreOutvoted) {
  PolicyBuilder b;
  b.allow("read");
  b.rule(errno_verdict(1), {b.call("read", b.eq(b.arg(0), 5))});
  b.fallback(errno_verdict(38), {0});
  EXPECT_EQ(fates(decided(b.policy, 0, 5)), (std::vector<Fate>{Fate::outvoted, Fate::decides, Fate::not_needed}));
  EXPECT_EQ(fates(decided(b.policy, 0, 6)), (std::vector<Fate>{Fate::decides, Fate::not_needed}));
  EXPECT_EQ(decided(b.policy, 0, 6).source, Decision::Source::strong);
}

TEST(Decide, ElseSpeaksWhereNothingElseDoes) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 5))}).otherwise = errno_verdict(13);
  Decision decision = decided(b.policy, 0, 6);
  EXPECT_EQ(decision.verdict, errno_verdict(13));
  EXPECT_EQ(decision.source, Decision::Source::weak);
  ASSERT_EQ(decision.voices.size(), 1U);
  EXPECT_EQ(decision.voices[0].role, Voice::Role::otherwise);
}

TEST(Decide, OverriddenAndExceptedStatementsAreTold) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  sema::ScopeId body = b.new_scope();
  b.use(set, {b.call("write")});
  b.override_(body);
  b.in(set).rule(errno_verdict(1), {b.call("read"), b.call("write")});
  b.in(body).allow("read");
  EXPECT_EQ(fates(decided(b.policy, 0)), (std::vector<Fate>{Fate::overridden, Fate::decides}));
  EXPECT_EQ(fates(decided(b.policy, 1)), (std::vector<Fate>{Fate::excepted}));
  EXPECT_EQ(decided(b.policy, 1).source, Decision::Source::otherwise);
}

TEST(Decide, SourcesBeyondStatements) {
  PolicyBuilder b;
  b.policy.kernel = target::KernelVersion{6, 1};
  b.policy.foreign.all = {target::Action::trap, 0};
  EXPECT_EQ(decided(b.policy, 3).source, Decision::Source::otherwise);
  EXPECT_EQ(decided(b.policy, 900).source, Decision::Source::newer);
  Decision foreign = decided(b.policy, 0x40000000U);
  EXPECT_EQ(foreign.source, Decision::Source::foreign);
  EXPECT_FALSE(foreign.abi.has_value());
}

// A set used twice: what one use takes away the other still says.
TEST(Decide, AVoiceThatDecidesAnywhereDecides) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  b.use(set);
  b.use(set, {b.call("read")});
  b.in(set).allow("read");
  EXPECT_EQ(fates(decided(b.policy, 0)), (std::vector<Fate>{Fate::decides}));
}

}  // namespace
}  // namespace sbpc::lower
