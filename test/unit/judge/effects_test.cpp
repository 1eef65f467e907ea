// Statements without effect are found, effective ones are left alone.
#include "judge/effects.h"

#include <gtest/gtest.h>

#include "diag/kinds/meaning.def"
#include "judge/judge.h"
#include "lower/lower.h"
#include "support/random_policy.h"
#include "support/reference_meaning.h"

namespace sbpc::judge {
namespace {

using diag::Kind;
namespace kinds = diag::kinds;
using support::errno_verdict;
using support::kAllow;
using support::kKill;
using support::PolicyBuilder;

// Kind and place of each report.
using Reports = std::vector<std::pair<Kind, uint32_t>>;

Reports reports(sema::Policy policy) {
  if (!policy.span.valid()) policy.span = {FileId(0U), 0, 0};
  diag::Sink sink;
  auto program = lower::lower(policy, sink);
  EXPECT_TRUE(program.has_value());
  judge(policy, *program, sink);
  Reports result;
  for (const diag::Diagnostic& diagnostic : sink.diagnostics())
    result.emplace_back(diagnostic.kind, diagnostic.span.begin);
  return result;
}

TEST(NeverDecides, ARuleUnderAStricterOne) {
  PolicyBuilder b;
  b.allow("read");
  b.rule(errno_verdict(1), {b.call("read")});
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::NeverDecides, 0}}));
}

TEST(NeverDecides, NamesTheOneThatDecides) {
  PolicyBuilder b;
  b.policy.span = {FileId(0U), 0, 0};
  b.allow("read");
  b.rule(errno_verdict(1), {b.call("read")});
  diag::Sink sink;
  auto program = lower::lower(b.policy, sink);
  judge(b.policy, *program, sink);
  ASSERT_EQ(sink.diagnostics().size(), 1U);
  ASSERT_EQ(sink.diagnostics()[0].labels.size(), 1U);
  EXPECT_EQ(sink.diagnostics()[0].labels[0].text, "this one decides `read` instead");
  EXPECT_EQ(sink.diagnostics()[0].labels[0].span.begin, 1U);
}

TEST(NeverDecides, OneCallOfAListIsEnoughToDecide) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read"), b.call("write")});
  b.rule(errno_verdict(1), {b.call("read")});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(NeverDecides, OneABIIsEnoughToDecide) {
  PolicyBuilder b({target::Abi::x86_64, target::Abi::i386});
  sema::PlaceId shared = b.place();
  for (size_t i = 0; i < 2; ++i) {
    b.on(i).rule(kAllow, {b.call("read")}).place = shared;
  }
  b.on(0).rule(errno_verdict(1), {b.call("read")});
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(NeverDecides, UnderAnOverride) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read")});
  sema::ScopeId body = b.new_scope();
  b.override_(body);
  b.in(body).allow("read");
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::NeverDecides, 0}}));
}

TEST(NeverDecides, ConditionsThatTogetherCoverIt) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.compare(b.arg(0), sema::Compare::lt, 10))});
  b.rule(errno_verdict(1), {b.call("read", b.compare(b.arg(0), sema::Compare::lt, 5))});
  b.rule(kKill, {b.call("read", b.compare(b.arg(0), sema::Compare::ge, 5))});
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::NeverDecides, 0}}));
}

TEST(NeverDecides, ImportedRulesAreTheirAuthorsBusiness) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  b.use(set);
  b.rule(errno_verdict(1), {b.call("read")});
  b.in(set).allow("read");
  b.policy.places[2].span.file = FileId(1U);
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(NeverDecides, WhatAParameterEmptiedIsAbsent) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.in_set(b.arg(0), {}))});
  b.policy.places[0].by_parameter = true;
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(NeverDecides, AContradictionThatNoSingleTestShows) {
  PolicyBuilder b;
  const auto one = b.eq(b.arg(0), 1);
  const auto two = b.eq(b.arg(0), 2);
  b.rule(kAllow, {b.call("read", b.all({b.any({one, two}), b.eq(b.arg(0), 3)}))});
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::NeverDecides, 0}}));
  b.policy.places[0].by_parameter = true;
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Override, ThatSaysWhatIsSaidAnyway) {
  PolicyBuilder b;
  b.allow("read");
  sema::ScopeId body = b.new_scope();
  b.override_(body);
  b.in(body).allow("read");
  Reports found = reports(b.policy);
  EXPECT_NE(std::find(found.begin(), found.end(), std::pair(kinds::OverrideNoEffect, 1U)), found.end());
}

