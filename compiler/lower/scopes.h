// scopes.h: S and W of every scope of a policy, call by call. The middle of the meaning: merging, `use`, `except`, `override`.
//
// Each is kept twice: as a clause list (what code is made from) and as a diagram (what questions are asked of). The two are computed
// side by side from the same parts and never from each other; ir/verify holds them against each other.
#pragma once

#include <vector>

#include "ir/meaning.h"
#include "lower/clauses.h"
#include "lower/conditions.h"
#include "lower/parts.h"

namespace sbpc::lower {

// Diagram work on one program, in parts that may fail alone.
class Workshop {
 public:
  explicit Workshop(ir::Program& target) : program(target), diagrams(target) {}
  // Runs `work`, whose nodes count against one function's budget. False if it outgrew that: Refs made by `work` are void.
  bool part(ir::FunctionRef<void()> work);

  ir::Program& program;
  ir::CondDiagrams diagrams;

 private:
  uint32_t failures_ = 0;
};

// What a scope says about one call. Meanings end in kNone where it is silent and are invalid where they outgrew their budget.
struct Saying {
  uint32_t nr = 0;
  Clauses strong;
  Clauses weak;
  ir::Ref strong_meaning;
  ir::Ref weak_meaning;
};
using Sayings = std::vector<Saying>;  // by rising number
[[nodiscard]] const Saying* find_saying(const Sayings& sayings, uint32_t nr);

// What lists say together: the strictest, call by call.
[[nodiscard]] Sayings merge(std::vector<Sayings> lists, Workshop& workshop);
// Strong and weak each: `top` where it speaks, else `bottom`.
[[nodiscard]] Sayings overlay(const Sayings& top, const Sayings& bottom, Workshop& workshop);
// `top` where it is not kNone, else `bottom`.
[[nodiscard]] ir::Ref overlay(ir::Ref top, ir::Ref bottom, ir::Diagram& diagram);

struct ScopeSayings {
  Sayings base;                    // without its overrides; empty if it has none (then it is `all`)
  std::vector<Sayings> overrides;  // each override alone, in their order
  Sayings all;
};

// By ScopeId; scopes that the root does not reach stay empty.
[[nodiscard]] std::vector<ScopeSayings> say(const sema::AbiPolicy& policy, Conditions& conditions, Workshop& workshop);

}  // namespace sbpc::lower
