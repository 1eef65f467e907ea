// swallowed.cpp: is one allow's set of events a proper part of another's?
//
// Most pairs are told apart by their words and ranges, or by one event of the first; only the others cost a diagram.
// Equal conditions are a repeat, not a swallowed condition; what a parameter's value has made a part is no mistake.
// Comparisons are bounded: a call with more conditional allows than that is not looked through to the end. Tested by
// test/unit/judge/swallowed_test.cpp and test/diag/SwallowedAllow*.sb.
#include "judge/swallowed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "diag/kinds/meaning.def"
#include "judge/holding_index.h"
#include "judge/sample.h"
#include "judge/texts.h"
#include "lower/event_text.h"

namespace sbpc::judge {
namespace {

using ir::Cond;
using ir::CondId;
using lower::Saying;

// Comparisons of two conditions: by structure, and by diagram.
constexpr uint32_t kMostPairs = 1U << 23;
constexpr uint32_t kMostDiagramPairs = 1U << 13;

// An allow of one call: of a statement, or all that a used set allows.
struct Allow {
  uint32_t nr;
  CondId events;
  bool is_conditional;
  sema::PlaceId place;
  size_t rule = 0;  // of the scope, and the rule's target: of a statement
  size_t target = 0;
};

// What may swallow, by number. Where a call has many they are found by an event.
constexpr std::ptrdiff_t kAskedEach = 16;
struct Others {
  std::vector<Allow> allows;
  std::unordered_map<uint32_t, HoldingIndex> indexes;
};

// What is known of one text's condition on one call, over all ABIs and sets of parameters.
struct Condition {
  sema::PlaceId place;
  sema::PlaceId swallower;  // one that swallows it; its text may be a `use`. Invalid: somewhere nothing does
};
using Conditions = std::map<std::pair<Span, std::string>, Condition>;  // by text and call

class Swallowed {
 public:
  explicit Swallowed(bool wants_remarks) : wants_remarks_(wants_remarks) {}

  void look_at(View& view) {
    std::vector<bool> is_body = bodies(view);
    for (sema::ScopeId id : view.scopes) {
      const sema::Scope& scope = view.abi.scopes[id.value];
      std::vector<Allow> own = allows_of(view, scope);
      compare(view, own, beside(view, scope, own, is_body[id.value]), errors_);
      if (!wants_remarks_) continue;
      for (size_t i = 0; i < scope.uses.size(); ++i) look_at_use(view, scope, i, own);
    }
  }

  // Those that would be errors if no parameter had a say in them: all that a statement says of a call is swallowed.
  std::vector<SwallowedTarget> targets(View& view) {
    std::vector<bool> is_body = bodies(view);
    std::vector<SwallowedTarget> result;
    for (sema::ScopeId id : view.scopes) {
      const sema::Scope& scope = view.abi.scopes[id.value];
      const std::vector<Allow> own = allows_of(view, scope);
      std::vector<Allow> all = own;
      std::set<sema::ScopeId> seen;
      if (is_body[id.value]) add_sets(view, scope, seen, all);
      const Others others = by_number(view, std::move(all));
      std::vector<Allow> swallowed;
      std::set<std::pair<size_t, uint32_t>> counting;  // rules and calls of which something is not swallowed
      for (const Allow& allow : own) {
        ir::Conds& conds = view.program.conds;
        const bool is_always = view.conditions(scope.rules[allow.rule].targets[allow.target].when) == conds.always();
        if (!allow.is_conditional || is_always || allow.events == conds.never()) continue;
        const bool is_swallowed = swallower_of(view, allow, others, [](const Allow&) { return true; }) != nullptr;
        if (is_swallowed) swallowed.push_back(allow);
        if (!is_swallowed) counting.emplace(allow.rule, allow.nr);
      }
      std::vector<Allow> left = own;
      for (const Allow& allow : swallowed) {
        if (counting.contains({allow.rule, allow.nr})) continue;
        result.push_back({id, allow.rule, allow.target, absorb(view, allow, left)});
      }
    }
    return result;
  }

  void report(const sema::Policy& policy, diag::Sink& sink) const {
    report(policy, errors_, diag::kinds::SwallowedAllow, sink);
    report(policy, remarks_, diag::kinds::SwallowedAllowSet, sink);
  }

 private:
  static void report(const sema::Policy& policy, const Conditions& conditions, diag::Kind kind, diag::Sink& sink) {
    for (const auto& [text, condition] : conditions) {
      if (!condition.swallower.valid()) continue;
      const std::string& call = text.second;
      sink.report(kind, text.first, call)
          .under("allows only some calls")
          .label(policy.places[condition.swallower.value].span, "allows these and more")
          .note("to narrow what is allowed, write `require " + call + "(...) else ACTION;`");
    }
  }

