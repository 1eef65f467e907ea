#include "prove/symbolic.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/limits.h"
#include "bpf/disasm.h"
#include "bpf/opcode.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::prove {
namespace {

constexpr uint32_t kAllBits = 0xffffffffU;

using bpf::Insn;
using bpf::Opcode;
using bpf::Patch;

bool holds(Opcode opcode, uint32_t a, uint32_t k) {
  if (opcode == Opcode::jeq_k) return a == k;
  if (opcode == Opcode::jgt_k) return a > k;
  if (opcode == Opcode::jge_k) return a >= k;
  CHECK(opcode == Opcode::jset_k);
  return (a & k) != 0;
}

// ---- forward: which states there are ----

// Whether some way on from each instruction looks at A before it loads it anew. Jumps of run-time bools may go both
// ways.
std::vector<bool> a_is_read(const Code& code) {
  std::vector<bool> read(code.insns.size(), false);
  for (size_t pc = code.insns.size(); pc-- > 0;) {
    const Insn& insn = code.insns[pc];
    if (insn.code == bpf::kLdAbs || insn.code == bpf::kRetK) continue;
    const bool is_jump = insn.code == bpf::kJa;
    read[pc] = is_jump ? read[pc + 1] || read[pc + 1 + insn.k] : true;
  }
  return read;
}

class Follower {
 public:
  explicit Follower(const Code& code) : a_is_read_(a_is_read(code)) {
    graph_.code = code;
    graph_.first.assign(code.insns.size(), kNoState);
    graph_.patch_at.assign(code.insns.size(), kNoState);
    for (size_t i = 0; i < code.patches.size(); ++i) graph_.patch_at[code.patches[i].pc] = static_cast<uint32_t>(i);
  }

  bpf::Expected<StateGraph> run();

 private:
  void step(uint32_t id);
  void branch(uint32_t id, const Insn& insn, Opcode opcode);
  void flag(uint32_t id);
  std::optional<Value> computed(Opcode opcode, const Insn& insn, const Value& a) const;
  void go(uint32_t id, uint32_t pc_true, uint32_t pc_false, const Value& a);
  uint32_t state(uint32_t pc, Value a);
  void fail(uint32_t pc, std::string why) {
    if (!error_) error_ = bpf::Error{pc, std::move(why)};
  }

