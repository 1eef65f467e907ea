// meaning.h: what each instruction of a program asks, in the words of the policy.
//
// Follows what the accumulator holds and which call is known at each instruction: jumps go forward, so one pass is
// enough.
#pragma once

#include <string>
#include <vector>

#include "bpf/program.h"
#include "sema/policy.h"
#include "target/abi.h"

namespace sbpc::output {

// For each instruction a few words, or none: "nr >= 59 (execve)", "openat: flags & 0x40", "allow".
// `holes` are the policy's run-time parameters, which some instructions ask for.
[[nodiscard]] std::vector<std::string> meanings(const bpf::Program& program, const std::vector<target::Abi>& abis,
                                                const std::vector<sema::Hole>& holes);

}  // namespace sbpc::output
