// misread.cpp: alternatives that leave nothing out, and requirements on what never runs.
//
// Tested by test/diag/AlternativesCoverAll*.sb, NothingToNarrow*.sb and RequiresLeaveNothing*.sb.
#include "judge/misread.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "diag/kinds/meaning.def"
#include "judge/texts.h"
#include "lower/event_text.h"

namespace sbpc::judge {
namespace {

bool is_asked(const View& view, const Texts& texts, sema::PlaceId place) {
  return is_own(view.policy, view.policy.places[place.value].span) && is_literal(view, place) &&
         !texts.settled(view, place);
}

// ---- alternatives that hold for every call together ----

// The targets' conditions, by call: of calls that are named several times, each time with conditions.
std::map<uint32_t, std::vector<ir::CondId>> alternatives(View& view, const std::vector<sema::Target>& targets) {
  std::map<uint32_t, std::vector<ir::CondId>> result;
  for (const sema::Target& target : targets) {
    if (!target.sub_call) result[target.nr].push_back(view.conditions(target.when));
  }
  const ir::CondId always = view.program.conds.always();
  std::erase_if(result, [&](const auto& call) {
    return call.second.size() < 2 || std::find(call.second.begin(), call.second.end(), always) != call.second.end();
  });
  return result;
}

bool cover_all(View& view, std::vector<ir::CondId> conditions) {
  ir::Conds& conds = view.program.conds;
  return !view.may_hold(conds.negation(conds.any(std::move(conditions))));
}

void look_at_alternatives(View& view, Texts& texts, std::map<Span, std::string>& calls) {
  for (const sema::ScopeId id : view.scopes) {
    for (const sema::Rule& rule : view.abi.scopes[id.value].rules) {
      if (!is_asked(view, texts, rule.place)) continue;
      bool leaves_out = true;
      for (auto& [nr, conditions] : alternatives(view, rule.targets)) {
        if (!cover_all(view, std::move(conditions))) continue;
        leaves_out = false;
        calls.try_emplace(view.policy.places[rule.place.value].span, lower::call_text(view.abi, nr));
      }
      texts.seen(view, rule.place, leaves_out);
    }
  }
}

// ---- a requirement on what never runs ----

bool may_run(const View& view, uint32_t nr) {
  const ir::Ref answer = view.answer(nr);
  if (!answer.valid()) return true;
  return view.program.diagram
      .witness(answer, [](uint32_t payload) { return target::info(target::decode(payload).action).may_run; })
      .has_value();
}

// What the statement requires of the call while its `if`s hold; nothing if it does not name the call.
std::optional<ir::CondId> required(View& view, const sema::Require& require, uint32_t nr) {
  ir::Conds& conds = view.program.conds;
  std::vector<ir::CondId> fits;
  for (const sema::Target& target : require.targets) {
    if (target.nr == nr && !target.sub_call) fits.push_back(view.conditions(target.when));
  }
  if (fits.empty()) return std::nullopt;
  return conds.any({conds.negation(view.conditions(require.guard)), conds.any(std::move(fits))});
}

// Whether something would let the call run if nothing were required of it.
bool is_let(const View& view, uint32_t nr) {
  if (target::info(view.policy.otherwise.action).may_run) return true;
  return std::any_of(view.scopes.begin(), view.scopes.end(), [&](sema::ScopeId id) {
    const auto& rules = view.abi.scopes[id.value].rules;
    return std::any_of(rules.begin(), rules.end(), [&](const sema::Rule& rule) {
      return target::info(rule.verdict.action).may_run &&
             std::any_of(rule.targets.begin(), rule.targets.end(),
                         [nr](const sema::Target& target) { return target.nr == nr; });
    });
  });
}

// A call of which no event fits all that is required of it, and the other statement that requires something.
struct Exclusive {
  std::string call;
  std::optional<Span> other;
};

// All that is required of a call; asked once, however many statements do.
struct AllRequired {
  bool leaves_nothing = false;
  std::vector<sema::PlaceId> places;  // two at most
};
using RequiredOf = std::map<uint32_t, AllRequired>;  // by number

AllRequired all_required(View& view, uint32_t nr) {
  AllRequired result;
  std::vector<ir::CondId> all;
  for (const sema::ScopeId id : view.scopes) {
    for (const sema::Require& require : view.abi.scopes[id.value].requires_) {
      const auto fits = required(view, require, nr);
      if (!fits) continue;
      all.push_back(*fits);
      const bool is_new = std::find(result.places.begin(), result.places.end(), require.place) == result.places.end();
      if (is_new && result.places.size() < 2) result.places.push_back(require.place);
    }
  }
  result.leaves_nothing = is_let(view, nr) && !view.may_hold(view.program.conds.all(std::move(all)));
  return result;
}

std::optional<Exclusive> leaves_nothing(View& view, const sema::Require& own, uint32_t nr, RequiredOf& known) {
  auto found = known.find(nr);
  if (found == known.end()) found = known.emplace(nr, all_required(view, nr)).first;
  if (!found->second.leaves_nothing) return std::nullopt;
  Exclusive exclusive{lower::call_text(view.abi, nr), std::nullopt};
  for (const sema::PlaceId place : found->second.places) {
    if (place != own.place && !exclusive.other) exclusive.other = view.policy.places[place.value].span;
  }
  return exclusive;
}

using Exclusives = std::map<Span, Exclusive>;  // by text of one of the statements

void look_at_requires(View& view, Texts& texts, Exclusives& exclusives) {
  RequiredOf known;
  for (const sema::ScopeId id : view.scopes) {
    for (const sema::Require& require : view.abi.scopes[id.value].requires_) {
      // A set that several policies use may require what one of them does not allow.
      const bool by_use = !view.policy.places[require.place.value].uses.empty();
      if (by_use || !is_asked(view, texts, require.place)) continue;
      const bool narrows = std::any_of(require.targets.begin(), require.targets.end(),
                                       [&](const auto& one) { return may_run(view, one.nr); });
      texts.seen(view, require.place, narrows);
      if (narrows) continue;
      for (const sema::Target& target : require.targets) {
        if (auto found = leaves_nothing(view, require, target.nr, known))
          exclusives.try_emplace(view.policy.places[require.place.value].span, std::move(*found));
      }
    }
  }
}

}  // namespace

void report_misread(std::vector<View>& views, diag::Sink& sink) {
  Texts alternatives;
  Texts requirements;
  std::map<Span, std::string> calls;
  Exclusives exclusives;
  for (View& view : views) {
    look_at_alternatives(view, alternatives, calls);
    look_at_requires(view, requirements, exclusives);
  }
  alternatives.for_each_idle([&](Span span, sema::PlaceId) {
    const std::string& call = calls.at(span);
    sink.report(diag::kinds::AlternativesCoverAll, span, call)
        .note("targets are alternatives; conditions that must hold together stand in one: `" + call + "(A, B)`");
  });
  requirements.for_each_idle([&](Span span, sema::PlaceId) {
    if (const auto found = exclusives.find(span); found != exclusives.end()) {
      const Exclusive& exclusive = found->second;
      auto report = sink.report(diag::kinds::RequiresLeaveNothing, span, exclusive.call);
      if (!exclusive.other) return;
      report.label(*exclusive.other, "this must hold, too")
          .note("statements must all hold; alternatives stand in one: `require " + exclusive.call + "(A), " +
                exclusive.call + "(B) else ACTION;`");
      return;
    }
    sink.report(diag::kinds::NothingToNarrow, span)
        .note("`require` allows nothing: write `allow CALL(conditions) else ACTION;`, or allow the call beside it");
  });
}

}  // namespace sbpc::judge
