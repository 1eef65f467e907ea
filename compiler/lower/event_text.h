// event_text.h: an event as a call that a user could have made: `openat(flags == O_WRONLY | O_CREAT)`.
#pragma once

#include <string>

#include "ir/diagram.h"
#include "sema/policy.h"

namespace sbpc::lower {

// Names the arguments that `witness.tested` looked at; the others may have any value.
[[nodiscard]] std::string event_text(const sema::Policy& policy, const sema::AbiPolicy& abi, const ir::Diagram& diagram,
                                     const ir::Diagram::Witness& witness);

// "openat", or "call 600" where neither the tables nor the policy name the number.
[[nodiscard]] std::string call_text(const sema::AbiPolicy& abi, uint32_t nr);

}  // namespace sbpc::lower
