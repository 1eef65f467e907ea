// Assertions are decided for every event: what holds has no counterexample among random events, what fails shows a real
// one.
#include "judge/assertions.h"

#include <gtest/gtest.h>

#include "diag/kinds/meaning.def"
#include "ir/interpret.h"
#include "judge/judge.h"
#include "lower/decide.h"
#include "lower/lower.h"
#include "support/random_policy.h"
#include "support/reference_meaning.h"

namespace sbpc::judge {
namespace {

using support::errno_verdict;
using support::kAllow;
using support::PolicyBuilder;
using target::Action;

std::vector<diag::Diagnostic> judged(const sema::Policy& policy) {
  diag::Sink sink;
  auto program = lower::lower(policy, sink);
  EXPECT_TRUE(program.has_value());
  size_t nodes = program->diagram.nodes();
  judge(policy, *program, sink);
  EXPECT_EQ(program->diagram.nodes(), nodes);
  return sink.diagnostics();
}

TEST(Assertions, AFailureShowsACallAndTheStatementThatDecides) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("socket", b.negation(b.eq(b.arg(0), 1)))});
  b.assertion(true, Action::allow, {b.call("socket", b.eq(b.arg(0), 17))});
  auto found = judged(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, diag::kinds::AssertFailed);
  EXPECT_EQ(found[0].message, "`never allow` does not hold: `socket(domain == AF_PACKET)` is answered with allow");
  EXPECT_EQ(found[0].span.begin, 1U);
  ASSERT_EQ(found[0].labels.size(), 1U);
  EXPECT_EQ(found[0].labels[0].span.begin, 0U);
}

TEST(Assertions, HoldForEveryValueNotForLikelyOnes) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("openat", b.compare(b.arg(2), sema::Compare::eq, 0, 3))});
  b.assertion(true, Action::allow, {b.call("openat", b.compare(b.arg(2), sema::Compare::ne, 0, 1))});
  EXPECT_TRUE(judged(b.policy).empty());
  b.assertion(true, Action::allow, {b.call("openat", b.compare(b.arg(2), sema::Compare::ne, 0, 4))});
  EXPECT_EQ(judged(b.policy).size(), 1U);
}

TEST(Assertions, NeverAllowObjectsToWhateverMayRun) {
  for (Action action : {Action::log, Action::trace, Action::notify, Action::allow}) {
    PolicyBuilder b;
    b.rule({action, 0}, {b.call("ptrace")});
    b.assertion(true, Action::allow, {b.call("ptrace")});
    EXPECT_EQ(judged(b.policy).size(), 1U);
  }
  for (Action action : {Action::kill_process, Action::kill_thread, Action::trap, Action::errno_}) {
    PolicyBuilder b;
    b.rule({action, 1}, {b.call("ptrace")});
    b.assertion(true, Action::allow, {b.call("ptrace")});
    EXPECT_TRUE(judged(b.policy).empty());
  }
}

TEST(Assertions, WithoutDataAnyDataFits) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("ptrace")});
  b.assertion(false, Action::errno_, {b.call("ptrace")});
  b.assertion(false, Action::errno_, {b.call("ptrace")}).data = 1;
  EXPECT_TRUE(judged(b.policy).empty());
  b.assertion(false, Action::errno_, {b.call("ptrace")}).data = 2;
  auto found = judged(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].message, "`errno(ENOENT)` does not hold: `ptrace` is answered with errno(EPERM)");
}

TEST(Assertions, HoldForEveryValueOfRunTimeParameters) {
  PolicyBuilder b;
  sema::HoleId net = b.hole("net", true);
  b.rule(kAllow, {b.call("socket")}).guard = b.flag(net);
  b.assertion(true, Action::allow, {b.call("socket")});
  auto found = judged(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].message, "`never allow` does not hold: `socket(net)` is answered with allow");
}

TEST(Assertions, BeyondTheBudgetAnAssertionIsUndecidedNotKept) {
  PolicyBuilder b;
  std::vector<sema::CondId> any;
  for (uint32_t i = 1; i <= 40; ++i) {
    uint32_t x = i * 2654435761U;
    for (uint8_t slot = 0; slot < 3; ++slot)
      any.push_back(b.all({b.eq(b.arg(slot), x), b.eq(b.arg(static_cast<uint8_t>(slot + 3)), x ^ slot)}));
  }
  b.rule(kAllow, {b.call("mmap", b.any(std::move(any)))});
  b.assertion(true, Action::log, {b.call("mmap")});
  auto found = judged(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, diag::kinds::AssertUndecided);
  EXPECT_EQ(found[0].message, "cannot decide whether `never log` holds for `mmap`");
}

// Random policies, random assertions: `never ACTION` or `ACTION` on a condition taken from the policy itself.
TEST(Assertions, AgreeWithTheReferenceOnRandomPolicies) {
  size_t held = 0;
  size_t failed = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    support::RandomPolicy random(seed);
    diag::Sink sink;
    auto program = lower::lower(random.policy(), sink);
    if (!program) continue;
    const sema::AbiPolicy& abi = random.policy().abis[seed % random.policy().abis.size()];
    std::vector<sema::Target> targets;
    for (const sema::Scope& scope : abi.scopes) {
      for (const sema::Rule& rule : scope.rules)
        targets.insert(targets.end(), rule.targets.begin(), rule.targets.end());
    }
    if (targets.empty()) continue;
    sema::Assertion assertion;
    assertion.place = sema::PlaceId(0U);
    assertion.guard = sema::kAlways;
    assertion.never = seed % 2 == 0;
    assertion.action = seed % 3 == 0 ? Action::allow : seed % 3 == 1 ? Action::errno_ : Action::kill_process;
    assertion.targets = {targets[seed % targets.size()]};
    if (seed % 5 == 0) assertion.except = {targets[seed / 5 % targets.size()]};
    Finding finding = decide_assertion(*program, abi, assertion);
    support::ReferenceMeaning reference(random.policy(), random.holes);
    if (finding.outcome == Finding::Outcome::fails) {
      ++failed;
      const ir::Diagram::Witness& witness = finding.counterexample->witness;
      lower::Decision decision = lower::decide(random.policy(), program->diagram, witness);
      EXPECT_EQ(target::encode(decision.verdict), witness.payload) << seed;
      EXPECT_FALSE(satisfies(assertion, decision.verdict)) << seed;
      continue;
    }
    ++held;
    for (int i = 0; i < 100; ++i) {
      target::SeccompData data = random.event();
      if (data.arch != target::info(abi.abi).audit_arch) continue;
      if (!reference.matches(abi, assertion.targets, data) || reference.matches(abi, assertion.except, data)) continue;
      support::ReferenceMeaning::Answer answer = reference.closed(data);
      EXPECT_TRUE(satisfies(assertion, {answer.action, *answer.data().begin()})) << seed;
    }
  }
  EXPECT_GT(held, 300U);
  EXPECT_GT(failed, 300U);
}

}  // namespace
}  // namespace sbpc::judge
