// bare.h: a program without its source: what it answers. What it lets a process do: capabilities.h.
//
// Decided on the decision diagram that the proof makes of the bytes, for all arguments. Every call that is shown has
// been run through the interpreter. Tested by test/cli/explain_bare.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpf/insn.h"
#include "explain/call.h"
#include "ir/diagram.h"
#include "target/abi.h"

namespace sbpc::explain {

struct Bare {
  bpf::Insns insns;
  bool big_endian = false;
  ir::Diagram diagram;
  ir::Ref meaning;
};

// The error says what cannot be followed, or that the program is too large a decision. `insns` are ones that the kernel
// takes.
[[nodiscard]] tl::expected<Bare, std::string> read_bare(bpf::Insns insns, bool big_endian);

// The answers by action for each ABI of `abi`'s family, then for the others.
[[nodiscard]] std::string summary(Bare& bare, target::Abi abi);

// The ABIs that one kernel runs: `abi` first.
[[nodiscard]] std::vector<target::Abi> family_of(target::Abi abi);

// All verdicts of a call, each with its condition: "write(_) on x86_64: allow where fd in 1..2".
[[nodiscard]] std::optional<std::string> bare_answers(Bare& bare, const CallPattern& pattern,
                                                      std::string_view question);

}  // namespace sbpc::explain
