// scopes.cpp: scopes -> what they say, inner scopes first.
//
// Tested by test/unit/lower/lower_test.cpp against an evaluator that knows nothing of lists or diagrams.
#include "lower/scopes.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "ir/strictest.h"
#include "lower/both.h"

namespace sbpc::lower {
namespace {

using ir::Clause;
using ir::CondId;
using ir::Ref;

// After so many functions that outgrew their budget the next ones get a small one: the whole stays within a second.
constexpr uint32_t kPatience = 8;
constexpr size_t kImpatientNodes = size_t{1} << 12;
// And after so many nothing more is tried: a policy that is full of such calls gets no more answers about them.
constexpr uint32_t kGiveUp = 64;

// Whether some action has two data in these lists: then events may have two verdicts, which no list can say.
bool data_differ(const std::vector<const Clauses*>& lists) {
  std::array<std::optional<uint16_t>, target::kActionCount> seen;
  for (const Clauses* list : lists) {
    for (const Clause& clause : *list) {
      std::optional<uint16_t>& datum = seen[static_cast<size_t>(clause.verdict.action)];
      if (datum && *datum != clause.verdict.data) return true;
      datum = clause.verdict.data;
    }
  }
  return false;
}

// Whether answers of different lists may be two data of one action. Within a list that is settled already.
bool may_meet(const std::vector<const Clauses*>& lists, Workshop& workshop) {
  if (!data_differ(lists)) return false;
  std::vector<Answer> answers;
  for (size_t i = 0; i < lists.size(); ++i) {
    for (const Clause& clause : *lists[i]) answers.push_back({clause.when, clause.verdict, i});
  }
  return workshop.meetings.may_meet(answers);
}

// The same for clauses of which nobody has settled anything.
bool may_meet(const Clauses& side_by_side, Workshop& workshop) {
  if (!data_differ({&side_by_side})) return false;
  std::vector<Answer> answers;
  for (const Clause& clause : side_by_side) answers.push_back({clause.when, clause.verdict, answers.size()});
  return workshop.meetings.may_meet(answers);
}

Ref single_meaning(const Speech& speech, Workshop& workshop) {
  return speech.exact ? meaning_over(speech, workshop.program.diagram.none(), workshop) : speech.meaning;
}

// Gives `result` the diagram that `make` makes of diagrams.
template <class Make>
void add_meaning(Speech& result, Workshop& workshop, Make make) {
  result.exact = false;
  bool fits = workshop.part([&] { result.meaning = make(workshop.program.diagram); });
  if (!fits) result.meaning = Ref();
}

// Parts of one call and strength, sorted by verdict -> one clause per verdict.
Clauses group(const Part* first, const Part* last, ir::Conds& conds) {
  Clauses result;
  while (first != last) {
    const Part* end = std::find_if(first, last, [&](const Part& part) { return part.verdict != first->verdict; });
    Clause clause{first->when, first->verdict, {}};
    if (end - first == 1) {
      clause.places = {first->place.value};
    } else {
      std::vector<CondId> when;
      for (const Part* part = first; part != end; ++part) {
        when.push_back(part->when);
        clause.places.push_back(part->place.value);
      }
      clause.when = conds.any(std::move(when));
      std::sort(clause.places.begin(), clause.places.end());
      clause.places.erase(std::unique(clause.places.begin(), clause.places.end()), clause.places.end());
    }
    result.push_back(std::move(clause));
    first = end;
  }
  return result;
}

// Whether the first match is the strictest of all matches, each clause taken alone: an override before what it replaces
// is not of that kind.
bool stands_side_by_side(const Clauses& list) {
  auto rises = [](const Clause& a, const Clause& b) { return a.verdict < b.verdict; };
  return std::is_sorted(list.begin(), list.end(), rises) && !data_differ({&list});
}

// The strictest of clauses, answer by answer: a thousand statements that give two answers cost two diagrams.
Ref strictest_clauses(const std::vector<const Clause*>& clauses, Workshop& workshop) {
  std::map<target::Verdict, std::vector<CondId>> answers;
  for (const Clause* clause : clauses) answers[clause->verdict].push_back(clause->when);
  ir::Diagram& diagram = workshop.program.diagram;
  std::vector<Ref> all;
  for (auto& [verdict, when] : answers) {
    CondId any = workshop.program.conds.any(std::move(when));
    all.push_back(workshop.diagrams.choose(any, diagram.terminal(target::encode(verdict)), diagram.none()));
  }
  return ir::strictest_of(diagram, std::move(all));
}

Ref strictest_meaning(const std::vector<Speech*>& sources, Workshop& workshop) {
  std::vector<const Clause*> side_by_side;
  std::vector<Ref> all;
  for (const Speech* source : sources) {
    if (source->exact && stands_side_by_side(source->clauses)) {
      for (const Clause& clause : source->clauses) side_by_side.push_back(&clause);
    } else {
      all.push_back(single_meaning(*source, workshop));
    }
  }
  all.push_back(strictest_clauses(side_by_side, workshop));
  return ir::strictest_of(workshop.program.diagram, std::move(all));
}

// Clauses of one call that stand side by side, one per verdict, by rising verdict.
Speech speech_of(Clauses clauses, Workshop& workshop) {
  Speech result;
  if (may_meet(clauses, workshop)) {
    std::vector<const Clause*> all;
    for (const Clause& clause : clauses) all.push_back(&clause);
    add_meaning(result, workshop, [&](ir::Diagram&) { return strictest_clauses(all, workshop); });
  }
  result.clauses = tidy_clauses(std::move(clauses), workshop.program.conds);
  return result;
}

Sayings from_parts(std::vector<Part> parts, Workshop& workshop) {
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return std::tie(a.nr, a.weak, a.verdict) < std::tie(b.nr, b.weak, b.verdict);
  });
  ir::Conds& conds = workshop.program.conds;
  Sayings result;
  result.reserve(parts.size());
  const Part* end_of_all = parts.data() + parts.size();
  for (const Part *begin = parts.data(), *end = begin; begin != end_of_all; begin = end) {
    end = std::find_if(begin, end_of_all, [&](const Part& part) { return part.nr != begin->nr; });
    if (end - begin == 1) {  // most calls: the same in short
      Saying& saying = result.emplace_back();
      saying.nr = begin->nr;
      Clauses& clauses = begin->weak ? saying.weak.clauses : saying.strong.clauses;
      if (begin->when != conds.never()) clauses.push_back({begin->when, begin->verdict, {begin->place.value}});
      continue;
    }
    const Part* middle = std::find_if(begin, end, [](const Part& part) { return part.weak; });
    result.push_back(
        {begin->nr, speech_of(group(begin, middle, conds), workshop), speech_of(group(middle, end, conds), workshop)});
  }
  return result;
}

