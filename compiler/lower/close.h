// close.h: the sayings of a policy's root -> sections that answer every number of every arch word.
#pragma once

#include <map>
#include <vector>

#include "lower/scopes.h"

namespace sbpc::lower {

// What a call's answer is made of, kept for the check of conflicting data.
struct ClosedCall {
  size_t abi;  // index into Policy::abis
  uint32_t nr;
  ir::FunctionId function;
  bool may_conflict;  // two data of one action may have met
};

// Makes Program::sections and ::foreign (language.md, "Rulings", 3 and 4). `roots[i]` belongs to `policy.abis[i]`.
// Returns every call that some statement speaks of, in the order of ABIs and numbers.
[[nodiscard]] std::vector<ClosedCall> close(const sema::Policy& policy, const std::vector<Sayings>& roots,
                                            Workshop& workshop);

// The answer to events of a number of a policy's own ABI on which no statement speaks: `newer` or `default`.
[[nodiscard]] target::Verdict silent_verdict(const sema::Policy& policy, const sema::AbiPolicy& abi, uint32_t nr);

// Who answers a number.
struct Owner {
  const sema::AbiPolicy* abi = nullptr;  // one of the policy's: statements, then silent_verdict
  target::Verdict foreign;               // without: this
};
[[nodiscard]] Owner owner_of(const sema::Policy& policy, uint32_t arch, uint32_t nr);

}  // namespace sbpc::lower
