// random_policy.h: random policies that both languages can say, each as SB text and as libseccomp rules.
//
// Only shapes in which libseccomp has been seen to be right: one rule per call with any operators; or any number of rules that
// only compare for (masked) equality; or one-argument rules whose data fit 32 bits. One action for all rules. Arguments are raw slots
// ($n), which compare as libseccomp does: unsigned, with the register's width.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agree/libseccomp_oracle.h"
#include "target/seccomp_data.h"

namespace sbpc::agree {

struct RandomPolicy {
  std::string text;
  OracleFilter filter;
  std::vector<target::SeccompData> events;  // boundary values of every comparison, unnamed numbers, other arches
};

// The same seed makes the same policy. `abi` must be one that libseccomp knows.
[[nodiscard]] RandomPolicy random_policy(uint64_t seed, target::Abi abi, size_t event_count);

}  // namespace sbpc::agree
