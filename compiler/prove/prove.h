// prove.h: is this program the policy? Reads the emitted bytes, never the compiler's plans for them.
//
// Executes the instructions symbolically into a decision diagram over all 512 input bits and compares it with the
// policy's meaning. Shares no code with opt/ or codegen/. See docs/proof.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "bpf/program.h"
#include "ir/program.h"
#include "prove/cached.h"
#include "prove/witness.h"
#include "target/seccomp_data.h"

namespace sbpc::prove {

struct Proof {
  enum class Outcome : uint8_t { proved, refuted, refused, undecided };
  Outcome outcome = Outcome::undecided;
  std::optional<Witness> witness;  // refuted
  std::string reason;              // refused: which instruction and why; undecided: what ran out, or is not known
  bool in_parts = false;           // one diagram for all calls outgrew its budget: parts.h
  bool is_interleaved = false;     // the program combines words: meetings.h
  std::optional<CacheDifference>
      cache;  // proved: a call for which the kernel's cache and the policy differ; not asked for holes' values
  size_t diagram_nodes = 0;
};

// `bytes` is the program file's content in the target's byte order; `patches` name its run-time holes.
[[nodiscard]] Proof prove(std::span<const uint8_t> bytes, std::span<const bpf::Patch> patches, ir::Program& meaning);

// The call that takes most instructions, over every event and all values of run-time parameters: exact. nullopt: the
// program is one that symbolic.h can't follow, or the diagram of its path lengths outgrows the budget.
struct LongestPath {
  uint32_t insns;            // executed, the return included
  target::SeccompData data;  // a call that takes so many, for some values of run-time parameters
};
[[nodiscard]] std::optional<LongestPath> longest_path(std::span<const uint8_t> bytes,
                                                      std::span<const bpf::Patch> patches, ir::Program& meaning);

}  // namespace sbpc::prove
