// Two data for one event: an error exactly where the closed verdict holds both, with both places and a call.
#include "lower/conflicts.h"

#include <gtest/gtest.h>

#include "diag/kinds/meaning.def"
#include "ir/interpret.h"
#include "lower/lower.h"
#include "support/policy_builder.h"

namespace sbpc::lower {
namespace {

using support::errno_verdict;
using support::kAllow;
using support::PolicyBuilder;

std::vector<diag::Diagnostic> reports(const sema::Policy& policy) {
  diag::Sink sink;
  auto program = lower(policy, sink);
  EXPECT_NE(program.has_value(), sink.has_errors());
  return sink.diagnostics();
}

TEST(Conflicts, AreReportedWithBothPlacesAndACall) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("openat", b.compare(b.arg(2), sema::Compare::ne, 0, 3))});
  b.rule(errno_verdict(13), {b.call("openat", b.compare(b.arg(2), sema::Compare::ne, 0, 2))});
  auto found = reports(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, diag::kinds::DataConflict);
  EXPECT_EQ(found[0].message, "`openat(flags == O_RDWR)` is answered with both errno(EPERM) and errno(EACCES)");
  EXPECT_EQ(found[0].span.begin, 1U);
  EXPECT_EQ(found[0].label, "errno(EACCES) here");
  ASSERT_EQ(found[0].labels.size(), 1U);
  EXPECT_EQ(found[0].labels[0].span.begin, 0U);
  EXPECT_EQ(found[0].labels[0].text, "errno(EPERM) here");
}

TEST(Conflicts, OnePairOfStatementsIsOneReport) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read"), b.call("write"), b.call("close")});
  b.rule(errno_verdict(2), {b.call("read"), b.call("write")});
  EXPECT_EQ(reports(b.policy).size(), 1U);
}

TEST(Conflicts, DisjointConditionsDoNotMeet) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read", b.eq(b.arg(0), 1))});
  b.rule(errno_verdict(2), {b.call("read", b.eq(b.arg(0), 2))});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Conflicts, AStricterStatementHidesThem) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read")});
  b.rule(errno_verdict(2), {b.call("read")});
  b.rule(support::kKill, {b.call("read")});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Conflicts, AnOverrideSettlesThem) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read")});
  b.rule(errno_verdict(2), {b.call("read")});
  sema::ScopeId body = b.new_scope();
  b.override_(body);
  b.in(body).rule(errno_verdict(3), {b.call("read")});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Conflicts, WeakOnesCountOnlyWhereNothingStrongSpeaks) {
  PolicyBuilder b;
  uint32_t read = b.call("read").nr;
  b.fallback(errno_verdict(1), {read});
  b.fallback(errno_verdict(2), {read});
  EXPECT_EQ(reports(b.policy).size(), 1U);
  b.allow("read");
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Conflicts, OneStatementUsedTwicePointsAtTheUses) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read")});
  b.rule(errno_verdict(2), {b.call("read")});
  b.policy.places[1].span = b.policy.places[0].span;
  b.policy.places[1].uses = {{FileId(0U), 50, 60}};
  auto found = reports(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].span.begin, 50U);
}

// 2 * 40 pairs over arguments far apart: beyond any budget.
sema::CondId far_pairs(PolicyBuilder& b, uint32_t seed) {
  std::vector<sema::CondId> any;
  for (uint32_t i = 0; i < 40; ++i) {
    seed = seed * 1664525U + 1013904223U;
    any.push_back(b.all({b.eq(b.arg(0), seed), b.eq(b.arg(3), seed ^ 0x5555)}));
    any.push_back(b.all({b.eq(b.arg(1), seed), b.eq(b.arg(4), seed ^ 0x3333)}));
    any.push_back(b.all({b.eq(b.arg(2), seed), b.eq(b.arg(5), seed ^ 0x1111)}));
  }
  return b.any(std::move(any));
}

// The same twice over: too many alternatives to look at one by one, too.
sema::CondId far_pairs_of_pairs(PolicyBuilder& b, uint32_t seed) {
  return b.all({far_pairs(b, seed), far_pairs(b, seed + 100)});
}

