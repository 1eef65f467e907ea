// cached.h: does the kernel answer from its cache exactly the calls that the policy always allows?
//
// The kernel fills its cache of constant allows when a filter is installed (bpf/cacheable.h); a call that it misses
// there costs as much as some 260 tests. Checked for every ABI of the policy that has a cache, for every number that
// any ABI gives out, and for every setting of run-time bools. Tested by test/unit/prove/cached_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bpf/insn.h"
#include "bpf/program.h"
#include "ir/program.h"

namespace sbpc::prove {

// Of the numbers that the kernel looks at, NR_syscalls of arch/*: the largest, arm's, is below 512 (Linux 6.18).
inline constexpr uint32_t kCachedNumbers = 1024;

struct CacheDifference {
  uint32_t arch;
  uint32_t nr;
  bool always_allowed;  // by the policy, for some setting of the run-time bools for which the cache says otherwise
};

// nullopt: the two sets are the same. `insns` has passed prove().
[[nodiscard]] std::optional<CacheDifference> cache_difference(const bpf::Insns& insns,
                                                              std::span<const bpf::Patch> patches,
                                                              ir::Program& meaning);

}  // namespace sbpc::prove
