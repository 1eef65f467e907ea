// call_text.h: what the tables know of a system call, as Markdown for hovers and completions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sema/abi_set.h"
#include "target/syscalls.h"

namespace sbpc::lsp {

// "openat(dirfd: fd, pathname: pointer, flags: open_flags, mode: mode)" as on that ABI; the name alone where no
// signature is known.
[[nodiscard]] std::string signature_text(target::CallId call, target::Abi abi);
// "flags: open_flags (u32)".
[[nodiscard]] std::string argument_text(const target::Arg& arg);
// Since which kernel, the numbers, who calls it, what does the same. `abis`: those that the policy at hand is for,
// first.
[[nodiscard]] std::string call_text(target::CallId call, sema::AbiSet abis);
// Those of the type's constants that are there on one of the ABIs and fit into so many bits: others are refused.
[[nodiscard]] std::vector<std::string_view> constants_that_fit(target::TypeId type, sema::AbiSet abis, unsigned width);
// The values of a constant on each ABI, equal ones together.
[[nodiscard]] std::string constant_text(target::ConstantId constant, sema::AbiSet abis);

}  // namespace sbpc::lsp
