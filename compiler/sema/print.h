// print.h: a typed policy as text, for --emit=policy and for tests. Not the language: numbers, slots and scopes as
// lower sees them.
#pragma once

#include <string>
#include <string_view>

#include "sema/policy.h"

namespace sbpc::sema {

[[nodiscard]] std::string print(const Policy& policy);
// One condition of an ABI: "args[1]:32 & 0x3 == 0 && args[0]:32s < 10".
[[nodiscard]] std::string print(const AbiPolicy& abi, CondId condition);

// As written in source: "==", "!in".
[[nodiscard]] std::string_view spelling(Compare op);

}  // namespace sbpc::sema