  // The root and the override blocks in it.
  static std::vector<bool> bodies(const View& view) {
    std::vector<bool> result(view.abi.scopes.size());
    result[view.abi.root.value] = true;
    for (sema::ScopeId id : view.scopes) {
      if (!result[id.value]) continue;
      for (const sema::Override& statement : view.abi.scopes[id.value].overrides) result[statement.scope.value] = true;
    }
    return result;
  }

  static std::vector<Allow> allows_of(View& view, const sema::Scope& scope) {
    std::vector<Allow> result;
    for (size_t index = 0; index < scope.rules.size(); ++index) {
      const sema::Rule& rule = scope.rules[index];
      if (rule.verdict.action != target::Action::allow) continue;
      sema::Rule strong = rule;
      strong.otherwise.reset();
      std::vector<lower::Part> parts;  // one per target
      lower::add_parts(strong, view.conditions, parts);
      for (size_t i = 0; i < parts.size(); ++i) {
        bool is_conditional = rule.targets[i].when != sema::kAlways && !rule.targets[i].sub_call;
        result.push_back({parts[i].nr, parts[i].when, is_conditional, rule.place, index, i});
      }
    }
    return result;
  }

  // What an allow of the scope may be swallowed by: in the policy's own body everything counts; in a rule set what
  // stands beside.
  static std::vector<Allow> beside(View& view, const sema::Scope& scope, const std::vector<Allow>& own, bool is_body) {
    std::vector<Allow> others = own;
    if (!is_body) return others;
    for (const sema::Use& use : scope.uses) add_set(view, use, others);
    return others;
  }

  // What a used set allows, as its user gets it.
  static void add_set(View& view, const sema::Use& use, std::vector<Allow>& out) {
    ir::Conds& conds = view.program.conds;
    std::vector<lower::Exclusion> except = lower::exclusions(use.except, view.conditions);
    for (const Saying& saying : view.sayings[use.scope.value].all) {
      std::vector<CondId> stricter;
      for (const ir::Clause& clause : saying.strong.clauses) {
        if (clause.verdict.action != target::Action::allow) {
          stricter.push_back(clause.when);
          continue;
        }
        std::vector<CondId> all{clause.when, conds.negation(conds.any(stricter)), view.conditions(use.guard)};
        if (const lower::Exclusion* out_of = lower::find_exclusion(except, saying.nr))
          all.push_back(conds.negation(out_of->events));
        out.push_back({saying.nr, conds.all(std::move(all)), false, use.place});
      }
    }
  }

  // A set's own conditional allows against its user's allows and the other sets'.
  void look_at_use(View& view, const sema::Scope& scope, size_t index, const std::vector<Allow>& own) {
    std::vector<Allow> inner = allows_of(view, view.abi.scopes[scope.uses[index].scope.value]);
    std::vector<Allow> others = own;
    for (size_t i = 0; i < scope.uses.size(); ++i) {
      if (i != index) add_set(view, scope.uses[i], others);
    }
    compare(view, inner, others, remarks_);
  }

  // The used sets, and those that they use, each by itself: -E writes some into the body.
  static void add_sets(View& view, const sema::Scope& scope, std::set<sema::ScopeId>& seen, std::vector<Allow>& out) {
    for (const sema::Use& use : scope.uses) {
      add_set(view, use, out);
      if (seen.insert(use.scope).second) add_sets(view, view.abi.scopes[use.scope.value], seen, out);
    }
  }

  // Whether the others of the call make the same condition together without it; then it is taken from them.
  static bool absorb(View& view, const Allow& allow, std::vector<Allow>& all) {
    std::vector<CondId> with, without;
    const auto is_it = [&](const Allow& other) { return other.rule == allow.rule && other.target == allow.target; };
    for (const Allow& other : all) {
      if (other.nr != allow.nr) continue;
      with.push_back(other.events);
      if (!is_it(other)) without.push_back(other.events);
    }
    if (view.program.conds.any(std::move(with)) != view.program.conds.any(std::move(without))) return false;
    std::erase_if(all, is_it);
    return true;
  }

  static Others by_number(const View& view, std::vector<Allow> allows) {
    std::stable_sort(allows.begin(), allows.end(), [](const Allow& a, const Allow& b) { return a.nr < b.nr; });
    Others others{std::move(allows), {}};
    const std::vector<Allow>& all = others.allows;
    for (size_t begin = 0; begin < all.size();) {
      size_t end = begin;
      while (end < all.size() && all[end].nr == all[begin].nr) ++end;
      if (end - begin > static_cast<size_t>(kAskedEach)) {
        HoldingIndex& index = others.indexes.emplace(all[begin].nr, HoldingIndex(view.program.conds)).first->second;
        for (size_t at = begin + static_cast<size_t>(kAskedEach); at < end; ++at)
          index.add(all[at].events, static_cast<uint32_t>(at));
        index.finish();
      }
      begin = end;
    }
    return others;
  }

