// policy_limits.h: the bounds of limits.h on what one policy declares and compares; apart from it because only parse/
// and sema/ know them. Each has a diagnostic and a test.
#pragma once

#include <cstddef>

namespace sbpc::limits {

inline constexpr size_t kParameters = 256;  // of one rule set or policy, or given to one
inline constexpr size_t kTestValues = size_t{1}
                                      << 21;  // that the conditions of one policy compare with, on all its ABIs
inline constexpr size_t kKeptElements = size_t{1} << 20;  // elements of all sets of one compile that differ

}  // namespace sbpc::limits
