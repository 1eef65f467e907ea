// libseccomp_oracle.h: filters built by libseccomp, to be compared with ours. Test code: no product target links
// libseccomp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bpf/insn.h"
#include "target/abi.h"

namespace sbpc::agree {

// One comparison of an argument, as libseccomp takes it: 64 bits, unsigned.
struct OracleCompare {
  enum class Op : uint8_t { ne, lt, le, eq, ge, gt, masked_eq };
  unsigned arg;
  Op op;
  uint64_t value;      // masked_eq: the mask
  uint64_t datum = 0;  // masked_eq: the value
};

struct OracleRule {
  uint32_t action;  // SECCOMP_RET_*
  int nr;           // in the host's numbering, so that calls libseccomp has no name for can be given
  std::vector<OracleCompare> compares;  // joined by AND
};

struct OracleFilter {
  uint32_t otherwise = 0;
  uint32_t bad_arch = 0;
  std::vector<target::Abi>
      abis;               // the first one's numbering is not used: rules are given in the host's, libseccomp translates
  unsigned optimize = 1;  // SCMP_FLTATR_CTL_OPTIMIZE: 1 linear, 2 binary tree
  std::vector<OracleRule> rules;
};

// libseccomp's number of a call on an ABI; nullopt if it has none there, or an invented one (socketcall's and ipc's
// sub-calls).
[[nodiscard]] std::optional<int> libseccomp_number(const std::string& call, target::Abi abi);
// What engines give libseccomp for a name: the host's number, or an invented one where the host does not have the call.
// nullopt: unknown.
[[nodiscard]] std::optional<int> libseccomp_native_number(const std::string& call);
// Whether libseccomp knows the ABI at all.
[[nodiscard]] bool libseccomp_knows(target::Abi abi);

// The program libseccomp makes of it; nullopt with `error` set if it refuses.
[[nodiscard]] std::optional<bpf::Insns> build(const OracleFilter& filter, std::string& error);

}  // namespace sbpc::agree
