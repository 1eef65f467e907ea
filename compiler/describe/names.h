// names.h: numbers back to the constants that people write.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "target/abi.h"
#include "target/actions.h"
#include "target/seccomp_data.h"
#include "target/syscalls.h"

namespace sbpc::describe {

// A value as constants of its argument's type where they say all of it: "AF_PACKET", "O_RDWR | O_CREAT | 0x40";
// otherwise a number.
[[nodiscard]] std::string value_text(const target::Arg& arg, target::Abi abi, uint64_t value);

// The value as a number, in the form that its type is read in: decimal, hexadecimal, octal for modes, negative where it
// has a sign.
[[nodiscard]] std::string number_text(const target::Arg& arg, uint64_t value);

// "errno(EPERM)", "trap(7)", "allow".
[[nodiscard]] std::string verdict_text(target::Verdict verdict, target::Abi abi);

// Per word of an event: the bits that matter (as in Diagram::Witness).
using TestedBits = std::array<uint32_t, target::kWordCount>;

// The call's arguments as the event's command makes them, where the command matters: with F_SETFL, fcntl's `arg` are
// the flags of an open file.
[[nodiscard]] std::vector<target::Arg> args_in(target::CallId call, target::Abi abi, const target::SeccompData& data,
                                               const TestedBits& tested);

// An event as a call that `emu` and `explain` take: "openat(AT_FDCWD, _, O_RDWR)". Arguments of which no bit was tested
// are `_`. Numbers without a name: "number 600".
[[nodiscard]] std::string event_text(target::Abi abi, const target::SeccompData& data, const TestedBits& tested);
// The same with all arguments.
[[nodiscard]] std::string event_text(target::Abi abi, const target::SeccompData& data);

// The ABI of an arch word and a number: x32's carry bit 30 and not bit 31. nullopt for arch words that no ABI has.
[[nodiscard]] std::optional<target::Abi> abi_of(uint32_t arch, uint32_t nr);

// ---- flags words ----

// A field of a flags word on one ABI: values of these bits exclude each other.
struct FieldNames {
  uint64_t mask;
  std::string mask_name;  // "O_ACCMODE", "0xf", "~LOCK_NB"
  std::vector<std::pair<uint64_t, std::string_view>> values;
};
[[nodiscard]] std::vector<FieldNames> fields_of(const target::Arg& arg, target::Abi abi);

// The bits as flags that are part of no field: "O_CREAT | O_EXCL", what has no name in hexadecimal. Flags of several
// bits, such as O_TMPFILE, only if `composites`: where each bit counts alone (`lacks`, `any`) they would be misread.
[[nodiscard]] std::string bits_text(const target::Arg& arg, target::Abi abi, uint64_t bits, bool composites = false);

// The lower `width` bits.
[[nodiscard]] constexpr uint64_t mask_of(unsigned width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

}  // namespace sbpc::describe
