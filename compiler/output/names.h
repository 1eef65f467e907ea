// names.h: numbers as people write them: verdicts with errno names, calls by name.
#pragma once

#include <cstdint>
#include <string>

#include "target/abi.h"
#include "target/actions.h"

namespace sbpc::output {

// "errno(EPERM)", "allow", "trap(7)"; an errno without a name stays a number.
[[nodiscard]] std::string verdict_name(target::Verdict verdict, target::Abi abi);
// "openat", "x32 openat"; "number 999" where the ABI's table has no name for it.
[[nodiscard]] std::string call_label(uint32_t nr, target::Abi abi);
// The ABI of x86_64's arch word that a number belongs to: x32 if it carries kX32Bit and not bit 31.
[[nodiscard]] target::Abi abi_of_call(uint32_t nr, target::Abi abi);

}  // namespace sbpc::output
