// Which conditions restrict nothing, and where that is an error, a remark or nothing at all.
#include "judge/swallowed.h"

#include <gtest/gtest.h>

#include "diag/kinds/meaning.def"
#include "judge/judge.h"
#include "lower/lower.h"
#include "support/policy_builder.h"

namespace sbpc::judge {
namespace {

using diag::Kind;
namespace kinds = diag::kinds;
using support::errno_verdict;
using support::kAllow;
using support::PolicyBuilder;
using Reports = std::vector<std::pair<Kind, uint32_t>>;

Reports reports(sema::Policy policy, bool with_remarks = false) {
  policy.span = {FileId(0U), 0, 0};
  diag::Settings settings;
  if (with_remarks) settings.remarks.insert("swallowed");
  diag::Sink sink(settings);
  auto program = lower::lower(policy, sink);
  EXPECT_TRUE(program.has_value());
  judge(policy, *program, sink);
  Reports result;
  for (const diag::Diagnostic& diagnostic : sink.diagnostics())
    result.emplace_back(diagnostic.kind, diagnostic.span.begin);
  return result;
}

TEST(Swallowed, BesideAnUnconditionalAllow) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  b.allow("read");
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::SwallowedAllow, 0}}));
}

TEST(Swallowed, BesideAWiderCondition) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.compare(b.arg(0), sema::Compare::lt, 5))});
  b.rule(kAllow, {b.call("read", b.compare(b.arg(0), sema::Compare::lt, 3))});
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::SwallowedAllow, 1}}));
}

TEST(Swallowed, AcrossArgumentsAndMasks) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("openat", b.compare(b.arg(2), sema::Compare::eq, 0, 1))});
  b.rule(kAllow, {b.call("openat", b.all({b.compare(b.arg(2), sema::Compare::eq, 0, 3), b.eq(b.arg(3), 0)}))});
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::SwallowedAllow, 1}}));
}

TEST(Swallowed, OverlappingIsNotSwallowed) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.compare(b.arg(0), sema::Compare::lt, 5))});
  b.rule(kAllow, {b.call("read", b.compare(b.arg(0), sema::Compare::gt, 3))});
  b.rule(kAllow, {b.call("write", b.eq(b.arg(0), 1))});
  b.rule(kAllow, {b.call("write", b.eq(b.arg(1), 1))});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Swallowed, ARepeatIsNotSwallowed) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  b.rule(kAllow, {b.call("read", b.in_set(b.arg(0), {{1, 1}}))});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Swallowed, InThePolicysBodyByAUsedSet) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  b.use(set);
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  b.in(set).allow("read");
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::SwallowedAllow, 1}}));
}

TEST(Swallowed, NotByWhatTheUseExcepts) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  b.use(set, {b.call("read")});
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  b.in(set).rule(kAllow, {b.call("read"), b.call("write")});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Swallowed, NotByWhatTheSetItselfDenies) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  b.use(set);
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  b.in(set).allow("read");
  b.rule(errno_verdict(1), {b.call("read", b.eq(b.arg(0), 1))});
  for (auto [kind, place] : reports(b.policy)) EXPECT_NE(kind, kinds::SwallowedAllow) << place;
}

TEST(Swallowed, ASetsConditionByThePolicyOrAnotherSetIsARemark) {
  PolicyBuilder b;
  sema::ScopeId one = b.new_scope();
  sema::ScopeId two = b.new_scope();
  b.use(one);
  b.use(two);
  b.allow("read");
  b.in(one).rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  b.rule(kAllow, {b.call("write", b.eq(b.arg(0), 1))});
  b.in(two).allow("write");
  EXPECT_TRUE(reports(b.policy).empty());
  EXPECT_EQ(reports(b.policy, true), (Reports{{kinds::SwallowedAllowSet, 3}, {kinds::SwallowedAllowSet, 4}}));
}

TEST(Swallowed, InsideOneRuleSetIsAnErrorWhereverItStands) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  b.use(set);
  b.in(set).rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  b.allow("read");
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::SwallowedAllow, 1}}));
}

TEST(Swallowed, OneABIWhereTheConditionCountsIsEnough) {
  PolicyBuilder b({target::Abi::x86_64, target::Abi::i386});
  sema::PlaceId shared = b.place();
  for (size_t i = 0; i < 2; ++i) b.on(i).rule(kAllow, {b.call("open", b.eq(b.arg(1), 0))}).place = shared;
  b.on(1).allow("open");
  EXPECT_TRUE(reports(b.policy).empty());
  b.on(0).allow("open");
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::SwallowedAllow, 0}}));
}

TEST(Swallowed, OtherActionsAreNotItsBusiness) {
  PolicyBuilder b;
  b.rule({target::Action::log, 0}, {b.call("read", b.eq(b.arg(0), 1))});
  b.rule({target::Action::log, 0}, {b.call("read")});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Swallowed, ThousandsOfValuesAreComparedInTime) {
  PolicyBuilder b;
  for (int i = 0; i < 3000; ++i) b.rule(kAllow, {b.call("ioctl", b.eq(b.arg(1), sema::Int{i} * 7))});
  b.rule(kAllow, {b.call("ioctl", b.in_set(b.arg(1), {{69, 71}}))});
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::SwallowedAllow, 10}}));
}

}  // namespace
}  // namespace sbpc::judge
