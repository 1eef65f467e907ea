// number.h: numbers as command lines and traces write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sbpc {

// "0x10", "16", "0o20", "0b1", "-1" (two's complement); nullopt otherwise.
[[nodiscard]] std::optional<uint64_t> parse_number(std::string_view text);
// The same in 32 bits: -2147483648 to 4294967295.
[[nodiscard]] std::optional<uint32_t> parse_number32(std::string_view text);

}  // namespace sbpc
