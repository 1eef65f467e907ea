// small_policies.h: every small policy of a few families, written out: each statement form with each comparison.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "target/abi.h"
#include "target/seccomp_data.h"

namespace sbpc::agree {

struct SmallPolicy {
  std::string text;   // on x86_64 and i386
};

// A few hundred policies over two calls, in a fixed order.
[[nodiscard]] std::vector<SmallPolicy> small_policies();
// Events that reach every part of them: both calls, neighbours, boundary values of the constants they use, both ABIs, x32.
[[nodiscard]] const std::vector<target::SeccompData>& small_events();

}  // namespace sbpc::agree
