// effects.cpp: collects per span of text whether it ever has an effect; reports the spans that never have.
//
// One text is many statements: one per ABI and per set of parameters. What an `override` changes is judged in its own
// scope, so that the answer does not depend on who uses a rule set; whether a rule decides is judged on the closed
// answers. Where a parameter's value has emptied a statement it is as if it were not written; what its text alone
// makes empty is reported. Tested by test/unit/judge/effects_test.cpp and test/diag/{Override,Except,NeverDecides}*.sb.
#include "judge/effects.h"

#include <algorithm>
#include <set>
#include <span>

#include "base/limits.h"
#include "diag/kinds/meaning.def"
#include "judge/idle.h"
#include "judge/reach.h"
#include "judge/sample.h"
#include "judge/texts.h"
#include "lower/decide.h"
#include "lower/event_text.h"

namespace sbpc::judge {
namespace {

using ir::CondId;
using ir::Ref;
using lower::Part;
using lower::Saying;
using lower::Sayings;

// ---- override ----

// With other values of parameters other conditions and actions may stand in the scope.
bool depends_on_values(const View& view, const sema::Scope& scope) {
  const auto by_value = [&](const auto& statement) { return !is_literal(view, statement.place); };
  return scope.has_untaken || std::any_of(scope.rules.begin(), scope.rules.end(), by_value) ||
         std::any_of(scope.requires_.begin(), scope.requires_.end(), by_value) ||
         std::any_of(scope.overrides.begin(), scope.overrides.end(), by_value);
}

void look_at_overrides(View& view, Texts& effects) {
  for (sema::ScopeId id : view.scopes) {
    const sema::Scope& scope = view.abi.scopes[id.value];
    const std::vector<bool> effective = effective_overrides(view, id, std::vector<bool>(scope.overrides.size()));
    const bool by_value = depends_on_values(view, scope);
    for (size_t i = 0; i < scope.overrides.size(); ++i) {
      const sema::PlaceId place = scope.overrides[i].place;
      const bool is_excused = by_value && is_own(view.policy, view.policy.places[place.value].span);
      if (!is_silent(view, id, i)) effects.seen(view, place, effective[i] || is_excused);
    }
  }
}

// ---- except ----

// What a parameter's value has emptied is as if it were not written.
bool excludes_something(View& view, const std::vector<sema::Target>& except) {
  std::vector<lower::Exclusion> all = lower::exclusions(except, view.conditions);
  return std::any_of(all.begin(), all.end(),
                     [&](const lower::Exclusion& e) { return e.events != view.program.conds.never(); });
}

// With another value of a parameter the exception may take something: it names a call that the rule speaks of.
bool may_remove(const View& view, const sema::Rule& rule) {
  if (is_literal(view, rule.place) || !is_own(view.policy, view.policy.places[rule.place.value].span)) return false;
  return std::any_of(rule.targets.begin(), rule.targets.end(), [&](const sema::Target& target) {
    return std::any_of(rule.except.begin(), rule.except.end(),
                       [&](const sema::Target& other) { return other.nr == target.nr; });
  });
}

// The same of a set that is used: by its own parameters, and those of the sets that it uses.
bool may_remove(const View& view, const sema::Use& use, const sema::Scope& scope) {
  const auto is_excepted = [&](const sema::Target& target) {
    return std::ranges::any_of(use.except, [&](const sema::Target& other) { return other.nr == target.nr; });
  };
  const auto may_speak = [&](const auto& statement) {
    return !is_literal(view, statement.place) && std::ranges::any_of(statement.targets, is_excepted);
  };
  const auto may_within = [&](const auto& inner) { return may_remove(view, use, view.abi.scopes[inner.scope.value]); };
  return scope.has_untaken || std::ranges::any_of(scope.rules, may_speak) ||
         std::ranges::any_of(scope.uses, may_within) || std::ranges::any_of(scope.overrides, may_within);
}

bool may_remove(const View& view, const sema::Use& use) {
  return is_own(view.policy, view.policy.places[use.place.value].span) &&
         may_remove(view, use, view.abi.scopes[use.scope.value]);
}

void look_at_excepts(View& view, Texts& effects) {
  for (sema::ScopeId id : view.scopes) {
    const sema::Scope& scope = view.abi.scopes[id.value];
    for (const sema::Rule& rule : scope.rules) {
      bool open = excludes_something(view, rule.except) && !effects.settled(view, rule.place);
      if (open) effects.seen(view, rule.place, may_remove(view, rule) || removes(view, rule));
    }
    for (const sema::Use& use : scope.uses) {
      bool open = excludes_something(view, use.except) && !effects.settled(view, use.place);
      if (open) effects.seen(view, use.place, may_remove(view, use) || removes(view, use));
    }
  }
}

// ---- except that leaves nothing ----

void look_at_emptied(View& view, Texts& effects) {
  const auto look_at = [&](const auto& statement) {
    if (statement.except.empty() || !is_literal(view, statement.place) || effects.settled(view, statement.place))
      return;
    effects.seen(view, statement.place, !takes_all(view, statement));
  };
  for (sema::ScopeId id : view.scopes) {
    for (const sema::Rule& rule : view.abi.scopes[id.value].rules) look_at(rule);
    for (const sema::Use& use : view.abi.scopes[id.value].uses) {
      if (use.except.empty() || effects.settled(view, use.place)) continue;
      const bool is_excused = !is_literal(view, use.place) || may_remove(view, use);
      effects.seen(view, use.place, is_excused || !takes_all(view, use));
    }
  }
  for (const sema::Assertion& assertion : view.abi.assertions) {
    if (!assertion.is_cut) look_at(assertion);
  }
}

// ---- rules that never decide ----

struct PlacedPart {
  Part part;
  sema::ScopeId scope;
  bool is_absent;  // as if it were not written
};

// What a rule adds to S. A target that is written as `never` is absent: sema has warned of it, or a parameter's value
// made it so. What an `except` takes is another question.
void add_placed(View& view, const sema::Rule& rule, sema::ScopeId scope, std::vector<PlacedPart>& out) {
  std::vector<Part> parts;
  lower::add_parts(rule, view.conditions, parts);
  std::erase_if(parts, [](const Part& part) { return part.weak; });
  for (size_t i = 0; i < parts.size(); ++i) {  // one for each target
    const sema::Condition& written = view.abi.conditions[rule.targets[i].when.value];
    const bool is_never = parts[i].when == view.program.conds.never();
    const bool is_absent = is_never && (written.kind == sema::Condition::Kind::never || !rule.except.empty());
    out.push_back({parts[i], scope, is_absent});
  }
}

void add_placed(View& view, const sema::Require& require, sema::ScopeId scope, std::vector<PlacedPart>& out) {
  std::vector<Part> parts;
  lower::add_parts(require, view.conditions, parts);
  for (const Part& part : parts) out.push_back({part, scope, part.when == view.program.conds.never()});
}

// `reach`: where what the part's scope says is heard, as strongly as the part is said.
bool decides(View& view, const Part& part, CondId reach) {
  Ref answer = view.answer(part.nr);
  if (!answer.valid()) return true;
  CondId when = view.program.conds.all({part.when, reach});
  ir::Diagram& diagram = view.program.diagram;
  const auto says_it = [&](uint32_t payload) { return target::decode(payload).action == part.verdict.action; };
  const auto one = sample(view.program.conds, when);
  if (one && says_it(answer_on(diagram, answer, *one))) return true;
  bool found = true;
  bool fits = view.workshop.part([&] {
    Ref answers = view.workshop.diagrams.choose(when, answer, diagram.none());
    if (!answers.valid()) return;
    found =
        diagram.witness(answers, [&](uint32_t payload) { return payload != ir::Diagram::kNone && says_it(payload); })
            .has_value();
  });
  return !fits || found;
}

// Numbers on which something may stand above a statement: an override, or an `except` of a `use`.
std::set<uint32_t> masked_numbers(const View& view) {
  std::set<uint32_t> result;
  for (sema::ScopeId id : view.scopes) {
    for (const Sayings& sayings : view.sayings[id.value].overrides) {
      for (const Saying& saying : sayings) result.insert(saying.nr);
    }
    for (const sema::Use& use : view.abi.scopes[id.value].uses) {
      for (const sema::Target& target : use.except) result.insert(target.nr);
    }
  }
  return result;
}

// No event fits, though no single test says so: `(flags has A || flags has B), flags lacks A | B`.
bool is_contradiction(View& view, CondId when) { return !sample(view.program.conds, when) && !view.may_hold(when); }

void look_at_call(View& view, std::span<const PlacedPart> parts, bool masked, Texts& effects) {
  auto stricter = [](const PlacedPart& a, const PlacedPart& b) {
    return a.part.verdict.action < b.part.verdict.action;
  };
  target::Action strictest = std::min_element(parts.begin(), parts.end(), stricter)->part.verdict.action;
  std::optional<Reach> reach;
  for (const PlacedPart& placed : parts) {
    const Part& part = placed.part;
    if (placed.is_absent || effects.settled(view, part.place)) continue;
    if (!is_own(view.policy, view.policy.places[part.place.value].span)) continue;
    if (is_contradiction(view, part.when)) {
      if (is_literal(view, part.place)) effects.seen(view, part.place, false);
      continue;
    }
    bool decided = !masked && part.verdict.action == strictest;
    if (!decided) {
      if (!reach) reach.emplace(view, part.nr);
      decided = decides(view, part, reach->strong(placed.scope));
    }
    effects.seen(view, part.place, decided);
  }
}

void look_at_rules(View& view, Texts& effects) {
  std::vector<PlacedPart> placed;
  for (sema::ScopeId id : view.scopes) {
    const sema::Scope& scope = view.abi.scopes[id.value];
    for (const sema::Rule& rule : scope.rules) add_placed(view, rule, id, placed);
    for (const sema::Require& require : scope.requires_) add_placed(view, require, id, placed);
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const PlacedPart& a, const PlacedPart& b) { return a.part.nr < b.part.nr; });
  std::set<uint32_t> masked = masked_numbers(view);
  const PlacedPart* end_of_all = placed.data() + placed.size();
  for (const PlacedPart *begin = placed.data(), *end = begin; begin != end_of_all; begin = end) {
    end = std::find_if(begin, end_of_all, [&](const PlacedPart& other) { return other.part.nr != begin->part.nr; });
    look_at_call(view, {begin, end}, masked.contains(begin->part.nr), effects);
  }
}

// The statement that decides instead, on some event that the idle one matches. Without such an event its
// conditions contradict each other.
SharedIdle::More decider_of(std::vector<View>& views, sema::PlaceId place) {
  bool fits_a_call = false;
  for (View& view : views) {
    std::vector<Part> parts;
    for (sema::ScopeId id : view.scopes) {
      for (const sema::Rule& rule : view.abi.scopes[id.value].rules) {
        if (rule.place == place) lower::add_parts(rule, view.conditions, parts);
      }
      for (const sema::Require& require : view.abi.scopes[id.value].requires_) {
        if (require.place == place) lower::add_parts(require, view.conditions, parts);
      }
    }
    for (const Part& part : parts) {
      if (part.weak || !view.may_hold(part.when)) continue;
      fits_a_call = true;
      const std::optional<ir::Diagram::Witness> witness = view.example(part.nr, part.when);
      if (!witness) continue;
      for (const lower::Voice& voice : lower::decide(view.policy, view.program.diagram, *witness).voices) {
        if (voice.fate != lower::Voice::Fate::decides) continue;
        return {std::pair(view.policy.places[voice.place.value].span,
                          "this one decides `" + lower::call_text(view.abi, part.nr) + "` instead"),
                {},
                false};
      }
    }
  }
  return {std::nullopt, fits_a_call ? std::string() : "it is left with no call that it could decide", false};
}

// Whether an `else` of the text answers any call, on any ABI.
bool else_decides(std::vector<View>& views, Span span) {
  for (View& view : views) {
    for (sema::ScopeId id : view.scopes) {
      for (const sema::Rule& rule : view.abi.scopes[id.value].rules) {
        if (!rule.otherwise || view.policy.places[rule.place.value].span != span) continue;
        std::vector<Part> parts;
        lower::add_parts(rule, view.conditions, parts);
        for (const Part& part : parts) {
          if (part.weak && decides(view, part, Reach(view, part.nr).weak(id))) return true;
        }
      }
    }
  }
  return false;
}

// Texts that are wrong in the policy's own body at once, those of rule sets once all policies have been asked.
struct Told {
  const sema::Policy& policy;
  SharedIdle& shared;
  diag::Sink& sink;

