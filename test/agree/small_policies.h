// small_policies.h: every small policy of a few families, written out: each statement form with each comparison.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "target/abi.h"
#include "target/seccomp_data.h"

namespace sbpc::agree {

struct SmallPolicy {
  std::string text;
};

// A few hundred policies over two calls on these ABIs, in a fixed order.
[[nodiscard]] std::vector<SmallPolicy> small_policies(std::string_view abis = "x86_64, i386");
// Events that reach every part of them: both calls, neighbours, boundary values of the constants they use, each ABI,
// x32.
[[nodiscard]] std::vector<target::SeccompData> small_events(std::span<const target::Abi> abis);
[[nodiscard]] const std::vector<target::SeccompData>& small_events();  // of x86_64 and i386

}  // namespace sbpc::agree
