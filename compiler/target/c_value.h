// c_value.h: numbers and constants as C programs and what they print write them.
// Tested by test/unit/target/c_value_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "target/abi.h"

namespace sbpc::target {

// "0644" (octal), "0x10", "-1", "O_RDONLY": a number as base/number.h's parse_c_number reads it, or the value that a
// constant of the kernel has on `abi`, sign-extended to 64 bits. nullopt for what is neither, or for a constant that
// `abi` lacks.
[[nodiscard]] std::optional<uint64_t> c_value(std::string_view text, Abi abi);

// Such values joined by `|`, blanks around them; "NULL" is 0. The error is the piece that is no value.
[[nodiscard]] tl::expected<uint64_t, std::string_view> joined_c_value(std::string_view text, Abi abi);

}  // namespace sbpc::target
