#include "output/meaning.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "bpf/disasm.h"
#include "output/condition_text.h"
#include "output/names.h"
#include "target/seccomp_data.h"
#include "target/syscalls.h"

namespace sbpc::output {
namespace {

// What is known when an instruction is reached, on all ways to it.
struct State {
  bool reached = false;
  std::optional<target::Word> word;  // the accumulator holds it ...
  uint32_t mask = 0xffffffffU;       // ... masked
  std::optional<uint32_t> arch;
  uint32_t nr_first = 0;  // the number lies between these
  uint32_t nr_last = 0xffffffffU;
  [[nodiscard]] std::optional<uint32_t> nr() const {
    return nr_first == nr_last ? std::optional(nr_first) : std::nullopt;
  }
};

template <class T>
void keep_common(std::optional<T>& into, const std::optional<T>& other) {
  if (into != other) into.reset();
}

void merge(State& into, const State& from) {
  if (!into.reached) {
    into = from;
    into.reached = true;
    return;
  }
  if (into.mask != from.mask) into.word.reset();
  keep_common(into.word, from.word);
  keep_common(into.arch, from.arch);
  into.nr_first = std::min(into.nr_first, from.nr_first);
  into.nr_last = std::max(into.nr_last, from.nr_last);
}

// What a comparison of the number with k tells, on each way out of it.
void narrow(uint16_t code, uint32_t k, State& yes, State& no) {
  switch (code) {
    case bpf::kJeqK:
      yes.nr_first = yes.nr_last = k;
      if (no.nr_first == k && k != no.nr_last) ++no.nr_first;
      if (no.nr_last == k && k != no.nr_first) --no.nr_last;
      return;
    case bpf::kJgeK:
      yes.nr_first = std::max(yes.nr_first, k);
      if (k != 0) no.nr_last = std::min(no.nr_last, k - 1);
      return;
    case bpf::kJgtK:
      if (k != 0xffffffffU) yes.nr_first = std::max(yes.nr_first, k + 1);
      no.nr_last = std::min(no.nr_last, k);
      return;
    default: return;
  }
}

class Explainer {
 public:
  Explainer(const bpf::Program& program, const std::vector<target::Abi>& abis, const std::vector<sema::Hole>& holes)
      : program_(program), abis_(abis), holes_(holes) {}

  std::vector<std::string> run() {
    std::vector<State> states(program_.insns.size() + 1);
    states[0].reached = true;
    std::vector<std::string> texts;
    for (size_t pc = 0; pc < program_.insns.size(); ++pc) {
      texts.push_back(visit(pc, states));
    }
    return texts;
  }

 private:
  void flow(std::vector<State>& states, size_t target, const State& state) const {
    if (target < states.size()) merge(states[target], state);
  }

  std::string visit(size_t pc, std::vector<State>& states) {
    const bpf::Insn& insn = program_.insns[pc];
    State state = states[pc];
    switch (insn.code) {
      case bpf::kLdAbs:
        state.word = target::word_at(insn.k, program_.big_endian);
        state.mask = 0xffffffffU;
        flow(states, pc + 1, state);
        return argument(state);
      case bpf::kAndK:
        state.mask &= insn.k;
        flow(states, pc + 1, state);
        return {};
      case bpf::kJa:
        flow(states, pc + 1 + insn.k, state);
        if (const bpf::Patch* patch = patch_of(pc)) {
          flow(states, pc + 1, state);
          flow(states, pc + 1 + patch->offset, state);
          return hole_name(*patch);
        }
        return {};
      case bpf::kRetK: return verdict_name(target::decode(insn.k), abi(state).value_or(abis_.front()));
      default: break;
    }
    State yes = state;
    State no = state;
    if (state.mask == 0xffffffffU && state.word == target::Word::nr) narrow(insn.code, insn.k, yes, no);
    if (insn.code == bpf::kJeqK && state.word == target::Word::arch) yes.arch = insn.k;
    flow(states, pc + 1 + insn.jt, yes);
    flow(states, pc + 1 + insn.jf, no);
    if (const bpf::Patch* patch = patch_of(pc)) {
      return state.word ? fmt::format("{} == {}", word_text(*state.word, named(state)), hole_name(*patch)) : "";
    }
    return test(insn, state);
  }