  StateGraph graph_;
  std::vector<bool> a_is_read_;  // by pc: by it or by something behind it
  std::optional<bpf::Error> error_;
};

uint32_t Follower::state(uint32_t pc, Value a) {
  CHECK(pc < graph_.code.insns.size());
  if (!a_is_read_[pc]) a = {};
  uint32_t found = 0;
  for (uint32_t id = graph_.first[pc]; id != kNoState; id = graph_.states[id].next_here) {
    if (graph_.states[id].a == a) return id;
    ++found;
  }
  if (found >= limits::kProofStates)
    fail(pc, fmt::format("the accumulator has more than {} forms here", limits::kProofStates));
  State made;
  made.pc = pc;
  made.a = a;
  made.next_here = graph_.first[pc];
  graph_.states.push_back(made);
  return graph_.first[pc] = static_cast<uint32_t>(graph_.states.size() - 1);
}

void Follower::go(uint32_t id, uint32_t pc_true, uint32_t pc_false, const Value& a) {
  const uint32_t on_true = state(pc_true, a);
  const uint32_t on_false = pc_false == pc_true ? on_true : state(pc_false, a);
  graph_.states[id].on_true = on_true;
  graph_.states[id].on_false = on_false;
}

// A after a load, a move or arithmetic; nullopt if it has no form that we know.
std::optional<Value> Follower::computed(Opcode opcode, const Insn& insn, const Value& a) const {
  if (opcode == Opcode::ld_word) return Value{true, target::word_at(insn.k, graph_.code.big_endian), kAllBits};
  if (opcode == Opcode::ld_imm) return Value{false, {}, insn.k};
  if (opcode == Opcode::ld_len) return Value{false, {}, target::kSeccompDataBytes};
  if (opcode != Opcode::and_k) return std::nullopt;
  Value masked = a;
  masked.bits &= insn.k;
  return masked.is_word && masked.bits == 0 ? Value{} : masked;
}

void Follower::branch(uint32_t id, const Insn& insn, Opcode opcode) {
  const State from = graph_.states[id];
  const uint32_t pc_true = from.pc + 1 + insn.jt;
  const uint32_t pc_false = from.pc + 1 + insn.jf;
  const bool patched = graph_.patch_at[from.pc] != kNoState;
  if (patched && !from.a.is_word) return fail(from.pc, "a run-time parameter is compared with a constant");
  if (patched || from.a.is_word) return go(id, pc_true, pc_false, from.a);
  const uint32_t only = holds(opcode, from.a.bits, insn.k) ? pc_true : pc_false;
  go(id, only, only, from.a);
}

void Follower::flag(uint32_t id) {
  const State from = graph_.states[id];
  const Patch& patch = graph_.code.patches[graph_.patch_at[from.pc]];
  go(id, from.pc + 1, from.pc + 1 + patch.offset, from.a);
}

void Follower::step(uint32_t id) {
  const State from = graph_.states[id];
  const Insn& insn = graph_.code.insns[from.pc];
  const Opcode opcode = bpf::opcode_of(insn.code);
  switch (bpf::info(opcode).operand) {
    case bpf::Operand::verdict: return;
    case bpf::Operand::branch: return branch(id, insn, opcode);
    case bpf::Operand::jump:
      if (graph_.patch_at[from.pc] != kNoState) return flag(id);
      return go(id, from.pc + 1 + insn.k, from.pc + 1 + insn.k, from.a);
    case bpf::Operand::none:
    case bpf::Operand::word:
    case bpf::Operand::imm:
    case bpf::Operand::len:
    case bpf::Operand::mem:
    case bpf::Operand::x:
    case bpf::Operand::branchx:
    case bpf::Operand::a: break;
  }
  std::optional<Value> after = computed(opcode, insn, from.a);
  if (after) return go(id, from.pc + 1, from.pc + 1, *after);
  fail(from.pc,
       fmt::format("`{}` is beyond what the proof follows: it knows loads, `and`, jumps and returns of constants",
                   bpf::info(opcode).mnemonic));
}

bpf::Expected<StateGraph> Follower::run() {
  (void)state(0, {});  // the kernel clears A
  for (size_t pc = 0; pc < graph_.code.insns.size() && !error_; ++pc) {
    for (uint32_t id = graph_.first[pc]; id != kNoState && !error_; id = graph_.states[id].next_here) step(id);
  }
  if (error_) return tl::unexpected(*error_);
  return std::move(graph_);
}

// ---- backward: what they mean ----

// Where `(word & a.bits) OP k` holds.
ir::Ref predicate(const Value& a, Opcode opcode, uint32_t k, ir::Diagram& diagram) {
  auto within = [&](uint32_t mask, uint32_t first, uint32_t last) {
    const ir::WordRange range{first, last};
    return diagram.member(a.word, mask, std::span(&range, 1));
  };
  if (opcode == Opcode::jset_k) return within(a.bits & k, 1, kAllBits);
  if (opcode == Opcode::jeq_k) return within(a.bits, k, k);
  if (opcode == Opcode::jge_k) return within(a.bits, k, kAllBits);
  CHECK(opcode == Opcode::jgt_k);
  return k == kAllBits ? diagram.no() : within(a.bits, k + 1, kAllBits);
}

// The run-time parameter's atom that decides a patched instruction.
ir::Ref parameter(const State& state, const Patch& patch, ir::Diagram& diagram) {
  switch (patch.kind) {
    case Patch::Kind::flag: return diagram.opaque(std::nullopt, patch.hole, false);
    case Patch::Kind::value_low: return diagram.opaque(state.a.word, patch.hole, false, state.a.bits);
    case Patch::Kind::value_high: return diagram.opaque(state.a.word, patch.hole, true, state.a.bits);
  }
  CHECK(false);
}

// The opaque that decides a patched instruction.
ir::Diagram::Opaque opaque_of(const State& state, const Patch& patch) {
  if (patch.kind == Patch::Kind::flag) return {std::nullopt, patch.hole, false};
  return {state.a.word, patch.hole, patch.kind == Patch::Kind::value_high, state.a.bits};
}

std::optional<std::string> wrong_patch(const Code& code, const Patch& patch, std::span<const ir::Hole> holes) {
  if (patch.pc >= code.insns.size()) return "a run-time parameter lies past the end of the program";
  if (patch.hole >= holes.size()) return fmt::format("there is no run-time parameter {}", patch.hole);
  const Insn& insn = code.insns[patch.pc];
  const bool is_flag = patch.kind == Patch::Kind::flag;
  if (is_flag != holes[patch.hole].is_bool)
    return fmt::format("run-time parameter {} is of the other kind", patch.hole);
  if (!is_flag) {
    if (insn.code != bpf::kJeqK) return "a run-time value is filled into an instruction that is no `jeq`";
    return std::nullopt;
  }
  if (insn.code != bpf::kJa) return "a run-time bool is filled into an instruction that is no `ja`";
  if (patch.offset >= code.insns.size() - patch.pc - 1) return "the jump of a run-time bool leaves the program";
  if (insn.k != patch.offset) return "the jump of a run-time bool does not start out as false";
  return std::nullopt;
}

}  // namespace

bpf::Expected<StateGraph> follow(const Code& code) { return Follower(code).run(); }

std::optional<bpf::Error> patch_error(const Code& code, std::span<const ir::Hole> holes) {
  for (size_t i = 0; i < code.patches.size(); ++i) {
    const Patch& patch = code.patches[i];
    if (i > 0 && code.patches[i - 1].pc >= patch.pc)
      return bpf::Error{patch.pc, "the run-time parameters are not in order"};
    if (auto why = wrong_patch(code, patch, holes)) return bpf::Error{patch.pc, *why};
  }
  return std::nullopt;
}

