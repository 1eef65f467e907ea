// stack.h: two programs as the kernel runs them when both are installed, fused into one.
//
// kernel/seccomp.c seccomp_run_filters() runs every filter of a stack for every call and keeps the strictest action; of
// equal ones the newest filter's. One program that answers the same costs one run, and the kernel caches what both
// always allow. Functions are fused pairwise, clause by clause, so every stage after lower/ takes the result like any
// other program. Tested by test/unit/lower/stack_test.cpp and test/cli/stack.test.
#pragma once

#include <cstdint>
#include <optional>

#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::lower {

// Places of `newer` become `place_offset` more. Both have the same byte order. nullopt: some call's pairs of clauses
// are more than 65,536.
[[nodiscard]] std::optional<ir::Program> stack(const ir::Program& older, const ir::Program& newer,
                                               ir::PlaceId place_offset);

// What reports and messages need of the policy that the stack is: its name, ABIs, places and parameters, and of
// statements the calls that they name.
[[nodiscard]] sema::Policy stack(const sema::Policy& older, const sema::Policy& newer);

// What the kernel makes of two filters' answers: SECCOMP_RET_* words of any program, or verdicts.
[[nodiscard]] uint32_t stacked(uint32_t older, uint32_t newer);
[[nodiscard]] target::Verdict stacked(target::Verdict older, target::Verdict newer);

}  // namespace sbpc::lower
