// trial.h: calls tried one by one, for a program that outgrows every diagram.
//
// A wrong answer can be found so; that there is none cannot be shown. Tested by test/unit/prove/prove_test.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "bpf/insn.h"
#include "ir/function_ref.h"
#include "ir/program.h"
#include "prove/witness.h"

namespace sbpc::prove {

// A call that `insns`, run, answers otherwise than `policy`, a function of `meaning`: among the numbers of each range
// (its first 1,024), a call that arrives at instruction `stuck`, which the diagram could not hold, and that call with
// one word changed. nullopt: none of those. Run-time parameters are off.
[[nodiscard]] std::optional<Witness> refuted_by_trial(const bpf::Insns& insns, size_t stuck, ir::Program& meaning,
                                                      ir::Ref policy);

// A call that still differs, with as many words 0 as may be, but for its arch: easier to read.
[[nodiscard]] target::SeccompData without_noise(const target::SeccompData& found,
                                                ir::FunctionRef<bool(const target::SeccompData&)> differs);

// One of two programs that are compared.
struct TrialProgram {
  const bpf::Insns& insns;
  bool big_endian = false;
  std::optional<size_t> stuck;  // the instruction that the diagram could not hold, if there is one
};

// A call for which `differs` answers yes: one of `events`, one that arrives at a `stuck`, or one of no words but 0,
// also with each of the arch words, as it is or with one word changed, or with several drawn from the programs'
// constants. The same each time. nullopt: none of those.
[[nodiscard]] std::optional<target::SeccompData> difference_by_trial(
    std::span<const TrialProgram> programs, std::span<const uint32_t> archs,
    std::span<const target::SeccompData> events, ir::FunctionRef<bool(const target::SeccompData&)> differs);

}  // namespace sbpc::prove