TEST(Conflicts, BeyondTheBudgetAnEventMayStillShowThem) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("mmap", far_pairs(b, 1))});
  b.rule(errno_verdict(2), {b.call("mmap", far_pairs(b, 2))});
  auto found = reports(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, diag::kinds::DataConflict);
  EXPECT_NE(found[0].message.find("is answered with both errno(EPERM) and errno(ENOENT)"), std::string::npos);
}

TEST(Conflicts, BeyondTheBudgetWhatIsToldApartIsNoDoubt) {
  PolicyBuilder b;
  for (uint16_t number = 1; number <= 5; ++number) {
    sema::CondId own = b.compare(b.arg(0), sema::Compare::eq, number, 0xff);
    b.rule(errno_verdict(number), {b.call("mmap", b.all({own, far_pairs_of_pairs(b, number)}))});
  }
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Conflicts, BeyondTheBudgetACallIsOneReport) {
  PolicyBuilder b;
  for (uint16_t number = 1; number <= 5; ++number)
    b.rule(errno_verdict(number), {b.call("mmap", far_pairs_of_pairs(b, number))});
  auto found = reports(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].message, "cannot tell whether `mmap` is answered with both errno(EPERM) and errno(ENOENT)");
  ASSERT_EQ(found[0].notes.size(), 1U);
  EXPECT_EQ(found[0].notes[0], "the same question is open for 3 more of its answers");
}

// The diagram of a thousand stretches of 64 bits is beyond the budget; their tests tell where two meet.
TEST(Conflicts, OneMeetingOfAThousandStretchesIsFound) {
  PolicyBuilder b;
  for (uint16_t i = 1; i <= 1000; ++i) {
    const auto first = b.compare(b.arg(2, 64), sema::Compare::ge, i * 100);
    b.rule(errno_verdict(i),
           {b.call("write", b.all({first, b.compare(b.arg(2, 64), sema::Compare::lt, i * 100 + 100)}))});
  }
  EXPECT_TRUE(reports(b.policy).empty());
  b.rule(errno_verdict(2000), {b.call("write", b.all({b.eq(b.arg(0), 7), b.eq(b.arg(2, 64), 50050)}))});
  auto found = reports(b.policy);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, diag::kinds::DataConflict);
  EXPECT_NE(found[0].message.find("is answered with both errno(500) and errno(2000)"), std::string::npos);
}

TEST(Conflicts, BeyondTheBudgetTheyAreUndecidedAndTheRestStands) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("mmap", far_pairs_of_pairs(b, 1))});
  b.rule(errno_verdict(2), {b.call("mmap", far_pairs_of_pairs(b, 2))});
  b.allow("read");
  diag::Sink sink;
  auto program = lower(b.policy, sink);
  ASSERT_TRUE(program.has_value());
  ASSERT_EQ(sink.diagnostics().size(), 1U);
  EXPECT_EQ(sink.diagnostics()[0].kind, diag::kinds::DataConflictUndecided);
  EXPECT_EQ(sink.diagnostics()[0].message,
            "cannot tell whether `mmap` is answered with both errno(EPERM) and errno(ENOENT)");
  const ir::Section& section = program->sections[0];
  EXPECT_FALSE(program->functions[ir::function_of(section, b.call("mmap").nr).value].meaning.valid());
  EXPECT_TRUE(program->functions[ir::function_of(section, b.call("read").nr).value].meaning.valid());
  target::SeccompData data;
  data.arch = 0xC000003EU;
  data.nr = static_cast<int32_t>(b.call("mmap").nr);
  EXPECT_EQ(ir::interpret_clauses(*program, data), support::kKill);
  uint32_t first = 1U * 1664525U + 1013904223U;
  data.args[0] = first;
  data.args[3] = first ^ 0x5555;
  uint32_t second = 101U * 1664525U + 1013904223U;
  data.args[1] = second;
  data.args[4] = second ^ 0x3333;
  EXPECT_EQ(ir::interpret_clauses(*program, data), errno_verdict(1));
}

}  // namespace
}  // namespace sbpc::lower