Speech merge_speech(std::vector<Speech*> sources, Workshop& workshop) {
  std::erase_if(sources, [](const Speech* speech) { return speech->exact && speech->clauses.empty(); });
  if (sources.empty()) return {};
  if (sources.size() == 1) return std::move(*sources[0]);
  std::vector<const Clauses*> lists;
  bool exact = true;
  for (const Speech* source : sources) {
    lists.push_back(&source->clauses);
    exact = exact && source->exact;
  }
  Speech result;
  if (!exact || may_meet(lists, workshop)) {
    add_meaning(result, workshop, [&](ir::Diagram&) { return strictest_meaning(sources, workshop); });
  }
  std::vector<Clauses> moved;
  for (Speech* source : sources) moved.push_back(std::move(source->clauses));
  result.clauses = merge_clauses(std::move(moved), workshop.program.conds);
  return result;
}

Saying merge_call(const std::vector<Saying*>& sources, Workshop& workshop) {
  if (sources.size() == 1) return std::move(*sources[0]);
  std::vector<Speech*> strong;
  std::vector<Speech*> weak;
  for (Saying* source : sources) {
    strong.push_back(&source->strong);
    weak.push_back(&source->weak);
  }
  return {sources[0]->nr, merge_speech(std::move(strong), workshop), merge_speech(std::move(weak), workshop)};
}

