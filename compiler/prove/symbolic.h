// symbolic.h: runs a program on all events at once.
//
// follow() finds, from the first instruction on, what A can be at each instruction: a constant, or a word of
// seccomp_data under a mask. meaning() then goes back from the last instruction: a ret is a terminal, a branch an
// if-then-else over the bits of the word. Programs that do more (X, scratch cells, other arithmetic on input) are not
// followed here but by general.h; compilers of filters hardly make them. Shares nothing with codegen/. Tested by
// test/unit/prove/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bpf/error.h"
#include "bpf/insn.h"
#include "bpf/program.h"
#include "ir/diagram.h"
#include "ir/program.h"
#include "prove/said.h"

namespace sbpc::prove {

// What A holds.
struct Value {
  bool is_word = false;
  target::Word word{};
  uint32_t bits = 0;  // the constant, or the mask of the word
  bool operator==(const Value&) const = default;
};

// An instruction together with what A holds before it; where nobody looks at A any more it counts as 0.
struct State {
  uint32_t pc = 0;
  Value a;
  uint32_t next_here = 0;  // another state of the same pc; kNoState ends the list
  uint32_t on_true = 0;    // ids of the states that follow; the same where there is one way only
  uint32_t on_false = 0;
};
inline constexpr uint32_t kNoState = 0xffffffffU;

// A program with its run-time holes; outlives the graph made of it.
struct Code {
  std::span<const bpf::Insn> insns;
  std::span<const bpf::Patch> patches;  // by rising pc
  bool big_endian = false;
};

// States by id; those of one pc are a list that starts at `first[pc]`. Edges lead to larger pcs. State 0 is the start.
struct StateGraph {
  Code code;
  std::vector<State> states;
  std::vector<uint32_t> first;
  std::vector<uint32_t> patch_at;  // by pc: index into code.patches, or kNoState
};

// `code.insns` is one that bpf::kernel_refusal has nothing against, `code.patches` one that patch_error has nothing
// against. The error names what can't be followed.
[[nodiscard]] bpf::Expected<StateGraph> follow(const Code& code);

// Whether the program's patches are ones that these run-time parameters can fill in.
[[nodiscard]] std::optional<bpf::Error> patch_error(const Code& code, std::span<const ir::Hole> holes);

// SECCOMP_RET_* words as a function of the event. Invalid if the diagram's budget ran out.
[[nodiscard]] ir::Ref meaning(const StateGraph& graph, ir::Diagram& diagram);

// The same where the answers of some states are given (by state id; invalid: not given).
[[nodiscard]] ir::Ref meaning(const StateGraph& graph, ir::Diagram& diagram, std::span<const ir::Ref> given);

// The same on the events of which that much is said: small where the whole is not.
[[nodiscard]] ir::Ref meaning_where(const StateGraph& graph, const Said& said, ir::Diagram& diagram);

// What the program answers from a state on.
[[nodiscard]] ir::Ref meaning_from(const StateGraph& graph, uint32_t state, ir::Diagram& diagram);

// In parts: what a state answers, given what the states behind it answer.
struct Behind {
  ir::Ref on_true;
  ir::Ref on_false;
};
[[nodiscard]] ir::Ref state_meaning(const StateGraph& graph, const State& state, Behind behind, ir::Diagram& diagram);

// The state after `id` for an event. `id` is of no return and no patched instruction.
[[nodiscard]] uint32_t state_after(const StateGraph& graph, uint32_t id, const target::SeccompData& data);

// The program as it runs for one event when run-time parameters are such that exactly the opaques of `set` hold: each
// patched instruction on the way becomes a JA. Only for that event.
[[nodiscard]] bpf::Insns resolved(const StateGraph& graph, const target::SeccompData& data, const ir::Diagram& diagram,
                                  std::span<const uint32_t> set);
// The same where `is_set` says which opaques hold.
[[nodiscard]] bpf::Insns resolved(const StateGraph& graph, const target::SeccompData& data,
                                  ir::FunctionRef<bool(const ir::Diagram::Opaque&)> is_set);

}  // namespace sbpc::prove
