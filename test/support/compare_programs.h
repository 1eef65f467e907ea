// compare_programs.h: two bare programs of one machine against each other, with the proof's own parts as `sbpc prove`
// puts them together for files.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "prove/compare.h"
#include "prove/general.h"
#include "prove/meetings.h"
#include "prove/prove.h"
#include "prove/trial.h"

namespace sbpc::prove::testing {

class ProgramPair {
 public:
  ProgramPair(const bpf::Insns& first, const bpf::Insns& second, bool big_endian, Relation relation)
      : first_(first), second_(second), big_endian_(big_endian), relation_(relation) {}

  // In a witness `expected` is the second's answer and `answered` the first's. refused: `reason` begins with which of
  // the two.
  Proof run() {
    for (const bpf::Insns* insns : {&first_, &second_}) {
      if (const auto refusal = bpf::kernel_refusal(*insns)) return stopped(Proof::Outcome::refused, insns, *refusal);
    }
    std::vector<Meeting> met = meetings(first_, big_endian_);
    for (const Meeting& each : meetings(second_, big_endian_)) met.push_back(each);
    ir::Diagram natural;
    const Reading reading = in_some_order(met, natural, [&](ir::Diagram& diagram) { return decides(diagram); });
    proof_.is_interleaved = reading == Reading::interleaved;
    if (reading == Reading::undecided) try_calls();
    return std::move(proof_);
  }

 private:
  [[nodiscard]] uint32_t answer(const bpf::Insns& insns, const target::SeccompData& data) const {
    return bpf::interpret(insns, data, big_endian_).word;
  }
  Proof stopped(Proof::Outcome outcome, const bpf::Insns* insns, const bpf::Error& error) const {
    Proof proof;
    proof.outcome = outcome;
    proof.reason =
        fmt::format("the {} program, instruction {}: {}", insns == &first_ ? "first" : "second", error.pc, error.text);
    return proof;
  }
  void refute(const target::SeccompData& data) {
    proof_ = {};
    proof_.outcome = Proof::Outcome::refuted;
    proof_.witness = Witness{data, {}, answer(second_, data), answer(first_, data)};
  }

  bool decides(ir::Diagram& diagram) {
    stuck_ = {};
    std::array<ir::Ref, 2> functions;
    const std::array programs{&first_, &second_};
    for (size_t i = 0; i < programs.size(); ++i) {
      const auto function = program_function(*programs[i], big_endian_, diagram, {{}, relation_ == Relation::equal});
      if (!function) {
        proof_ = stopped(Proof::Outcome::undecided, programs[i], function.error());
        stuck_[i] = function.error().pc;
        return false;
      }
      functions[i] = *function;
    }
    const Counterexample found = counterexample(diagram, functions[0], functions[1], relation_);
    proof_ = {};
    proof_.reason = found.decided ? "" : "the programs together outgrow the limit of decision-diagram nodes";
    if (found.decided) proof_.outcome = Proof::Outcome::proved;
    if (found.witness) refute(found.witness->data);
    proof_.diagram_nodes = diagram.nodes();
    return found.decided;
  }

  // What no diagram decides may still be shown to be wrong.
  void try_calls() {
    const std::array programs{TrialProgram{first_, big_endian_, stuck_[0]},
                              TrialProgram{second_, big_endian_, stuck_[1]}};
    const auto found = difference_by_trial(programs, {}, {}, [&](const target::SeccompData& data) {
      return !holds_between(relation_, answer(first_, data), answer(second_, data));
    });
    if (found) refute(*found);
  }

  const bpf::Insns& first_;
  const bpf::Insns& second_;
  bool big_endian_;
  Relation relation_;
  Proof proof_;
  std::array<std::optional<size_t>, 2> stuck_;
};

[[nodiscard]] inline Proof compare(const bpf::Insns& first, const bpf::Insns& second, bool big_endian,
                                   Relation relation) {
  return ProgramPair(first, second, big_endian, relation).run();
}

}  // namespace sbpc::prove::testing
