// decide.cpp: docs/language.md, "Meaning", read off for one event.
//
// Scopes are answered inner first and once each: a set that is used twice speaks with one voice, which decides if it
// decides anywhere. Tested by test/unit/lower/decide_test.cpp.
#include "lower/decide.h"

#include <algorithm>

#include "base/check.h"
#include "ir/interpret.h"
#include "lower/close.h"
#include "lower/conditions.h"

namespace sbpc::lower {
namespace {

using target::Verdict;

// Voices by index, of one action (equal actions may have different data).
using Choir = std::vector<uint32_t>;
struct Heard {
  Choir strong;
  Choir weak;
};

class Listener {
 public:
  Listener(const sema::AbiPolicy& policy, const target::SeccompData& data,
           ir::FunctionRef<bool(const ir::Diagram::Opaque&)> truth, Conditions& conditions)
      : policy_(policy), data_(data), nr_(static_cast<uint32_t>(data.nr)), truth_(truth), conditions_(conditions) {
    heard_.resize(policy.scopes.size());
  }

  // Which voices reach the root. Recursion: as deep as sets and override blocks nest, bounded by base/limits.h.
  const Heard& listen(sema::ScopeId id) {
    std::optional<Heard>& known = heard_[id.value];
    if (known) return *known;
    const sema::Scope& scope = policy_.scopes[id.value];
    Heard base;
    for (const sema::Rule& rule : scope.rules) hear(rule, base);
    for (const sema::Fallback& fallback : scope.fallbacks) {
      bool named = std::find(fallback.calls.begin(), fallback.calls.end(), nr_) != fallback.calls.end();
      if ((named || matches(fallback.sub_calls)) && holds(fallback.guard))
        speak(base.weak, {fallback.place, fallback.verdict, Voice::Role::fallback});
    }
    for (const sema::Require& require : scope.requires_) {
      if (holds(require.guard) && is_required(require.targets) && !matches(require.targets)) {
        speak(base.strong, {require.place, require.otherwise, Voice::Role::require});
      }
    }
    for (const sema::Use& use : scope.uses) hear(use, base);
    Heard over;
    for (const sema::Override& statement : scope.overrides) {
      if (!holds(statement.guard)) continue;
      const Heard& inner = listen(statement.scope);
      join(over.strong, inner.strong);
      join(over.weak, inner.weak);
    }
    known = Heard{cover(std::move(over.strong), base.strong), cover(std::move(over.weak), base.weak)};
    return *known;
  }

  std::vector<Voice> voices;

 private:
  bool holds(sema::CondId condition) { return ir::holds(conditions_.conds(), conditions_(condition), data_, truth_); }
  bool matches(const std::vector<sema::Target>& targets) {
    return std::any_of(targets.begin(), targets.end(),
                       [&](const sema::Target& target) { return target.nr == nr_ && holds(target.when); });
  }
  // Names the call, of which the event is one; a call behind socketcall or ipc is named by what selects it.
  bool names_call(const std::vector<sema::Target>& targets) {
    return std::any_of(targets.begin(), targets.end(), [&](const sema::Target& target) {
      return target.nr == nr_ && (!target.sub_call || holds(target.when));
    });
  }
  bool names_whole(const std::vector<sema::Target>& targets) {
    return std::any_of(targets.begin(), targets.end(), [&](const sema::Target& target) {
      return target.nr == nr_ && (target.when == sema::kAlways || (target.sub_call && holds(target.when)));
    });
  }
  bool is_required(const std::vector<sema::Target>& targets) const {
    return std::any_of(targets.begin(), targets.end(),
                       [&](const sema::Target& target) { return target.nr == nr_ && !target.sub_call; });
  }

  void hear(const sema::Rule& rule, Heard& base) {
    if (!names_call(rule.targets) || !holds(rule.guard)) return;
    if (matches(rule.targets)) {
      Voice voice{rule.place, rule.verdict, Voice::Role::rule};
      if (matches(rule.except)) {
        voice.fate = Voice::Fate::excepted;
        voices.push_back(voice);
      } else {
        speak(base.strong, voice);
      }
    }
    if (rule.otherwise && !names_whole(rule.except))
      speak(base.weak, {rule.place, *rule.otherwise, Voice::Role::otherwise});
  }

