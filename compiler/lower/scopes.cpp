// scopes.cpp: scopes -> what they say, inner scopes first.
//
// Tested by test/unit/lower/lower_test.cpp against an evaluator that knows nothing of lists or diagrams.
#include "lower/scopes.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::lower {
namespace {

using ir::Clause;
using ir::CondId;
using ir::Ref;

// After so many functions that outgrew their budget the next ones get a small one: the whole stays within a second.
constexpr uint32_t kPatience = 8;
constexpr size_t kImpatientNodes = size_t{1} << 12;

// Clauses of rising verdicts, not yet cut after `always`: equal actions with different data must meet in the diagram.
Ref clauses_ref(const Clauses& rising, Workshop& workshop) {
  ir::Diagram& diagram = workshop.program.diagram;
  Ref result = diagram.none();
  for (size_t i = rising.size(); i-- > 0;) {
    Ref when = workshop.diagrams(rising[i].when);
    Ref verdict = diagram.terminal(target::encode(rising[i].verdict));
    bool meets_equal = i + 1 < rising.size() && rising[i + 1].verdict.action == rising[i].verdict.action;
    if (meets_equal) {
      result = diagram.strictest(diagram.ite(when, verdict, diagram.none()), result);
    } else {
      result = diagram.ite(when, verdict, result);
    }
  }
  return result;
}

// Parts of one call and strength, sorted by verdict -> one clause per verdict.
Clauses group(const Part* first, const Part* last, ir::Conds& conds) {
  Clauses result;
  while (first != last) {
    const Part* end = std::find_if(first, last, [&](const Part& part) { return part.verdict != first->verdict; });
    Clause clause{first->when, first->verdict, {}};
    std::vector<CondId> when;
    for (const Part* part = first; part != end; ++part) {
      when.push_back(part->when);
      clause.places.push_back(part->place.value);
    }
    if (when.size() > 1) {
      clause.when = conds.any(std::move(when));
      std::sort(clause.places.begin(), clause.places.end());
      clause.places.erase(std::unique(clause.places.begin(), clause.places.end()), clause.places.end());
    }
    result.push_back(std::move(clause));
    first = end;
  }
  return result;
}

Sayings from_parts(std::vector<Part> parts, Workshop& workshop) {
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return std::tie(a.nr, a.weak, a.verdict) < std::tie(b.nr, b.weak, b.verdict);
  });
  ir::Conds& conds = workshop.program.conds;
  Sayings result;
  const Part* end_of_all = parts.data() + parts.size();
  for (const Part *begin = parts.data(), *end = begin; begin != end_of_all; begin = end) {
    end = std::find_if(begin, end_of_all, [&](const Part& part) { return part.nr != begin->nr; });
    const Part* middle = std::find_if(begin, end, [](const Part& part) { return part.weak; });
    Saying saying{begin->nr, group(begin, middle, conds), group(middle, end, conds), {}, {}};
    bool fits = workshop.part([&] {
      saying.strong_meaning = clauses_ref(saying.strong, workshop);
      saying.weak_meaning = clauses_ref(saying.weak, workshop);
    });
    if (!fits) saying.strong_meaning = saying.weak_meaning = Ref();
    saying.strong = tidy_clauses(std::move(saying.strong), conds);
    saying.weak = tidy_clauses(std::move(saying.weak), conds);
    result.push_back(std::move(saying));
  }
  return result;
}

Saying merge_call(const std::vector<Saying*>& sources, Workshop& workshop) {
  if (sources.size() == 1) return std::move(*sources[0]);
  Saying result;
  result.nr = sources[0]->nr;
  std::vector<Clauses> strong;
  std::vector<Clauses> weak;
  for (Saying* source : sources) {
    strong.push_back(std::move(source->strong));
    weak.push_back(std::move(source->weak));
  }
  result.strong = merge_clauses(std::move(strong), workshop.program.conds);
  result.weak = merge_clauses(std::move(weak), workshop.program.conds);
  ir::Diagram& diagram = workshop.program.diagram;
  bool fits = workshop.part([&] {
    result.strong_meaning = result.weak_meaning = diagram.none();
    for (const Saying* source : sources) {
      result.strong_meaning = diagram.strictest(result.strong_meaning, source->strong_meaning);
      result.weak_meaning = diagram.strictest(result.weak_meaning, source->weak_meaning);
    }
  });
  if (!fits) result.strong_meaning = result.weak_meaning = Ref();
  return result;
}