// Silent where `cond` does not hold.
void restrict_speech(Speech& speech, CondId cond, Workshop& workshop) {
  if (cond == workshop.program.conds.always()) return;
  speech.clauses = restrict_clauses(std::move(speech.clauses), cond, workshop.program.conds);
  if (speech.exact) return;
  Ref before = speech.meaning;
  add_meaning(speech, workshop,
              [&](ir::Diagram& diagram) { return workshop.diagrams.choose(cond, before, diagram.none()); });
}

// `top` where it speaks, else `bottom`. Exact lists stay so: the first match of both, one after the other, is just
// that.
Speech overlay_speech(Speech top, const Speech& bottom, Workshop& workshop) {
  if (!top.exact || !bottom.exact) {
    Speech over = top;
    add_meaning(top, workshop,
                [&](ir::Diagram&) { return meaning_over(over, single_meaning(bottom, workshop), workshop); });
  }
  top.clauses = overlay_clauses(std::move(top.clauses), bottom.clauses, workshop.program.conds);
  return top;
}

Sayings used(const sema::Use& use, const Sayings& set, Conditions& conditions, Workshop& workshop) {
  ir::Conds& conds = conditions.conds();
  CondId guard = conditions(use.guard);
  std::vector<Exclusion> except = exclusions(use.except, conditions);
  Sayings result = set;
  for (Saying& saying : result) {
    const Exclusion* out_of = find_exclusion(except, saying.nr);
    CondId strong = out_of == nullptr ? guard : both(conds, guard, conds.negation(out_of->events));
    CondId weak = out_of == nullptr ? guard : both(conds, guard, conds.negation(out_of->named));
    restrict_speech(saying.strong, strong, workshop);
    restrict_speech(saying.weak, weak, workshop);
  }
  return result;
}

Sayings overriding(const sema::Override& statement, const Sayings& body, Conditions& conditions, Workshop& workshop) {
  Sayings result = body;
  CondId guard = conditions(statement.guard);
  for (Saying& saying : result) {
    restrict_speech(saying.strong, guard, workshop);
    restrict_speech(saying.weak, guard, workshop);
  }
  return result;
}

}  // namespace

// A policy's scopes are a graph without cycles, but may be deep and shared: no recursion.
std::vector<sema::ScopeId> inner_first(const sema::AbiPolicy& policy) {
  enum class State : uint8_t { unseen, open, done };
  std::vector<State> states(policy.scopes.size(), State::unseen);
  std::vector<sema::ScopeId> result;
  std::vector<sema::ScopeId> stack{policy.root};
  while (!stack.empty()) {
    sema::ScopeId at = stack.back();
    State& state = states[at.value];
    if (state != State::unseen) {
      if (state == State::open) result.push_back(at);
      state = State::done;
      stack.pop_back();
      continue;
    }
    state = State::open;
    const sema::Scope& scope = policy.scopes[at.value];
    auto need = [&](sema::ScopeId inner) {
      CHECK(states[inner.value] != State::open);  // a cycle: sema has reported it and stopped
      if (states[inner.value] == State::unseen) stack.push_back(inner);
    };
    for (const sema::Use& use : scope.uses) need(use.scope);
    for (const sema::Override& override_ : scope.overrides) need(override_.scope);
  }
  return result;
}

bool Workshop::part(ir::FunctionRef<void()> work) {
  if (failures_ >= kGiveUp) return false;
  program.diagram.begin_part(failures_ < kPatience ? limits::kFunctionDiagramNodes : kImpatientNodes);
  work();
  if (program.diagram.end_part()) return true;
  ++failures_;
  diagrams.forget();
  return false;
}

