// witness.h: a call on which a program does not answer as it should. Made only by running the program on it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bpf/insn.h"
#include "ir/diagram.h"
#include "target/seccomp_data.h"

namespace sbpc::prove {

struct Witness {
  target::SeccompData data;
  std::vector<uint32_t> flags_set;  // run-time bools and hole comparisons that hold on it (Diagram::opaques indices)
  uint32_t expected;                // SECCOMP_RET_* words
  uint32_t answered;
};

// `insns` is the program as it runs for the event of `at`. nullopt: it answers what is expected.
[[nodiscard]] std::optional<Witness> witness_of(const bpf::Insns& insns, bool big_endian,
                                                const ir::Diagram::Witness& at, uint32_t expected);

// What a function answers to an event, where exactly the opaques of the witness hold.
[[nodiscard]] uint32_t answer_at(const ir::Diagram& diagram, ir::Ref function, const ir::Diagram::Witness& at);

// Opaques of one diagram (indices) as those of another, made there if need be.
[[nodiscard]] std::vector<uint32_t> opaques_in(ir::Diagram& to, const ir::Diagram& from,
                                               const std::vector<uint32_t>& indices);

}  // namespace sbpc::prove
