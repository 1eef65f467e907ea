// policies.h: every example and every rule set of the standard library, compiled in this process: meaning and bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpf/program.h"
#include "ir/program.h"

namespace sbpc::trust {

struct Named {
  std::string name;  // "examples/docker-default.sb", "std.net tcp_server"
  std::string text;
  std::string policy;  // which of several; empty: the only one
};

// Examples as they are; of each module one policy for each rule set that has no parameter without a value.
[[nodiscard]] std::vector<Named> all_policies();

struct Built {
  ir::Program meaning;  // before the optimiser
  ir::Program optimized;
  bpf::Program program;
};

// -O1 for the policy's own target. nullopt if it does not compile; what was said is in `messages`.
[[nodiscard]] std::optional<Built> build(const Named& policy, std::string& messages);

}  // namespace sbpc::trust