ir::Ref state_meaning(const StateGraph& graph, const State& state, Behind behind, ir::Diagram& diagram) {
  const Insn& insn = graph.code.insns[state.pc];
  if (insn.code == bpf::kRetK) return diagram.terminal(target::canonical(insn.k));
  if (behind.on_true == behind.on_false) return behind.on_true;
  const uint32_t patch = graph.patch_at[state.pc];
  const ir::Ref condition = patch != kNoState ? parameter(state, graph.code.patches[patch], diagram)
                                              : predicate(state.a, bpf::opcode_of(insn.code), insn.k, diagram);
  return diagram.ite(condition, behind.on_true, behind.on_false);
}

namespace {

// What decides some states beforehand.
struct Known {
  std::span<const ir::Ref> given;  // answers, by state id; invalid: not given
  Said said;
};

// The state after one that asks about nothing but what is said; nullopt where it asks about more.
std::optional<uint32_t> next_as_said(const StateGraph& graph, const State& state, const Said& said) {
  if (state.on_true == state.on_false || graph.patch_at[state.pc] != kNoState) return std::nullopt;
  const uint32_t fixed = said.fixed[static_cast<size_t>(state.a.word)];
  if (fixed == 0) return std::nullopt;
  const Insn& insn = graph.code.insns[state.pc];
  const Opcode opcode = bpf::opcode_of(insn.code);
  const uint32_t asked = opcode == Opcode::jset_k ? state.a.bits & insn.k : state.a.bits;
  if ((asked & ~fixed) != 0) return std::nullopt;
  return holds(opcode, target::word_value(said.data, state.a.word) & asked, insn.k) ? state.on_true : state.on_false;
}

// From the state `start` on.
ir::Ref meaning_of(const StateGraph& graph, uint32_t start, ir::Diagram& diagram, const Known& known) {
  struct Step {
    uint32_t id, on_true, on_false;
  };
  std::vector<ir::Ref> of(known.given.begin(), known.given.end());
  of.resize(graph.states.size());
  std::vector<bool> wanted(graph.states.size(), false);
  wanted[start] = true;
  std::vector<Step> order;  // the wanted states by rising pc
  for (uint32_t first : graph.first) {
    for (uint32_t id = first; id != kNoState; id = graph.states[id].next_here) {
      const State& state = graph.states[id];
      if (!wanted[id] || of[id].valid()) continue;
      const auto next = next_as_said(graph, state, known.said);
      order.push_back({id, next.value_or(state.on_true), next.value_or(state.on_false)});
      if (graph.code.insns[state.pc].code != bpf::kRetK)
        wanted[order.back().on_true] = wanted[order.back().on_false] = true;
    }
  }
  for (size_t i = order.size(); i-- > 0;) {
    const Step& step = order[i];
    of[step.id] = state_meaning(graph, graph.states[step.id], {of[step.on_true], of[step.on_false]}, diagram);
  }
  return of[start];
}

}  // namespace

ir::Ref meaning(const StateGraph& graph, ir::Diagram& diagram) { return meaning_of(graph, 0, diagram, {}); }

ir::Ref meaning(const StateGraph& graph, ir::Diagram& diagram, std::span<const ir::Ref> given) {
  return meaning_of(graph, 0, diagram, {given, {}});
}

ir::Ref meaning_where(const StateGraph& graph, const Said& said, ir::Diagram& diagram) {
  return meaning_of(graph, 0, diagram, {{}, said});
}

ir::Ref meaning_from(const StateGraph& graph, uint32_t state, ir::Diagram& diagram) {
  return meaning_of(graph, state, diagram, {});
}

uint32_t state_after(const StateGraph& graph, uint32_t id, const target::SeccompData& data) {
  const State& state = graph.states[id];
  if (state.on_true == state.on_false) return state.on_true;
  const Insn& insn = graph.code.insns[state.pc];
  const uint32_t a = target::word_value(data, state.a.word) & state.a.bits;
  return holds(bpf::opcode_of(insn.code), a, insn.k) ? state.on_true : state.on_false;
}

bpf::Insns resolved(const StateGraph& graph, const target::SeccompData& data, const ir::Diagram& diagram,
                    std::span<const uint32_t> set) {
  return resolved(graph, data, [&](const ir::Diagram::Opaque& opaque) {
    return std::any_of(set.begin(), set.end(), [&](uint32_t index) { return diagram.opaques()[index] == opaque; });
  });
}

bpf::Insns resolved(const StateGraph& graph, const target::SeccompData& data,
                    ir::FunctionRef<bool(const ir::Diagram::Opaque&)> is_set) {
  bpf::Insns insns(graph.code.insns.begin(), graph.code.insns.end());
  uint32_t id = 0;
  while (insns[graph.states[id].pc].code != bpf::kRetK) {
    const State& state = graph.states[id];
    const uint32_t patch = graph.patch_at[state.pc];
    if (patch == kNoState) {
      id = state_after(graph, id, data);
      continue;
    }
    id = is_set(opaque_of(state, graph.code.patches[patch])) ? state.on_true : state.on_false;
    insns[state.pc] = {bpf::kJa, 0, 0, graph.states[id].pc - state.pc - 1};
  }
  return insns;
}

}  // namespace sbpc::prove