const Saying* find_saying(const Sayings& sayings, uint32_t nr) {
  auto at = std::partition_point(sayings.begin(), sayings.end(), [nr](const Saying& saying) { return saying.nr < nr; });
  return at != sayings.end() && at->nr == nr ? &*at : nullptr;
}

Sayings merge(std::vector<Sayings> lists, Workshop& workshop) {
  std::erase_if(lists, [](const Sayings& list) { return list.empty(); });
  if (lists.empty()) return {};
  if (lists.size() == 1) return std::move(lists[0]);
  std::vector<Saying*> sources;
  for (Sayings& list : lists) {
    for (Saying& saying : list) sources.push_back(&saying);
  }
  std::stable_sort(sources.begin(), sources.end(), [](const Saying* a, const Saying* b) { return a->nr < b->nr; });
  Sayings result;
  for (size_t begin = 0, end = 0; begin < sources.size(); begin = end) {
    std::vector<Saying*> same;
    for (end = begin; end < sources.size() && sources[end]->nr == sources[begin]->nr; ++end)
      same.push_back(sources[end]);
    result.push_back(merge_call(same, workshop));
  }
  return result;
}

Ref meaning_over(const Speech& speech, Ref rest, Workshop& workshop) {
  ir::Diagram& diagram = workshop.program.diagram;
  if (!speech.exact) return diagram.over(speech.meaning, rest);
  for (size_t i = speech.clauses.size(); i-- > 0;) {
    const Clause& clause = speech.clauses[i];
    rest = workshop.diagrams.choose(clause.when, diagram.terminal(target::encode(clause.verdict)), rest);
  }
  return rest;
}

Sayings overlay(const Sayings& top, const Sayings& bottom, Workshop& workshop) {
  Sayings result;
  auto under = bottom.begin();
  for (const Saying& over : top) {
    while (under != bottom.end() && under->nr < over.nr) result.push_back(*under++);
    result.push_back(over);
    if (under == bottom.end() || under->nr != over.nr) continue;
    Saying& both = result.back();
    both.strong = overlay_speech(std::move(both.strong), under->strong, workshop);
    both.weak = overlay_speech(std::move(both.weak), under->weak, workshop);
    ++under;
  }
  result.insert(result.end(), under, bottom.end());
  return result;
}

std::vector<ScopeSayings> say(const sema::AbiPolicy& policy, Conditions& conditions, Workshop& workshop) {
  std::vector<ScopeSayings> result(policy.scopes.size());
  for (sema::ScopeId id : inner_first(policy)) {
    const sema::Scope& scope = policy.scopes[id.value];
    std::vector<Part> parts;
    for (const sema::Rule& rule : scope.rules) add_parts(rule, conditions, parts);
    for (const sema::Fallback& fallback : scope.fallbacks) add_parts(fallback, conditions, parts);
    for (const sema::Require& require : scope.requires_) add_parts(require, conditions, parts);
    std::vector<Sayings> base;  // not `base{...}`: a list in braces is copied
    base.reserve(scope.uses.size() + 1);
    base.push_back(from_parts(std::move(parts), workshop));
    for (const sema::Use& use : scope.uses)
      base.push_back(used(use, result[use.scope.value].all, conditions, workshop));
    ScopeSayings& sayings = result[id.value];
    sayings.all = merge(std::move(base), workshop);
    if (scope.overrides.empty()) continue;
    for (const sema::Override& statement : scope.overrides) {
      sayings.overrides.push_back(overriding(statement, result[statement.scope.value].all, conditions, workshop));
    }
    sayings.base = std::move(sayings.all);
    sayings.all = overlay(merge(sayings.overrides, workshop), sayings.base, workshop);
  }
  return result;
}

}  // namespace sbpc::lower
