// random_policy.h: random policies that both languages can say, each as SB text and as libseccomp rules.
//
// Only shapes in which libseccomp is right, but for one policy in tens of thousands (random_test.cpp tells whose fault
// it is): one rule per call with any operators; or any number of rules that only compare for (masked) equality; or
// one-argument rules whose data fit 32 bits. One action for all rules. Arguments are raw slots
// ($n), which compare as libseccomp does: unsigned, with the register's width.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agree/libseccomp_oracle.h"
#include "target/seccomp_data.h"

namespace sbpc::agree {

struct RandomPolicy {
  std::vector<std::string> calls;  // the name of each rule's call
  OracleFilter filter;
  std::vector<target::SeccompData> events;  // boundary values of every comparison, unnamed numbers, other arches
};

// The filter in the policy language. Rules may be taken out of both lists: the text follows.
[[nodiscard]] std::string text_of(const RandomPolicy& policy);

// The smallest part of the policy for which `fails` still holds: rules and comparisons are taken out one by one.
[[nodiscard]] RandomPolicy minimized(RandomPolicy policy, const std::function<bool(const RandomPolicy&)>& fails);

// The same seed makes the same policy. `abi` must be one that libseccomp knows.
[[nodiscard]] RandomPolicy random_policy(uint64_t seed, target::Abi abi, size_t event_count);

}  // namespace sbpc::agree