TEST(Override, InAnImportedFileIsAWarning) {
  PolicyBuilder b;
  b.allow("read");
  sema::ScopeId body = b.new_scope();
  b.override_(body);
  b.in(body).allow("read");
  b.policy.places[1].span.file = FileId(1U);
  Reports found = reports(b.policy);
  EXPECT_NE(std::find(found.begin(), found.end(), std::pair(kinds::OverrideNoEffectImported, 1U)), found.end());
}

TEST(Override, ThatLoosensTightensOrSpeaksAtAllIsEffective) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read"), b.call("close")});
  b.allow("write");
  sema::ScopeId one = b.new_scope();
  sema::ScopeId two = b.new_scope();
  sema::ScopeId three = b.new_scope();
  b.override_(one);
  b.override_(two);
  b.override_(three);
  b.in(one).allow("read");
  b.in(two).rule(errno_verdict(1), {b.call("write", b.eq(b.arg(0), 2))});
  b.in(three).allow("openat");
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Override, ThatAnotherOutvotesChangesNothing) {
  PolicyBuilder b;
  b.allow("read");
  sema::ScopeId one = b.new_scope();
  sema::ScopeId two = b.new_scope();
  b.override_(one);
  b.override_(two);
  b.in(one).rule(kKill, {b.call("read")});
  b.in(two).rule(errno_verdict(1), {b.call("read", b.eq(b.arg(0), 2))});
  Reports found = reports(b.policy);
  EXPECT_NE(std::find(found.begin(), found.end(), std::pair(kinds::OverrideNoEffect, 2U)), found.end());
}

TEST(Except, ThatRemovesNothing) {
  PolicyBuilder b;
  b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))}).except = {b.call("write"), b.call("read", b.eq(b.arg(0), 2))};
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::ExceptNoEffect, 0}}));
}

TEST(Except, ThatRemovesOnlyTheElse) {
  PolicyBuilder b;
  sema::Rule& rule = b.rule(kAllow, {b.call("read", b.eq(b.arg(0), 1))});
  rule.except = {b.call("read", b.eq(b.arg(0), 2))};
  rule.otherwise = errno_verdict(1);
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::ExceptNoEffect, 0}}));
  b.scope().rules[0].except = {b.call("read")};
  Reports found = reports(b.policy);
  EXPECT_EQ(std::count(found.begin(), found.end(), std::pair(kinds::ExceptNoEffect, 0U)), 0);
}

TEST(Except, ThatTakesAll) {
  PolicyBuilder b;
  b.rule(errno_verdict(1), {b.call("read", b.eq(b.arg(0), 1))}).except = {b.call("read", b.in_set(b.arg(0), {{0, 4}}))};
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::ExceptTakesAll, 0}}));
  b.policy.places[0].by_parameter = true;
  EXPECT_TRUE(reports(b.policy).empty());
  b.policy.places[0].by_parameter = false;
  b.scope().rules[0].otherwise = errno_verdict(2);
  EXPECT_TRUE(reports(b.policy).empty()) << "the else still answers";
}

TEST(Except, ThatTakesAllOfAnAssertion) {
  PolicyBuilder b;
  b.assertion(false, target::Action::allow, {b.call("read")}).except = {b.call("read")};
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::ExceptTakesAll, 0}}));
  b.abi().assertions[0].is_cut = true;
  EXPECT_TRUE(reports(b.policy).empty()) << "an except of a use took the rest";
}

TEST(Except, ThatTakesAllOnOneABIOnly) {
  PolicyBuilder b({target::Abi::x86_64, target::Abi::i386});
  const sema::PlaceId shared = b.place();
  b.on(0).rule(errno_verdict(1), {b.call("settimeofday")}).except = {b.call("settimeofday")};
  b.scope().rules[0].place = shared;
  b.on(1).rule(errno_verdict(1), {b.call("stime"), b.call("settimeofday")}).except = {b.call("settimeofday")};
  b.scope().rules[0].place = shared;
  EXPECT_TRUE(reports(b.policy).empty());
}