  void hear(const sema::Use& use, Heard& base) {
    if (!holds(use.guard)) return;
    const Heard& set = listen(use.scope);
    if (matches(use.except)) {
      silence(set.strong, Voice::Fate::excepted);
    } else {
      join(base.strong, set.strong);
    }
    if (names_whole(use.except)) {
      silence(set.weak, Voice::Fate::excepted);
    } else {
      join(base.weak, set.weak);
    }
  }

  void speak(Choir& choir, Voice voice) {
    voice.fate = Voice::Fate::outvoted;
    voices.push_back(voice);
    join(choir, {static_cast<uint32_t>(voices.size() - 1)});
  }

  // The strictest action's voices of both.
  void join(Choir& choir, const Choir& more) {
    if (more.empty()) return;
    if (!choir.empty()) {
      target::Action own = voices[choir[0]].verdict.action;
      target::Action other = voices[more[0]].verdict.action;
      if (own < other) return silence(more, Voice::Fate::outvoted);
      if (other < own) {
        silence(choir, Voice::Fate::outvoted);
        choir.clear();
      }
    }
    for (uint32_t voice : more) {
      if (std::find(choir.begin(), choir.end(), voice) == choir.end()) choir.push_back(voice);
    }
  }
  Choir cover(Choir top, const Choir& bottom) {
    if (top.empty()) return bottom;
    silence(bottom, Voice::Fate::overridden);
    return top;
  }
  void silence(const Choir& choir, Voice::Fate fate) {
    for (uint32_t voice : choir) voices[voice].fate = fate;
  }

  const sema::AbiPolicy& policy_;
  const target::SeccompData& data_;
  uint32_t nr_;
  ir::FunctionRef<bool(const ir::Diagram::Opaque&)> truth_;
  Conditions& conditions_;
  std::vector<std::optional<Heard>> heard_;
};

void give_verdict(Decision& decision, const Choir& choir, std::vector<Voice>& voices, Decision::Source source) {
  decision.source = source;
  decision.verdict = voices[choir[0]].verdict;
  for (uint32_t voice : choir) {
    voices[voice].fate = Voice::Fate::decides;
    decision.verdict = std::min(decision.verdict, voices[voice].verdict);
  }
}

}  // namespace

Decision decide(const sema::Policy& policy, const target::SeccompData& data,
                ir::FunctionRef<bool(const ir::Diagram::Opaque&)> truth, Conditions* known) {
  Decision decision;
  auto nr = static_cast<uint32_t>(data.nr);
  Owner owner = owner_of(policy, data.arch, nr);
  if (owner.abi == nullptr) {
    decision.source = Decision::Source::foreign;
    decision.verdict = owner.foreign;
    return decision;
  }
  decision.abi = static_cast<size_t>(owner.abi - policy.abis.data());
  ir::Conds conds;
  Conditions made(*owner.abi, conds);
  Listener listener(*owner.abi, data, truth, known != nullptr && known->is_of(*owner.abi) ? *known : made);
  const Heard heard = listener.listen(owner.abi->root);
  std::vector<Voice>& voices = listener.voices;
  for (uint32_t voice : heard.weak) voices[voice].fate = Voice::Fate::not_needed;
  if (!heard.strong.empty()) {
    give_verdict(decision, heard.strong, voices, Decision::Source::strong);
  } else if (!heard.weak.empty()) {
    give_verdict(decision, heard.weak, voices, Decision::Source::weak);
  } else {
    decision.verdict = silent_verdict(policy, *owner.abi, nr);
    decision.source = policy.kernel && decision.verdict == policy.newer && decision.verdict != policy.otherwise
                          ? Decision::Source::newer
                          : Decision::Source::otherwise;
  }
  decision.voices = std::move(voices);
  return decision;
}

Decision decide(const sema::Policy& policy, const ir::Diagram& diagram, const ir::Diagram::Witness& witness,
                Conditions* known) {
  const auto truth = [&](const ir::Diagram::Opaque& opaque) {
    return std::any_of(witness.opaques_set.begin(), witness.opaques_set.end(),
                       [&](uint32_t index) { return diagram.opaques()[index] == opaque; });
  };
  return decide(policy, witness.data, truth, known);
}

}  // namespace sbpc::lower
