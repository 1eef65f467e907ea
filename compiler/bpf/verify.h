// verify.h: would the kernel take this program, and is it as tidy as ours must be?
//
// kernel_refusal is net/core/filter.c bpf_check_classic and check_load_and_stores and kernel/seccomp.c
// seccomp_check_filter, in their order. untidiness adds what the kernel does not look at but a bug of ours would leave
// behind. Tested against the running kernel by test/unit/bpf/kernel_test.cpp.
#pragma once

#include <optional>

#include "bpf/error.h"
#include "bpf/insn.h"

namespace sbpc::bpf {

// nullopt: the kernel accepts the program. Otherwise the first instruction it refuses (EINVAL) and why.
[[nodiscard]] std::optional<Error> kernel_refusal(const Insns& insns);

// For a program the kernel accepts: jt and jf are 0 where they mean nothing, so is k; every instruction can be reached.
[[nodiscard]] std::optional<Error> untidiness(const Insns& insns);

}  // namespace sbpc::bpf