  void operator()(const Texts& texts, diag::Kind own, diag::Kind imported) const {
    texts.for_each([&](Span span, sema::PlaceId place) {
      tell(is_own(policy, span) ? own : imported, span, place, [] { return SharedIdle::More{}; });
    });
  }
  template <class More>
  void tell(diag::Kind kind, Span span, sema::PlaceId place, More more) const {
    if (!place.valid()) {
      shared.does_something(kind, span);
    } else if (policy.places[place.value].uses.empty()) {
      SharedIdle::tell(kind, span, more(), sink);
    } else {
      shared.does_nothing(kind, span, more());
    }
  }
};

}  // namespace

void report_no_effect(std::vector<View>& views, SharedIdle& shared, diag::Sink& sink) {
  Texts overrides;
  Texts excepts;
  Texts emptied;
  Texts rules;
  for (View& view : views) {
    look_at_overrides(view, overrides);
    look_at_excepts(view, excepts);
    look_at_emptied(view, emptied);
    look_at_rules(view, rules);
  }
  const Told told{views[0].policy, shared, sink};
  told(overrides, diag::kinds::OverrideNoEffect, diag::kinds::OverrideNoEffectImported);
  told(excepts, diag::kinds::ExceptNoEffect, diag::kinds::ExceptNoEffectImported);
  told(emptied, diag::kinds::ExceptTakesAll, diag::kinds::ExceptTakesAllImported);
  rules.for_each([&](Span span, sema::PlaceId place) {
    if (emptied.is_idle(span)) return;
    told.tell(diag::kinds::NeverDecides, span, place, [&] {
      const bool is_shown = sink.diagnostics().size() < limits::kDiagnostics;
      SharedIdle::More more = is_shown ? decider_of(views, place) : SharedIdle::More{};
      more.else_decides = else_decides(views, span);
      return more;
    });
  });
}

}  // namespace sbpc::judge
