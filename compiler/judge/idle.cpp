// idle.cpp: each override against all others of its scope, by call; each `except` against what it is taken from.
//
// Tested by test/unit/judge/effects_test.cpp.
#include "judge/idle.h"

#include <algorithm>
#include <map>
#include <span>

#include "judge/assertions.h"
#include "judge/necessary.h"
#include "judge/reach.h"
#include "lower/parts.h"

namespace sbpc::judge {
namespace {

using ir::Ref;
using lower::Part;
using lower::Saying;
using lower::Sayings;

Ref meaning(const lower::Speech& speech, View& view) {
  return lower::meaning_over(speech, view.program.diagram.none(), view.workshop);
}

// One call of a scope: the overrides that name it, by index, and what each says.
struct Overridden {
  std::vector<size_t> indices;
  std::vector<const Saying*> sayings;
};

using Side = lower::Speech Saying::*;  // strong or weak

void look_at_overrides_of_call(View& view, const Overridden& call, const Saying* base, std::vector<bool>& effective) {
  ir::Diagram& diagram = view.program.diagram;
  for (const Side side : {&Saying::strong, &Saying::weak}) {
    std::vector<Ref> overrides;
    Ref below = diagram.none();
    bool fits = view.workshop.part([&] {
      for (const Saying* saying : call.sayings) overrides.push_back(meaning(saying->*side, view));
      if (base != nullptr) below = meaning(base->*side, view);
    });
    diagram.begin_part();
    std::vector<bool> found = fits ? necessary(diagram, overrides, below) : std::vector<bool>();
    fits = fits && !diagram.overflowed();
    diagram.drop_part();
    for (size_t i = 0; i < call.indices.size(); ++i) {  // what outgrows its budget is not called idle
      if (!fits || found[i]) effective[call.indices[i]] = true;
    }
  }
}

std::map<uint32_t, Overridden> by_call(const lower::ScopeSayings& scope, const std::vector<bool>& left_out) {
  std::map<uint32_t, Overridden> result;
  for (size_t i = 0; i < scope.overrides.size(); ++i) {
    if (left_out[i]) continue;
    for (const Saying& saying : scope.overrides[i]) {
      Overridden& call = result[saying.nr];
      call.indices.push_back(i);
      call.sayings.push_back(&saying);
    }
  }
  return result;
}

}  // namespace

std::vector<bool> effective_overrides(View& view, sema::ScopeId scope, const std::vector<bool>& left_out) {
  const lower::ScopeSayings& sayings = view.sayings[scope.value];
  std::vector<bool> effective(left_out.size());
  for (const auto& [nr, call] : by_call(sayings, left_out)) {
    look_at_overrides_of_call(view, call, lower::find_saying(sayings.base, nr), effective);
  }
  return effective;
}

bool is_silent(const View& view, sema::ScopeId scope, size_t override_index) {
  const Sayings& own = view.sayings[scope.value].overrides[override_index];
  return std::all_of(own.begin(), own.end(),
                     [](const Saying& saying) { return saying.strong.clauses.empty() && saying.weak.clauses.empty(); });
}

bool removes(View& view, const sema::Rule& rule) {
  sema::Rule whole = rule;
  whole.except.clear();
  std::vector<Part> parts;
  lower::add_parts(whole, view.conditions, parts);
  std::vector<lower::Exclusion> except = lower::exclusions(rule.except, view.conditions);
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    const lower::Exclusion* out_of = lower::find_exclusion(except, part.nr);
    if (out_of == nullptr) return false;
    return view.may_hold(view.program.conds.all({part.when, part.weak ? out_of->named : out_of->events}));
  });
}

bool removes(View& view, const sema::Use& use) {
  const Sayings& set = view.sayings[use.scope.value].all;
  ir::Conds& conds = view.program.conds;
  for (const lower::Exclusion& out_of : lower::exclusions(use.except, view.conditions)) {
    const Saying* saying = lower::find_saying(set, out_of.nr);
    if (saying == nullptr) continue;
    if (view.may_hold(conds.all({speaks(saying->strong.clauses, conds), out_of.events}))) return true;
    if (view.may_hold(conds.all({speaks(saying->weak.clauses, conds), out_of.named}))) return true;
  }
  return false;
}

bool takes_all(View& view, const sema::Rule& rule) {
  const auto says_something = [&](const sema::Rule& one) {
    std::vector<Part> parts;
    lower::add_parts(one, view.conditions, parts);
    return std::any_of(parts.begin(), parts.end(), [&](const Part& part) { return view.may_hold(part.when); });
  };
  if (rule.except.empty() || says_something(rule)) return false;
  sema::Rule whole = rule;
  whole.except.clear();
  return says_something(whole);
}

bool takes_all(View& view, const sema::Use& use) {
  const Span own = view.policy.places[use.place.value].span;
  const bool asserts = std::any_of(view.abi.assertions.begin(), view.abi.assertions.end(), [&](const auto& assertion) {
    const std::vector<Span>& uses = view.policy.places[assertion.place.value].uses;
    return std::find(uses.begin(), uses.end(), own) != uses.end();
  });
  return !asserts && takes_all_rules(view, use);
}

bool takes_all_rules(View& view, const sema::Use& use) {
  if (use.except.empty()) return false;
  ir::Conds& conds = view.program.conds;
  const std::vector<lower::Exclusion> except = lower::exclusions(use.except, view.conditions);
  bool is_empty = true;
  for (const Saying& saying : view.sayings[use.scope.value].all) {
    const ir::CondId strong = speaks(saying.strong.clauses, conds);
    const ir::CondId weak = speaks(saying.weak.clauses, conds);
    is_empty = is_empty && strong == conds.never() && weak == conds.never();
    const lower::Exclusion* out_of = lower::find_exclusion(except, saying.nr);
    if (out_of == nullptr) return false;
    if (view.may_hold(conds.all({strong, conds.negation(out_of->events)}))) return false;
    if (view.may_hold(conds.all({weak, conds.negation(out_of->named)}))) return false;
  }
  return !is_empty;
}

bool takes_all(View& view, const sema::Assertion& assertion) {
  const auto says_something = [&](const sema::Assertion& one) {
    const std::vector<uint32_t> numbers = numbers_of(one);
    return std::any_of(numbers.begin(), numbers.end(),
                       [&](uint32_t nr) { return view.may_hold(matching(one, nr, view.conditions)); });
  };
  if (assertion.except.empty() || says_something(assertion)) return false;
  sema::Assertion whole = assertion;
  whole.except.clear();
  return says_something(whole);
}

}  // namespace sbpc::judge
