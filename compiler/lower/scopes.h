// scopes.h: S and W of every scope of a policy, call by call. The middle of the meaning: merging, `use`, `except`,
// `override`.
//
// Each is a clause list, from which code and, at the end, a diagram are made. A list can't say that two errnos met on
// an event: from where that may happen on (meetings.h), a diagram is computed beside the list. Policies without such
// meetings cost one diagram per call, not one per merge.
#pragma once

#include <vector>

#include "ir/meaning.h"
#include "lower/clauses.h"
#include "lower/conditions.h"
#include "lower/meetings.h"
#include "lower/parts.h"

namespace sbpc::lower {

// Diagram work on one program, in parts that may fail alone.
class Workshop {
 public:
  explicit Workshop(ir::Program& target) : program(target), diagrams(target), meetings(target.conds) {}
  // Runs `work`, whose nodes count against one function's budget. False if it outgrew that: Refs made by `work` are
  // void.
  bool part(ir::FunctionRef<void()> work);

  ir::Program& program;
  ir::CondDiagrams diagrams;
  Meetings meetings;

 private:
  uint32_t failures_ = 0;
};

// One partial function: events of a call -> verdicts. While `exact`, the list is all of it. Where two data of one
// action may have met the list gives one of them and `meaning` both (kNone where silent; invalid if it outgrew its
// budget).
struct Speech {
  Clauses clauses;
  bool exact = true;
  ir::Ref meaning;  // only if not exact
};

// S and W of a scope for one call.
struct Saying {
  uint32_t nr = 0;
  Speech strong;
  Speech weak;
};
using Sayings = std::vector<Saying>;  // by rising number
[[nodiscard]] const Saying* find_saying(const Sayings& sayings, uint32_t nr);

// What lists say together: the strictest, call by call.
[[nodiscard]] Sayings merge(std::vector<Sayings> lists, Workshop& workshop);
// Strong and weak each: `top` where it speaks, else `bottom`.
[[nodiscard]] Sayings overlay(const Sayings& top, const Sayings& bottom, Workshop& workshop);
// The speech where it speaks, else `rest`. To be called within a part.
[[nodiscard]] ir::Ref meaning_over(const Speech& speech, ir::Ref rest, Workshop& workshop);

struct ScopeSayings {
  Sayings base;                    // without its overrides; empty if it has none (then it is `all`)
  std::vector<Sayings> overrides;  // each override alone, in their order
  Sayings all;
};

// Scopes that the root reaches, each after all that it uses and overrides with. The root is the last.
[[nodiscard]] std::vector<sema::ScopeId> inner_first(const sema::AbiPolicy& policy);

// By ScopeId; scopes that the root does not reach stay empty.
[[nodiscard]] std::vector<ScopeSayings> say(const sema::AbiPolicy& policy, Conditions& conditions, Workshop& workshop);

}  // namespace sbpc::lower
