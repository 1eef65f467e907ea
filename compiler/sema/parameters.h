// parameters.h: a policy's own `param` and `runtime param` statements -> the frame that its body sees.
#pragma once

#include "sema/body.h"

namespace sbpc::sema {

// Values given by -D or by a test's `with`, by name.
using GivenValues = std::map<std::string, GivenValue, std::less<>>;

// Run-time parameters without a given value become holes in context.holes.
[[nodiscard]] Frame policy_frame(Context& context, Decl policy, AbiSet abis, const GivenValues& given);

}  // namespace sbpc::sema
