// effects.cpp: collects per span of text whether it ever has an effect; reports the spans that never have.
//
// One text is many statements: one per ABI and per set of parameters. What an `override` changes is judged in its own scope, so that the
// answer does not depend on who uses a rule set; whether a rule decides is judged on the closed answers.
// Tested by test/unit/judge/effects_test.cpp and test/diag/{Override,Except,NeverDecides}*.sb.
#include "judge/effects.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "diag/kinds/meaning.def"
#include "judge/reach.h"
#include "lower/decide.h"
#include "lower/event_text.h"

namespace sbpc::judge {
namespace {

using ir::CondId;
using ir::Ref;
using lower::Part;
using lower::Saying;
using lower::Sayings;

// By span: the place of one statement with this text while none has had an effect.
class Effects {
 public:
  void seen(const View& view, sema::PlaceId place, bool is_effective) {
    Span span = view.policy.places[place.value].span;
    auto [entry, is_new] = texts_.try_emplace(span, place);
    if (is_effective) entry->second = sema::PlaceId();
  }
  [[nodiscard]] bool settled(const View& view, sema::PlaceId place) const {
    auto entry = texts_.find(view.policy.places[place.value].span);
    return entry != texts_.end() && !entry->second.valid();
  }
  template <class Report>
  void for_each_idle(Report report) const {
    for (const auto& [span, place] : texts_) {
      if (place.valid()) report(span, place);
    }
  }

 private:
  std::map<Span, sema::PlaceId> texts_;
};

bool is_own(const sema::Policy& policy, Span span) { return span.file == policy.span.file; }

// ---- override ----

Ref meaning(const lower::Speech& speech, View& view) {
  return lower::meaning_over(speech, view.program.diagram.none(), view.workshop);
}

// S and W of one call.
struct Sides {
  Ref strong;
  Ref weak;
  bool operator==(const Sides&) const = default;
};

Sides sides(const Saying& saying, View& view) { return {meaning(saying.strong, view), meaning(saying.weak, view)}; }

// Which of a scope's overrides of one call matter: those without which the answer would be another one. "All but one" is made by halves,
// so that n overrides cost n log n merges.
class AllButOne {
 public:
  AllButOne(ir::Diagram& diagram, std::span<const Sides> overrides, const Sides& base)
      : diagram_(diagram), overrides_(overrides), base_(base), matters_(overrides.size()) {}

  std::vector<bool> matters() {
    const Sides nothing{diagram_.none(), diagram_.none()};
    all_ = over_base(merged(nothing, 0, overrides_.size()));
    split(nothing, 0, overrides_.size());
    return matters_;
  }

 private:
  Sides merged(Sides result, size_t first, size_t last) {
    for (const Sides& one : overrides_.subspan(first, last - first)) {
      result = {diagram_.strictest(result.strong, one.strong), diagram_.strictest(result.weak, one.weak)};
    }
    return result;
  }
  Sides over_base(const Sides& top) { return {diagram_.over(top.strong, base_.strong), diagram_.over(top.weak, base_.weak)}; }

  void split(const Sides& others, size_t first, size_t last) {
    if (last - first == 1) {
      matters_[first] = over_base(others) != all_;
      return;
    }
    const size_t middle = (first + last) / 2;
    split(merged(others, middle, last), first, middle);
    split(merged(others, first, middle), middle, last);
  }

