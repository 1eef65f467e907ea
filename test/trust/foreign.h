// foreign.h: programs as hand-written or odd producers make them (words kept in scratch cells, registers combined,
// jumps over jumps), and the same programs written otherwise.
#pragma once

#include "bpf/insn.h"
#include "unit/bpf/random_programs.h"

namespace sbpc::trust {

// A program that the kernel accepts; cells 14 and 15 are not used.
[[nodiscard]] bpf::Insns foreign_program(bpf::testing::Random& random, size_t size);

// One that answers every call alike: some instructions are written in other ways, others added that change nothing.
[[nodiscard]] bpf::Insns written_otherwise(bpf::testing::Random& random, const bpf::Insns& insns);

// One with a small change, which the kernel accepts and which may answer some calls otherwise.
[[nodiscard]] bpf::Insns with_a_change(bpf::testing::Random& random, const bpf::Insns& insns);

// A call whose words are the programs' constants, their neighbours, each other, or anything.
[[nodiscard]] target::SeccompData telling_call(bpf::testing::Random& random, const bpf::Insns& insns);

}  // namespace sbpc::trust
