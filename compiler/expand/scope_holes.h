// scope_holes.h: which run-time parameters a rule set needs to be written down outside of its policy.
// Tested by test/cli/expand_compiles.test.
#pragma once

#include <set>

#include "sema/policy.h"

namespace sbpc::expand {

// Ids of those that the scope's conditions and guards ask for, and those of everything that it uses.
[[nodiscard]] std::set<uint32_t> holes_of(const sema::AbiPolicy& abi, sema::ScopeId scope);

}  // namespace sbpc::expand
