// time_model.h: how long a filter takes, in picoseconds over a call without a filter. An estimate, not a count: see
// jit_x86.h for what is exact.
//
// Constants fitted to getppid and getpid timings on Linux 6.18, x86-64, JIT on (a 2-core AMD EPYC virtual machine);
// what `./dev bench --overhead` measures elsewhere is set beside them.
// Cycles are these times at kClockMhz.
// Tested by test/unit/bpf/time_model_test.cpp.
#pragma once

#include <cstdint>
#include <span>

#include "bpf/insn.h"

namespace sbpc::bpf {

inline constexpr double kPsInNs = 1000;
inline constexpr uint64_t kPsCachedCall = 33'000;     // answered from the cache of constant allows
inline constexpr uint64_t kPsRun = 55'000;            // the filter runs, before its first instruction
inline constexpr uint64_t kPsLoad = 60;               // loads, and arithmetic on A
inline constexpr uint64_t kPsNotTaken = 84;           // a test that falls through
inline constexpr uint64_t kPsTaken = 170;             // a test that jumps, or a JA
inline constexpr uint64_t kPsMispredicted = 6'000;    // a test that the processor foresaw wrongly
inline constexpr uint64_t kPsStackedFilter = 23'000;  // each further filter of a stack, besides its own instructions

inline constexpr uint64_t kClockMhz = 3'000;  // the clock at which cycles are stated
[[nodiscard]] constexpr uint64_t cycles(uint64_t ps) { return (ps * kClockMhz + 500'000) / 1'000'000; }

// Executing the instruction at `pc`, its branch foreseen. `taken`: the program goes on elsewhere than at pc + 1.
[[nodiscard]] uint64_t picoseconds(const Insns& insns, size_t pc, bool taken);
// The filter's own part of a run along `path` (as from interpret()).
[[nodiscard]] uint64_t picoseconds(const Insns& insns, std::span<const uint32_t> path);

}  // namespace sbpc::bpf
