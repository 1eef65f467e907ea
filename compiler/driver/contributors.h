// contributors.h: which statements made a program too long, in words. Tested by test/diag/TooManyInstructions*.sb.
#pragma once

#include <string>

#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::driver {

// "7118 instructions decide `ioctl`, with 4 more statements about the same". The tests of a call are one decision,
// counted as its first statement's: `place`.
[[nodiscard]] std::string contributor_text(const sema::Policy& policy, ir::PlaceId place, uint32_t insns);

}  // namespace sbpc::driver