  void compare(View& view, const std::vector<Allow>& candidates, std::vector<Allow> beside, Conditions& conditions) {
    const Others others = by_number(view, std::move(beside));
    for (const Allow& allow : candidates) {
      if (!allow.is_conditional || allow.events == view.program.conds.never()) continue;
      const Allow* swallower = swallower_of(view, allow, others, [&](const Allow& other) {
        return &conditions == &remarks_ || is_by_text(view, allow, other);
      });
      note(view, allow, swallower == nullptr ? sema::PlaceId() : swallower->place, conditions);
    }
  }

  // The first of the others, by rising number, that counts and allows all that the allow does and more; null without
  // one, and once the comparisons are used up.
  template <class Counts>
  const Allow* swallower_of(View& view, const Allow& allow, const Others& others, Counts counts) {
    if (pairs_ >= kMostPairs) return nullptr;
    const std::vector<Allow>& all = others.allows;
    auto first = std::partition_point(all.begin(), all.end(), [&](const Allow& other) { return other.nr < allow.nr; });
    auto last = std::partition_point(first, all.end(), [&](const Allow& other) { return other.nr == allow.nr; });
    const Part part{allow.events, sample(view.program.conds, allow.events)};
    const auto swallows = [&](const Allow& other) { return counts(other) && is_part(view, part, other.events); };
    const auto index = others.indexes.find(allow.nr);
    const bool is_searched = index != others.indexes.end() && part.one.has_value();
    const auto each_until = is_searched ? first + kAskedEach : last;
    if (const auto found = std::find_if(first, each_until, swallows); found != each_until) return &*found;
    if (!is_searched) return nullptr;
    // What allows more allows that event, too.
    for (const uint32_t at : index->second.may_hold(*part.one)) {
      if (swallows(all[at])) return &all[at];
      ++pairs_;
    }
    return nullptr;
  }

  // Whether no value of a parameter, and no `if`, has a say in one being a part of the other.
  static bool is_by_text(const View& view, const Allow& allow, const Allow& by) {
    if (!is_literal(view, by.place)) return false;
    return is_literal(view, allow.place) || by.events == view.program.conds.always();
  }

  static void note(const View& view, const Allow& allow, sema::PlaceId swallower, Conditions& conditions) {
    std::pair<Span, std::string> text{view.policy.places[allow.place.value].span, lower::call_text(view.abi, allow.nr)};
    auto [entry, is_new] = conditions.try_emplace(std::move(text), Condition{allow.place, swallower});
    if (!swallower.valid()) entry->second.swallower = swallower;
  }

  struct Part {
    CondId events;
    std::optional<target::SeccompData> one;  // of them
  };
  // A proper part, and not of no call: what holds for none is no narrower allow.
  bool is_part(View& view, const Part& part, CondId whole) {
    const ir::Conds& conds = view.program.conds;
    if (part.events == whole || whole == conds.never() || pairs_ >= kMostPairs) return false;
    ++pairs_;
    if (whole == conds.always()) return true;
    const Cond& p = conds[part.events];
    const Cond& w = conds[whole];
    if (p.kind == Cond::Kind::member && w.kind == Cond::Kind::member) {
      if (p.word != w.word) return false;
      if (p.mask == w.mask) return is_within(p.ranges, w.ranges);
    }
    if (part.one && !holds_on(conds, whole, *part.one)) return false;
    if (++diagram_pairs_ > kMostDiagramPairs) return false;
    bool within = false;
    bool fits = view.workshop.part([&] {
      ir::Diagram& diagram = view.program.diagram;
      ir::Ref inner = view.workshop.diagrams(part.events);
      ir::Ref outer = view.workshop.diagrams(whole);
      within = inner.valid() && outer.valid() && inner != outer && inner != diagram.no() &&
               diagram.conjunction(inner, diagram.negate(outer)) == diagram.no();
    });
    return fits && within;
  }
  static bool is_within(const std::vector<ir::Range>& part, const std::vector<ir::Range>& whole) {
    return std::all_of(part.begin(), part.end(), [&](ir::Range range) {
      auto at =
          std::partition_point(whole.begin(), whole.end(), [&](ir::Range other) { return other.last < range.first; });
      return at != whole.end() && at->first <= range.first && range.last <= at->last;
    });
  }

  bool wants_remarks_;
  Conditions errors_;
  Conditions remarks_;
  uint32_t pairs_ = 0;
  uint32_t diagram_pairs_ = 0;
};

}  // namespace

void report_swallowed(std::vector<View>& views, diag::Sink& sink) {
  Swallowed swallowed(sink.wants(diag::kinds::SwallowedAllowSet));
  for (View& view : views) swallowed.look_at(view);
  swallowed.report(views[0].policy, sink);
}

std::vector<SwallowedTarget> swallowed_targets(View& view) { return Swallowed(false).targets(view); }

}  // namespace sbpc::judge
