// bare.h: a program without its source: what it answers. What it lets a process do: capabilities.h.
//
// Decided on the decision diagram that the proof makes of the bytes, for all arguments; where one is too large for all
// calls, on one for each call. Every call that is shown has been run through the interpreter. Tested by
// test/cli/explain_bare.test and test/cli/explain_large.test.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "bpf/insn.h"
#include "explain/call.h"
#include "explain/verdicts.h"
#include "ir/diagram.h"
#include "prove/meetings.h"
#include "prove/symbolic.h"
#include "target/abi.h"

namespace sbpc::explain {

class Bare {
 public:
  // `insns` are ones that the kernel takes.
  Bare(bpf::Insns insns, bool big_endian);
  Bare(Bare&&) = default;  // the instructions stay where they are
  Bare& operator=(Bare&&) = delete;

  // Of the pattern's events: a function in the diagram, valid for that long. Invalid: too large a decision.
  void ask(const CallPattern& pattern, ir::FunctionRef<void(ir::Diagram&, ir::Ref)> visit);
  // The verdicts of the pattern's events, each with a call on which the program was run, while the diagram lives that
  // their regions are in. nullopt: too large.
  struct Ran {
    VerdictPart part;
    uint32_t executed;  // instructions
  };
  using Verdicts = std::optional<std::vector<Ran>>;
  void verdicts(const CallPattern& pattern, ir::FunctionRef<void(ir::Diagram&, const Verdicts&)> visit);
  // Whether it is known at once that no event of the pattern runs. Programs answer most calls alike: asked of a
  // function once, whatever the call.
  [[nodiscard]] bool none_runs(const CallPattern& pattern);
  // What is answered on the events for which `within` makes a yes (by arch and number), as SECCOMP_RET_* words.
  struct Words {
    std::vector<uint32_t> words;  // sorted
    bool is_all = true;           // false: there may be others
  };
  [[nodiscard]] Words words_within(ir::FunctionRef<ir::Ref(ir::Diagram&)> within);

  // Whether one diagram holds all calls: equal answers are one Ref there.
  [[nodiscard]] bool is_whole() const { return !too_large_; }
  // Why not: an instruction, and what it came to.
  [[nodiscard]] const std::optional<bpf::Error>& too_large() const { return too_large_; }
  [[nodiscard]] size_t size() const { return insns_.size(); }

 private:
  [[nodiscard]] bpf::Expected<ir::Ref> whole(ir::Diagram& diagram) const;
  [[nodiscard]] ir::Ref of_box(uint32_t box, ir::Diagram& diagram) const;
  void choose_by_call();

  bpf::Insns insns_;
  bool big_endian_;
  std::optional<prove::StateGraph> graph_;  // nullopt: prove/symbolic.h can't follow it
  std::vector<uint32_t> entries_;           // too large: of the graph, where the choice by arch and number ends
  std::vector<prove::Meeting> met_;
  ir::Diagram diagram_;
  ir::Ref meaning_;                                 // words, and boxes (prove/placeholders.h) if that is too large
  std::unordered_map<ir::Ref, bool> runs_nowhere_;  // of functions in diagram_
  std::optional<bpf::Error> too_large_;
  size_t nodes_left_ = 0;  // too large: for all that is asked call by call
};

// The answers by action for each ABI of `abi`'s family, then for the others. The error says what is too large for
// anything to be told; `open` names calls that are.
struct Summary {
  std::string text;
  std::vector<std::string> open;
};
[[nodiscard]] tl::expected<Summary, std::string> summary(Bare& bare, target::Abi abi);

// The ABIs that one kernel runs: `abi` first.
[[nodiscard]] std::vector<target::Abi> family_of(target::Abi abi);

// All verdicts of a call, each with its condition: "write(_) on x86_64: allow where fd in 1..2". Those of the action
// alone that the kernel is told to have `answered`; all, and that none is it, where none is. nullopt: too large.
[[nodiscard]] std::optional<std::string> bare_answers(Bare& bare, const CallPattern& pattern, std::string_view question,
                                                      std::optional<target::Action> answered = std::nullopt);

}  // namespace sbpc::explain
