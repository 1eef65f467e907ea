// firecracker.h: the second reader of seccompiler's format: Firecracker's own compiler, which since 1.11 asks
// libseccomp.
//
//     { "index": 1, "type": "dword", "op": "le", "val": 5 }  rust-vmm: the lower half; Firecracker: all 64 bits
//
// Source: firecracker-microvm/firecracker src/seccompiler/src/{lib,types}.rs. It knows the keys `default_action` and
// `filter_action` alone. What it says to other architectures and to x32 is libseccomp's, and not compared. Tested by
// test/cli/import_seccompiler.test, against libseccomp by test/export/firecracker.test.
#pragma once

#include "diag/sink.h"
#include "import/model.h"

namespace sbpc::importer {

// A comparison as a file has it, before a reader makes something of it.
struct WrittenCompare {
  Compare compare;  // its value and mask as they are written
  bool is_masked = false;
};
// As rust-vmm's seccompiler takes it, and as Firecracker does.
[[nodiscard]] Compare as_seccompiler(const WrittenCompare& written);
[[nodiscard]] Compare as_firecracker(const WrittenCompare& written);

// The filter as Firecracker takes it, but for its rules.
[[nodiscard]] Profile firecracker_profile(const Profile& profile);

// libseccomp takes MAX_ERRNO itself for none (db_col_action_valid of its db.c), and Firecracker asks libseccomp.
[[nodiscard]] bool firecracker_refuses(target::Verdict verdict);

// Reports what Firecracker refuses of a filter or, if nothing, the calls that it answers in another way; `theirs` are
// the rules of `ours` in the same order.
void report_firecracker(const Profile& ours, const Profile& theirs, diag::Sink& sink);

}  // namespace sbpc::importer