TEST(Except, OfAUseThatDoesNotHaveTheCall) {
  PolicyBuilder b;
  sema::ScopeId set = b.new_scope();
  b.use(set, {b.call("write")});
  b.in(set).allow("read");
  EXPECT_EQ(reports(b.policy), (Reports{{kinds::ExceptNoEffect, 0}}));
  b.in(sema::ScopeId(0U)).scope().uses[0].except = {b.call("write"), b.call("read", b.eq(b.arg(0), 1))};
  EXPECT_TRUE(reports(b.policy).empty());
}

// A rule that is called idle decides no event; an override in the root that is called idle can be left out.
TEST(Effects, AreSoundOnRandomPolicies) {
  size_t idle_rules = 0;
  size_t idle_overrides = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    support::RandomPolicy random(seed);
    support::ReferenceMeaning reference(random.policy(), random.holes);
    diag::Sink probe;
    if (!lower::lower(random.policy(), probe)) continue;
    for (auto [kind, place] : reports(random.policy())) {
      if (kind == kinds::NeverDecides) {
        ++idle_rules;
        for (int i = 0; i < 60; ++i) {
          for (auto [datum, voice] : reference.closed(random.event()).voices) {
            if (voice != place) continue;
            // An else of the same statement may decide; its strong half may not.
            bool strong = false;
            for (const sema::AbiPolicy& abi : random.policy().abis) {
              for (const sema::Scope& scope : abi.scopes) {
                for (const sema::Rule& rule : scope.rules)
                  strong = strong || (rule.place.value == place && !rule.otherwise);
                for (const sema::Require& require : scope.requires_) strong = strong || require.place.value == place;
              }
            }
            EXPECT_FALSE(strong) << seed << " place " << place;
          }
        }
      } else if (kind == kinds::OverrideNoEffect) {
        sema::Policy without = random.policy();
        bool in_root = false;
        for (sema::AbiPolicy& abi : without.abis) {
          in_root = in_root || std::erase_if(abi.scopes[abi.root.value].overrides,
                                             [&](const sema::Override& o) { return o.place.value == place; }) != 0;
        }
        if (!in_root) continue;
        ++idle_overrides;
        support::ReferenceMeaning other(without, random.holes);
        for (int i = 0; i < 60; ++i) {
          target::SeccompData data = random.event();
          EXPECT_EQ(reference.closed(data).action, other.closed(data).action) << seed;
          EXPECT_EQ(reference.closed(data).data(), other.closed(data).data()) << seed;
        }
      }
    }
  }
  EXPECT_GT(idle_rules, 200U);
  EXPECT_GT(idle_overrides, 50U);
}

// The other way round, where it can be told without diagrams: what decides some random event is not called idle.
TEST(Effects, WhatDecidesIsNotCalledIdle) {
  size_t deciders = 0;
  for (uint64_t seed = 3000; seed < 4000; ++seed) {
    support::RandomPolicy random(seed);
    diag::Sink probe;
    if (!lower::lower(random.policy(), probe)) continue;
    support::ReferenceMeaning reference(random.policy(), random.holes);
    Reports found = reports(random.policy());
    for (const sema::AbiPolicy& abi : random.policy().abis) {
      for (const sema::Rule& rule : abi.scopes[abi.root.value].rules) {
        if (rule.otherwise) continue;
        bool idle =
            std::find(found.begin(), found.end(), std::pair(kinds::NeverDecides, rule.place.value)) != found.end();
        for (int i = 0; i < 30; ++i) {
          for (auto [datum, voice] : reference.closed(random.event()).voices) {
            if (voice != rule.place.value) continue;
            ++deciders;
            EXPECT_FALSE(idle) << seed;
          }
        }
      }
    }
  }
  EXPECT_GT(deciders, 1'000U);
}

}  // namespace
}  // namespace sbpc::judge
