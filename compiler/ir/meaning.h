// meaning.h: level 1 as diagrams.
//
// A condition's Ref answers kYes or kNo, a function's SECCOMP_RET_* words. Invalid Refs mean that a budget ran out.
#pragma once

#include <vector>

#include "ir/program.h"

namespace sbpc::ir {

// Conditions of one program, each made once.
class CondDiagrams {
 public:
  explicit CondDiagrams(Program& program) : program_(program) {}
  [[nodiscard]] Ref operator()(CondId cond);
  // ite of the condition, made without the condition's own diagram where its words come before those of `yes` and `no`.
  [[nodiscard]] Ref choose(CondId cond, Ref yes, Ref no);
  // To be called when Diagram::end_part has forgotten nodes.
  void forget() { made_.clear(); }

 private:
  Ref choose_any(const Cond& cond, Ref yes, Ref no);
  Ref fold(const std::vector<CondId>& operands, size_t first, size_t last);
  Program& program_;
  std::vector<Ref> made_;  // by CondId
};

// What the clauses of `function` say. Function::meaning must be the same Ref.
[[nodiscard]] Ref clauses_meaning(Program& program, const Function& function, CondDiagrams& conds);

// A section's answer by number, and below. Invalid if a function's meaning is.
[[nodiscard]] Ref section_meaning(Program& program, const Section& section);

// The whole program, from arch down. Invalid if a function's meaning is.
[[nodiscard]] Ref whole_meaning(Program& program);

}  // namespace sbpc::ir
