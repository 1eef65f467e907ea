// policy_limits.h: the bounds of limits.h on what one declaration holds; apart from it because only parse/ knows them. Each has a
// diagnostic and a test.
#pragma once

#include <cstddef>

namespace sbpc::limits {

inline constexpr size_t kParameters = 256;  // of one rule set or policy, or given to one

}  // namespace sbpc::limits
