// lost_number.h: whether libseccomp's filter reads the number of a call at all.
//
// libseccomp 2.5.4 puts the load where it asks for the first call, that with the fewest tests, and leaves it out with a
// call that the ABI does not have (src/gen_bpf.c, _gen_bpf_syscalls): the filter compares the architecture with calls'
// numbers then, and every call gets the default. x86_64 without x32, and x32 without x86_64, read it before.
#pragma once

#include <optional>

#include "diag/sink.h"
#include "import/model.h"

namespace sbpc::importer {

struct LostNumber {
  target::Abi abi;
  const Rule* rule;    // for a call that the ABI does not have
  target::Abi counts;  // the ABI for which its tests are counted: `abi`, or x32 beside x86_64
  uint64_t tests;      // with as many another call is asked for first
};
[[nodiscard]] std::optional<LostNumber> lost_number(const Profile& profile);

// Whether the ABI does not have the call, and libseccomp has a rule for it there all the same.
[[nodiscard]] bool is_absent(const Call& call, target::Abi abi);

// The tests that libseccomp makes of comparisons that all hold.
[[nodiscard]] uint64_t test_count(const AllOf& all, target::Abi abi);

// Reports a profile of which libseccomp may make a filter that reads no call number.
void report_lost_number(const Profile& profile, diag::Sink& sink);

}  // namespace sbpc::importer
