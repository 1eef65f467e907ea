// policy_limits.h: the bounds of limits.h on what one policy declares and compares; apart from it because only parse/
// and sema/ know them. Each of the first has a diagnostic, and all have a test.
#pragma once

#include <cstddef>

namespace sbpc::limits {

inline constexpr size_t kParameters = 256;  // of one rule set or policy, or given to one
inline constexpr size_t kTestValues = size_t{1}
                                      << 21;  // that the conditions of one policy compare with, on all its ABIs
inline constexpr size_t kKeptElements = size_t{1} << 20;  // elements of all sets of one compile that differ

// Beyond these nothing is refused and nothing else is meant; the reason stands with each.
//
// Commands that a condition may list and still fix them (`cmd in { F_GETFD, F_SETFD }`). No call has so many whose
// other arguments have a meaning of their own (types_test.cpp), so a longer list names one that gives them none.
inline constexpr size_t kSelectorCommands = 256;
// Conditions side by side, and values of one of them, among which contradictions and tautologies are looked for. What
// can't hold and was not seen here never decides a call: judge finds that on its diagram.
inline constexpr size_t kContradictionParts = 1024;
inline constexpr size_t kContradictionValues = 4096;

}  // namespace sbpc::limits
