// event_text.h: an event as a call that a user could have made: `openat(flags == O_WRONLY | O_CREAT)`.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "ir/diagram.h"
#include "sema/policy.h"

namespace sbpc::lower {

// Names the arguments that `witness.tested` looked at; the others may have any value.
[[nodiscard]] std::string event_text(const sema::Policy& policy, const sema::AbiPolicy& abi, const ir::Diagram& diagram,
                                     const ir::Diagram::Witness& witness);

// The same as a statement about such events says it: without the value that a run-time parameter would have. A value of
// which something is `said` (per word: bits) stands beside its comparison with a parameter.
[[nodiscard]] std::string statement_text(const sema::Policy& policy, const sema::AbiPolicy& abi,
                                         const ir::Diagram& diagram, const ir::Diagram::Witness& witness,
                                         const std::array<uint32_t, target::kWordCount>& said);

// The call that a `syscall` declaration gives the number; null if there is none.
[[nodiscard]] const sema::DeclaredNumber* declared_call(const sema::AbiPolicy& abi, uint32_t nr);

// "openat", or "call 600" where neither the tables nor the policy name the number.
[[nodiscard]] std::string call_text(const sema::AbiPolicy& abi, uint32_t nr);

}  // namespace sbpc::lower
