// stretch.h: a program in parts, from one state that all ways pass to the next.
//
//     rule 1 --fails--> | rule 2 --fails--> | rule 3
//     each | is a join: the ways that have not returned meet there
//
// A list of rules too large for one diagram is proved rule by rule between its joins (parts.h). Jumps go forward, so
// walking the states by rising pc a join is where only one is left to visit.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "prove/symbolic.h"

namespace sbpc::prove {

struct Stretch {
  std::vector<uint32_t> states;  // what may run before the join, in an order in which edges lead on
  uint32_t join = kNoState;      // kNoState: all ways return
};

class Stretches {
 public:
  Stretches(const StateGraph& graph, uint32_t from);
  // Must not be called again after one without a join.
  [[nodiscard]] Stretch next();

 private:
  [[nodiscard]] bool returns(uint32_t id) const { return graph_.code.insns[graph_.states[id].pc].code == bpf::kRetK; }
  void leave(uint32_t id, Stretch& into);
  const StateGraph& graph_;
  std::set<std::pair<uint32_t, uint32_t>> open_;  // (pc, id) of states seen but not visited; no returns
  uint32_t from_;
};

// What the stretch answers; `at_join` stands for what its join answers.
[[nodiscard]] ir::Ref stretch_meaning(const StateGraph& graph, const Stretch& stretch, ir::Ref at_join,
                                      ir::Diagram& diagram);

}  // namespace sbpc::prove
