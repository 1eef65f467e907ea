// trace_limits.h: the bounds of limits.h on traces and what is learned from them; apart from it because only trace/,
// learn/ and who reads for them know them. docs/learn.md names them.
#pragma once

#include <cstddef>

namespace sbpc::limits {

inline constexpr size_t kTraceBytes = size_t{256} << 20;  // of one trace
inline constexpr size_t kLearnedValues = 64;              // of one argument; with more it is left open
inline constexpr size_t kLearnedNames = 1024;             // of calls that no table knows

}  // namespace sbpc::limits
