// prove.h: is this program the policy? Reads the emitted bytes, never the compiler's plans for them.
//
// Executes the instructions symbolically into a decision diagram over all 512 input bits and compares it with the policy's
// meaning. Shares no code with opt/ or codegen/. See docs/proof.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bpf/program.h"
#include "ir/program.h"
#include "target/seccomp_data.h"

namespace sbpc::prove {

struct Witness {
  target::SeccompData data;
  std::vector<uint32_t> flags_set;      // run-time bools and hole comparisons that hold on it (Diagram::opaques indices)
  uint32_t expected;                    // SECCOMP_RET_* words
  uint32_t answered;
};

struct Proof {
  enum class Outcome : uint8_t { proved, refuted, refused, undecided };
  Outcome outcome = Outcome::undecided;
  std::optional<Witness> witness;       // refuted
  std::string reason;                   // refused: which instruction and why; undecided: what ran out
  size_t diagram_nodes = 0;
};

// `bytes` is the program file's content in the target's byte order; `patches` name its run-time holes.
[[nodiscard]] Proof prove(std::span<const uint8_t> bytes, std::span<const bpf::Patch> patches, ir::Program& meaning);

}  // namespace sbpc::prove