// Silent where `strong` (for S) or `weak` (for W) does not hold.
void restrict_call(Saying& saying, CondId strong, CondId weak, Workshop& workshop) {
  ir::Conds& conds = workshop.program.conds;
  if (strong == conds.always() && weak == conds.always()) return;
  saying.strong = restrict_clauses(std::move(saying.strong), strong, conds);
  saying.weak = restrict_clauses(std::move(saying.weak), weak, conds);
  ir::Diagram& diagram = workshop.program.diagram;
  bool fits = workshop.part([&] {
    saying.strong_meaning = diagram.ite(workshop.diagrams(strong), saying.strong_meaning, diagram.none());
    saying.weak_meaning = diagram.ite(workshop.diagrams(weak), saying.weak_meaning, diagram.none());
  });
  if (!fits) saying.strong_meaning = saying.weak_meaning = Ref();
}

Sayings used(const sema::Use& use, const Sayings& set, Conditions& conditions, Workshop& workshop) {
  ir::Conds& conds = conditions.conds();
  CondId guard = conditions(use.guard);
  std::vector<Exclusion> except = exclusions(use.except, conditions);
  Sayings result = set;
  for (Saying& saying : result) {
    const Exclusion* out_of = find_exclusion(except, saying.nr);
    CondId strong = out_of == nullptr ? guard : conds.all({guard, conds.negation(out_of->events)});
    CondId weak = out_of == nullptr ? guard : conds.all({guard, conds.negation(out_of->named)});
    restrict_call(saying, strong, weak, workshop);
  }
  return result;
}

Sayings overriding(const sema::Override& statement, const Sayings& body, Conditions& conditions, Workshop& workshop) {
  Sayings result = body;
  CondId guard = conditions(statement.guard);
  for (Saying& saying : result) restrict_call(saying, guard, guard, workshop);
  return result;
}

// Scopes that the root reaches, each after all it needs. A policy's scopes are a graph without cycles but may be deep and shared.
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

}  // namespace

bool Workshop::part(ir::FunctionRef<void()> work) {
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
    for (end = begin; end < sources.size() && sources[end]->nr == sources[begin]->nr; ++end) same.push_back(sources[end]);
    result.push_back(merge_call(same, workshop));
  }
  return result;
}

Ref overlay(Ref top, Ref bottom, ir::Diagram& diagram) {
  if (top == diagram.none()) return bottom;
  return diagram.apply(top, bottom, [](uint32_t a, uint32_t b) { return a == ir::Diagram::kNone ? b : a; });
}

Sayings overlay(const Sayings& top, const Sayings& bottom, Workshop& workshop) {
  ir::Conds& conds = workshop.program.conds;
  Sayings result;
  auto under = bottom.begin();
  for (const Saying& over : top) {
    while (under != bottom.end() && under->nr < over.nr) result.push_back(*under++);
    result.push_back(over);
    if (under == bottom.end() || under->nr != over.nr) continue;
    Saying& both = result.back();
    both.strong = overlay_clauses(std::move(both.strong), under->strong, conds);
    both.weak = overlay_clauses(std::move(both.weak), under->weak, conds);
    bool fits = workshop.part([&] {
      both.strong_meaning = overlay(both.strong_meaning, under->strong_meaning, workshop.program.diagram);
      both.weak_meaning = overlay(both.weak_meaning, under->weak_meaning, workshop.program.diagram);
    });
    if (!fits) both.strong_meaning = both.weak_meaning = Ref();
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
    std::vector<Sayings> base{from_parts(std::move(parts), workshop)};
    for (const sema::Use& use : scope.uses) base.push_back(used(use, result[use.scope.value].all, conditions, workshop));
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
