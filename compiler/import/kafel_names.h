// kafel_names.h: what Kafel calls the kernel's calls and their arguments, on each ABI. Tested by
// test/unit/import/kafel_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/syscalls.h"

namespace sbpc::importer {

// The call that Kafel means by a name on an ABI; nullopt if no call of the ABI is called so. Names of the kernel's
// tables that Kafel does not have count, too, where they mean nothing else.
[[nodiscard]] std::optional<target::CallId> kafel_call(std::string_view name, target::Abi abi);

// A name that kafel_call takes for the call on that ABI; nullopt if there is none.
[[nodiscard]] std::optional<std::string> kafel_name(target::CallId call, target::Abi abi);

struct KafelArg {
  std::string_view name;
  std::string_view other_name;  // the man page's; empty or the same: none
  bool is_wide;                 // 64 bits: Kafel compares the whole register
};
// In Kafel's order: the i-th one is args[i], also where the ABI puts a 64-bit value into two registers. Empty if
// nothing is known.
[[nodiscard]] std::vector<KafelArg> kafel_args(target::CallId call, target::Abi abi);

// x86_64 or amd64, x86 or i386, arm, aarch64 or arm64, riscv64 or rv64, mips or mipso32, mips64, m68k; in any case of
// letters.
[[nodiscard]] std::optional<target::Abi> kafel_abi(std::string_view name);

}  // namespace sbpc::importer
