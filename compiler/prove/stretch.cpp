// stretch.cpp: joins of the state graph. Tested by test/unit/prove/parts_test.cpp.
#include "prove/stretch.h"

#include <unordered_map>

#include "base/check.h"

namespace sbpc::prove {

Stretches::Stretches(const StateGraph& graph, uint32_t from) : graph_(graph), from_(from) {}

void Stretches::leave(uint32_t id, Stretch& into) {
  into.states.push_back(id);
  for (uint32_t next : {graph_.states[id].on_true, graph_.states[id].on_false}) {
    if (returns(next)) {
      into.states.push_back(next);  // may stand there twice; it answers the same
    } else {
      open_.insert({graph_.states[next].pc, next});
    }
  }
}

Stretch Stretches::next() {
  Stretch made;
  CHECK(from_ != kNoState);
  if (returns(from_)) {
    made.states.push_back(from_);
  } else {
    leave(from_, made);
  }
  while (open_.size() > 1) {
    const uint32_t id = open_.begin()->second;
    open_.erase(open_.begin());
    leave(id, made);
  }
  if (!open_.empty()) made.join = open_.begin()->second;
  open_.clear();
  from_ = made.join;
  return made;
}

ir::Ref stretch_meaning(const StateGraph& graph, const Stretch& stretch, ir::Ref at_join, ir::Diagram& diagram) {
  std::unordered_map<uint32_t, ir::Ref> of;  // only looked up
  if (stretch.join != kNoState) of[stretch.join] = at_join;
  // Returns stand behind the states that lead to them, so backwards everything is known when it is asked for.
  for (size_t i = stretch.states.size(); i-- > 0;) {
    const uint32_t id = stretch.states[i];
    const State& state = graph.states[id];
    const bool is_return = graph.code.insns[state.pc].code == bpf::kRetK;
    const Behind behind = is_return ? Behind{} : Behind{of.at(state.on_true), of.at(state.on_false)};
    of[id] = state_meaning(graph, state, behind, diagram);
  }
  return of.at(stretch.states.front());
}

}  // namespace sbpc::prove
