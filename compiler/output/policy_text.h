// policy_text.h: a sema::Policy as text, for `--emit policy` and for tests: numbers with names beside them, slots,
// widths, values.
//
//   policy small on x86_64
//     default errno(1)
//     foreign kill_process
//   x86_64:
//     scope 0:
//       allow read/0, exit_group/231
//       allow write/1 if $0:32s in {1..2}
#pragma once

#include <string>

#include "sema/policy.h"

namespace sbpc::output {

[[nodiscard]] std::string policy_text(const sema::Policy& policy);

}  // namespace sbpc::output
