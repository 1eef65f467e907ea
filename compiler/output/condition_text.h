// condition_text.h: what a program's tests of arguments ask, in the policy's words: "domain == AF_UNIX", "flags lacks
// CLONE_NEWUSER".
//
// A way through a program asks several tests of one word; they are put together to what the word holds then. The halves
// of a 64-bit argument are told apart, as the program does. Tested by test/unit/output/condition_text_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpf/program.h"
#include "output/paths.h"
#include "sema/policy.h"
#include "target/abi.h"
#include "target/seccomp_data.h"

namespace sbpc::output {

// A system call whose arguments are meant; none: registers are named $0 to $5.
struct NamedCall {
  target::Abi abi;
  uint32_t nr;
};

// What the accumulator holds at an instruction on every way to it; no word if that differs.
struct HeldWord {
  std::optional<target::Word> word;
  uint32_t mask = 0xffffffffU;
  bool operator==(const HeldWord&) const = default;
};
[[nodiscard]] std::vector<HeldWord> held_words(const bpf::Program& program);

// "domain", "upper half of offset", "$3"; empty for nr and arch.
[[nodiscard]] std::string word_text(target::Word word, std::optional<NamedCall> call);
// A single test: "domain == AF_UNIX", "cmd >= 3", "flags & 0x6 == 0x6".
[[nodiscard]] std::string test_text(const bpf::Insn& insn, const HeldWord& held, std::optional<NamedCall> call);
// What holds on a way, apart from the call's number: one text for each word and mask, in the order of their first
// tests.
[[nodiscard]] std::vector<std::string> conditions_of(const bpf::Program& program, const std::vector<sema::Hole>& holes,
                                                     const Way& way, NamedCall call);

}  // namespace sbpc::output
