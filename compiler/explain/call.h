// call.h: a call as people write it -> the events it stands for.
//
//   openat(AT_FDCWD, _, O_RDWR)    openat(flags: O_RDWR)
//   openat(dirfd == AT_FDCWD, flags == O_RDWR)    258($0: 3, ip: 0x1000)
//
// What is not said, `_` and arguments left out, may have any value. A value that fits the argument's own width says
// nothing of the register's upper bits, which the kernel does not look at; one that does not fit is meant for the whole
// register. Tested by test/unit/explain/call_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "sema/policy.h"
#include "target/abi.h"
#include "target/seccomp_data.h"
#include "target/syscalls.h"

namespace sbpc::explain {

struct CallPattern {
  target::Abi abi{};
  target::SeccompData data;                          // bits that are not fixed are 0
  std::array<uint32_t, target::kWordCount> fixed{};  // per word: the bits that are said; nr and arch always are

  // Says `value` of a word's bits under `mask`.
  void fix(target::Word word, uint32_t mask, uint32_t value);
};

struct CallError {
  std::string reason;  // "`O_RDNLY` is neither a number nor a constant of x86_64"
  std::string note;    // what to do, or empty
};

// `name` or `number`, with or without arguments. `declared`: calls that a policy adds to the ABI's.
[[nodiscard]] tl::expected<CallPattern, CallError> read_call(std::string_view text, target::Abi abi,
                                                             std::span<const sema::DeclaredNumber> declared = {});

// Says the value of an argument: its own bits, or the whole register if the value does not fit.
void fix_argument(CallPattern& pattern, const target::Arg& arg, uint64_t value);
void fix_slot(CallPattern& pattern, unsigned slot, uint64_t value);

// A call's pattern with nothing said but which call it is.
[[nodiscard]] CallPattern pattern_of(target::Abi abi, uint32_t nr);

// The event alone: every bit that a program may look at is fixed to what `data` holds.
[[nodiscard]] CallPattern only(const target::SeccompData& data, target::Abi abi);

}  // namespace sbpc::explain
