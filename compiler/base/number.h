// number.h: numbers as command lines and traces write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sbpc {

// As the language writes them: "0x10", "16", "0o20", "0b1", and "-1" (two's complement); nullopt otherwise, and for
// "010", which is eight to C and ten to others.
[[nodiscard]] std::optional<uint64_t> parse_number(std::string_view text);
// The same in 32 bits: -2147483648 to 4294967295.
[[nodiscard]] std::optional<uint32_t> parse_number32(std::string_view text);
// As C and strace write them: like parse_number, and "010" is eight (C17 6.4.4.1; strtol(3) with base 0).
[[nodiscard]] std::optional<uint64_t> parse_c_number(std::string_view text);

}  // namespace sbpc