  [[nodiscard]] const bpf::Patch* patch_of(size_t pc) const {
    const auto found = std::find_if(program_.patches.begin(), program_.patches.end(),
                                    [pc](const bpf::Patch& patch) { return patch.pc == pc; });
    return found == program_.patches.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::string hole_name(const bpf::Patch& patch) const {
    return patch.hole < holes_.size() ? holes_[patch.hole].name : fmt::format("parameter {}", patch.hole);
  }
  // The call that is known here, whose arguments have names.
  [[nodiscard]] std::optional<NamedCall> named(const State& state) const {
    const auto known = abi(state);
    if (!state.nr() || !known) return std::nullopt;
    return NamedCall{abi_of_call(*state.nr(), *known), *state.nr()};
  }

  // The first of the policy's ABIs with the arch word that is known here.
  [[nodiscard]] std::optional<target::Abi> abi(const State& state) const {
    if (!state.arch) return abis_.size() == 1 ? std::optional(abis_.front()) : std::nullopt;
    for (const target::Abi abi : abis_) {
      if (target::info(abi).audit_arch == *state.arch) return abi;
    }
    return std::nullopt;
  }

  // "openat: flags" where the call is known, "" for nr and arch, else what the listing says anyway.
  [[nodiscard]] std::string argument(const State& state) const {
    const auto known = abi(state);
    if (!state.word || !state.nr() || !known || *state.word < target::Word::arg0_lo) return {};
    const target::Abi own = abi_of_call(*state.nr(), *known);
    const auto call = target::call_at(own, *state.nr());
    const auto args = call ? target::call_args(*call, own) : std::nullopt;
    if (!args) return call_label(*state.nr(), *known);
    const auto index = static_cast<unsigned>(*state.word) - static_cast<unsigned>(target::Word::arg0_lo);
    const auto slot = static_cast<uint8_t>(index / 2);
    for (const target::Arg& arg : *args) {
      const bool upper = index % 2 == 1 || arg.slots.high == slot;
      if (arg.slots.low == slot || arg.slots.high == slot) {
        return fmt::format("{}: {}{}", call_label(*state.nr(), *known), arg.name, upper ? ", upper half" : "");
      }
    }
    return call_label(*state.nr(), *known);
  }

  [[nodiscard]] std::string test(const bpf::Insn& insn, const State& state) const {
    if (state.word == target::Word::arch && insn.code == bpf::kJeqK) {
      for (const target::AbiInfo& row : target::abis()) {
        if (row.audit_arch == insn.k) return fmt::format("arch {}", row.name);
      }
    }
    const auto known = abi(state);
    const bool asks_bits = insn.code == bpf::kJsetK && insn.k != target::kX32Bit;
    if (state.word && (state.word != target::Word::nr || asks_bits))
      return test_text(insn, {state.word, state.mask}, named(state));
    if (state.word != target::Word::nr || !known) return {};
    const bool all = state.mask == 0xffffffffU;
    if (insn.code == bpf::kJsetK && insn.k == target::kX32Bit) return "x32";
    if (!all) return {};
    if (insn.code == bpf::kJeqK) return call_label(insn.k, *known);
    if (insn.code == bpf::kJgeK) return fmt::format("from {} on", call_label(insn.k, *known));
    if (insn.code == bpf::kJgtK) return fmt::format("after {}", call_label(insn.k, *known));
    return {};
  }

  const bpf::Program& program_;
  const std::vector<target::Abi>& abis_;
  const std::vector<sema::Hole>& holes_;
};

}  // namespace

std::vector<std::string> meanings(const bpf::Program& program, const std::vector<target::Abi>& abis,
                                  const std::vector<sema::Hole>& holes) {
  return Explainer(program, abis, holes).run();
}

}  // namespace sbpc::output
