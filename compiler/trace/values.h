// values.h: strace's arguments, one by one. For this folder only.
#pragma once

#include <string_view>
#include <vector>

#include "trace/trace.h"

namespace sbpc::trace {

// Where a call's arguments end: the index of the `)` that closes the list begun before `text`; npos if it is cut off.
[[nodiscard]] size_t closing_bracket(std::string_view text);

// `AT_FDCWD</srv>, "x", 0x80000 /* O_RDONLY|O_CLOEXEC */` -> three values, as numbers of that ABI where they are.
[[nodiscard]] std::vector<Value> split_values(std::string_view text, target::Abi abi);

}  // namespace sbpc::trace