  ir::Diagram& diagram_;
  std::span<const Sides> overrides_;
  const Sides& base_;
  std::vector<bool> matters_;
  Sides all_;
};

// One call of a scope: the overrides that name it, by index, and what each says.
struct Overridden {
  std::vector<size_t> indices;
  std::vector<const Saying*> sayings;
};

void look_at_overrides_of_call(View& view, const Overridden& call, const Saying* base, std::vector<bool>& effective) {
  std::vector<Sides> overrides;
  Sides below;
  bool fits = view.workshop.part([&] {
    for (const Saying* saying : call.sayings) overrides.push_back(sides(*saying, view));
    below = base == nullptr ? Sides{view.program.diagram.none(), view.program.diagram.none()} : sides(*base, view);
  });
  std::vector<bool> matters(call.indices.size(), true);  // what outgrows its budget is not called idle
  if (fits) {
    ir::Diagram& diagram = view.program.diagram;
    diagram.begin_part();
    std::vector<bool> found = AllButOne(diagram, overrides, below).matters();
    if (!diagram.overflowed()) matters = std::move(found);
    diagram.drop_part();
  }
  for (size_t i = 0; i < matters.size(); ++i) {
    if (matters[i]) effective[call.indices[i]] = true;
  }
}

std::map<uint32_t, Overridden> by_call(const lower::ScopeSayings& scope) {
  std::map<uint32_t, Overridden> result;
  for (size_t i = 0; i < scope.overrides.size(); ++i) {
    for (const Saying& saying : scope.overrides[i]) {
      Overridden& call = result[saying.nr];
      call.indices.push_back(i);
      call.sayings.push_back(&saying);
    }
  }
  return result;
}

void look_at_overrides(View& view, Effects& effects) {
  for (sema::ScopeId id : view.scopes) {
    const sema::Scope& scope = view.abi.scopes[id.value];
    const lower::ScopeSayings& sayings = view.sayings[id.value];
    std::vector<bool> effective(scope.overrides.size());
    for (const auto& [nr, call] : by_call(sayings)) {
      look_at_overrides_of_call(view, call, lower::find_saying(sayings.base, nr), effective);
    }
    for (size_t i = 0; i < scope.overrides.size(); ++i) {
      const Sayings& own = sayings.overrides[i];
      bool silent = std::all_of(own.begin(), own.end(), [](const Saying& saying) {
        return saying.strong.clauses.empty() && saying.weak.clauses.empty();
      });
      if (!silent) effects.seen(view, scope.overrides[i].place, effective[i]);  // silent: a parameter's value has emptied it
    }
  }
}

// ---- except ----

// What a parameter's value has emptied is as if it were not written.
bool excludes_something(View& view, const std::vector<sema::Target>& except) {
  std::vector<lower::Exclusion> all = lower::exclusions(except, view.conditions);
  return std::any_of(all.begin(), all.end(), [&](const lower::Exclusion& e) { return e.events != view.program.conds.never(); });
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

void look_at_excepts(View& view, Effects& effects) {
  for (sema::ScopeId id : view.scopes) {
    const sema::Scope& scope = view.abi.scopes[id.value];
    for (const sema::Rule& rule : scope.rules) {
      bool open = excludes_something(view, rule.except) && !effects.settled(view, rule.place);
      if (open) effects.seen(view, rule.place, removes(view, rule));
    }
    for (const sema::Use& use : scope.uses) {
      bool open = excludes_something(view, use.except) && !effects.settled(view, use.place);
      if (open) effects.seen(view, use.place, removes(view, use));
    }
  }
}

// ---- rules that never decide ----

struct PlacedPart {
  Part part;
  sema::ScopeId scope;
};

bool decides(View& view, const PlacedPart& placed, const Reach& reach) {
  Ref answer = view.answer(placed.part.nr);
  if (!answer.valid()) return true;
  CondId when = view.program.conds.all({placed.part.when, reach.strong(placed.scope)});
  ir::Diagram& diagram = view.program.diagram;
  bool found = true;
  bool fits = view.workshop.part([&] {
    Ref answers = view.workshop.diagrams.choose(when, answer, diagram.none());
    if (!answers.valid()) return;
    found = diagram.witness(answers, [&](uint32_t payload) {
      return payload != ir::Diagram::kNone && target::decode(payload).action == placed.part.verdict.action;
    }).has_value();
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

// A statement that could never match (a parameter's value may make it so) is not idle, it is absent.
void look_at_call(View& view, std::span<const PlacedPart> parts, bool masked, Effects& effects) {
  auto stricter = [](const PlacedPart& a, const PlacedPart& b) { return a.part.verdict.action < b.part.verdict.action; };
  target::Action strictest = std::min_element(parts.begin(), parts.end(), stricter)->part.verdict.action;
  std::optional<Reach> reach;
  for (const PlacedPart& placed : parts) {
    const Part& part = placed.part;
    if (part.when == view.program.conds.never() || effects.settled(view, part.place)) continue;
    if (!is_own(view.policy, view.policy.places[part.place.value].span)) continue;
    bool decided = !masked && part.verdict.action == strictest;
    if (!decided) {
      if (!reach) reach.emplace(view, part.nr);
      decided = decides(view, placed, *reach);
    }
    effects.seen(view, part.place, decided);
  }
}

void look_at_rules(View& view, Effects& effects) {
  std::vector<PlacedPart> placed;
  for (sema::ScopeId id : view.scopes) {
    const sema::Scope& scope = view.abi.scopes[id.value];
    std::vector<Part> parts;
    for (const sema::Rule& rule : scope.rules) lower::add_parts(rule, view.conditions, parts);
    for (const sema::Require& require : scope.requires_) lower::add_parts(require, view.conditions, parts);
    for (const Part& part : parts) {
      if (!part.weak) placed.push_back({part, id});
    }
  }
  std::stable_sort(placed.begin(), placed.end(), [](const PlacedPart& a, const PlacedPart& b) { return a.part.nr < b.part.nr; });
  std::set<uint32_t> masked = masked_numbers(view);
  const PlacedPart* end_of_all = placed.data() + placed.size();
  for (const PlacedPart *begin = placed.data(), *end = begin; begin != end_of_all; begin = end) {
    end = std::find_if(begin, end_of_all, [&](const PlacedPart& other) { return other.part.nr != begin->part.nr; });
    look_at_call(view, {begin, end}, masked.contains(begin->part.nr), effects);
  }
}

// The statement that decides instead, on some event that the idle one matches.
void name_decider(std::vector<View>& views, sema::PlaceId place, diag::Builder& report) {
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
      std::optional<ir::Diagram::Witness> witness = part.weak ? std::nullopt : view.example(part.nr, part.when);
      if (!witness) continue;
      for (const lower::Voice& voice : lower::decide(view.policy, view.program.diagram, *witness).voices) {
        if (voice.fate != lower::Voice::Fate::decides) continue;
        report.label(view.policy.places[voice.place.value].span, "this one decides `" + lower::call_text(view.abi, part.nr) + "` instead");
        return;
      }
    }
  }
}

}  // namespace

void report_no_effect(std::vector<View>& views, diag::Sink& sink) {
  Effects overrides;
  Effects excepts;
  Effects rules;
  for (View& view : views) {
    look_at_overrides(view, overrides);
    look_at_excepts(view, excepts);
    look_at_rules(view, rules);
  }
  const sema::Policy& policy = views[0].policy;
  overrides.for_each_idle([&](Span span, sema::PlaceId) {
    sink.report(is_own(policy, span) ? diag::kinds::OverrideNoEffect : diag::kinds::OverrideNoEffectImported, span);
  });
  excepts.for_each_idle([&](Span span, sema::PlaceId) {
    sink.report(is_own(policy, span) ? diag::kinds::ExceptNoEffect : diag::kinds::ExceptNoEffectImported, span);
  });
  rules.for_each_idle([&](Span span, sema::PlaceId place) {
    diag::Builder report = sink.report(diag::kinds::NeverDecides, span);
    name_decider(views, place, report);
  });
}

}  // namespace sbpc::judge
