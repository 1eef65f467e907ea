// trial.h: calls tried one by one, for a program that outgrows every diagram.
//
// A wrong answer can be found so; that there is none cannot be shown. Tested by test/unit/prove/prove_test.cpp.
#pragma once

#include <cstddef>
#include <optional>

#include "bpf/insn.h"
#include "ir/program.h"
#include "prove/prove.h"

namespace sbpc::prove {

// A call that `insns`, run, answers otherwise than `policy`, a function of `meaning`: among the first numbers of each
// range, a call that arrives at instruction `stuck`, which the diagram could not hold, and that call with one word
// changed. nullopt: none of those. Run-time parameters are off.
[[nodiscard]] std::optional<Witness> refuted_by_trial(const bpf::Insns& insns, size_t stuck, ir::Program& meaning,
                                                      ir::Ref policy);

}  // namespace sbpc::prove
