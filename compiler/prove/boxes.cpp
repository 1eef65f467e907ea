// boxes.cpp: the pairs of boxes, in the order in which the choices' diagram shows them.
#include "prove/boxes.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "ir/copy.h"
#include "ir/meaning.h"
#include "ir/same.h"

namespace sbpc::prove {
namespace {

constexpr size_t kMostNodes = 16 * limits::kDiagramNodes;  // of all pairs together; some seconds

// What the two choices come to on some events.
using Met = std::pair<uint32_t, uint32_t>;

class Comparison {
 public:
  Comparison(const BoxSides& sides, const ir::Order& order, ir::FunctionRef<bool(ir::Diagram&, const BoxPair&)> visit)
      : first_(sides.first), second_(sides.second), order_(order), visit_(visit) {}
  std::optional<std::vector<target::SeccompData>> run();

 private:
  [[nodiscard]] bool constants_differ(const Met& met) const {
    return !is_box(met.first) && !is_box(met.second) && met.first != met.second;
  }
  [[nodiscard]] bool are_same(const Met& met) const;
  [[nodiscard]] bool visit_pair(uint32_t index);
  ir::Ref where(uint32_t index);
  bool visit_constants();

  const Boxes& first_;
  const Boxes& second_;
  const ir::Order& order_;
  ir::FunctionRef<bool(ir::Diagram&, const BoxPair&)> visit_;
  ir::Diagram diagram_;   // of the choices
  std::vector<Met> met_;  // by index, which is the payload of `pairs_`
  ir::Ref pairs_;
  size_t nodes_left_ = kMostNodes;
};

bool Comparison::are_same(const Met& met) const {
  if (!is_box(met.first) || !is_box(met.second) || !first_.policy || !second_.policy) return false;
  return ir::same_function({*first_.policy, ir::FunctionId(met.first - kBox)},
                           {*second_.policy, ir::FunctionId(met.second - kBox)});
}

ir::Ref Comparison::where(uint32_t index) {
  return diagram_.map(pairs_, [index](uint32_t p) { return p == index ? ir::Diagram::kYes : ir::Diagram::kNo; });
}

// What is said by arch and number alone, all at once: a diff then shows ranges of numbers as one.
bool Comparison::visit_constants() {
  const auto side = [&](uint32_t Met::*of) {
    return diagram_.map(pairs_, [&, of](uint32_t p) { return constants_differ(met_[p]) ? met_[p].*of : 0; });
  };
  const ir::Ref within = diagram_.map(
      pairs_, [&](uint32_t p) { return constants_differ(met_[p]) ? ir::Diagram::kYes : ir::Diagram::kNo; });
  return within == diagram_.no() || visit_(diagram_, {within, side(&Met::first), side(&Met::second)});
}

bool Comparison::visit_pair(uint32_t index) {
  ir::Diagram diagram(order_, std::min(nodes_left_, limits::kDiagramNodes));
  const auto side = [&](const Boxes& boxes, uint32_t payload) {
    return is_box(payload) ? boxes.answer(payload - kBox, diagram) : diagram.terminal(payload);
  };
  const ir::Ref a = side(first_, met_[index].first);
  const ir::Ref b = a.valid() ? side(second_, met_[index].second) : a;
  bool is_decided = b.valid();
  if (is_decided && a != b) is_decided = visit_(diagram, {ir::copy(diagram_, where(index), diagram), a, b});
  nodes_left_ -= std::min(nodes_left_, diagram.nodes());
  return is_decided;
}

std::optional<std::vector<target::SeccompData>> Comparison::run() {
  const ir::Ref a = first_.choice(diagram_);
  const ir::Ref b = second_.choice(diagram_);
  if (!a.valid() || !b.valid()) return std::nullopt;
  pairs_ = diagram_.apply(a, b, [&](uint32_t x, uint32_t y) {
    const Met met(x, y);
    auto known = std::find(met_.begin(), met_.end(), met);
    if (known == met_.end()) known = met_.insert(known, met);
    return static_cast<uint32_t>(known - met_.begin());
  });
  if (!pairs_.valid() || !visit_constants()) return std::nullopt;
  std::vector<target::SeccompData> open;
  for (uint32_t index = 0; index < met_.size(); ++index) {
    const bool is_settled = !is_box(met_[index].first) && !is_box(met_[index].second);
    if (is_settled || are_same(met_[index]) || visit_pair(index)) continue;
    const auto witness = diagram_.witness(pairs_, [index](uint32_t p) { return p == index; });
    CHECK(witness.has_value());
    open.push_back(witness->data);
  }
  return open;
}

bool looks_further(const StateGraph& graph, uint32_t id) {
  const State& state = graph.states[id];
  if (graph.patch_at[state.pc] != kNoState) return true;
  const bpf::Insn& insn = graph.code.insns[state.pc];
  if (insn.code != bpf::kLdAbs) return false;
  const target::Word word = target::word_at(insn.k, graph.code.big_endian);
  return word != target::Word::nr && word != target::Word::arch;
}

}  // namespace

std::optional<std::vector<target::SeccompData>> by_boxes(const BoxSides& sides, const ir::Order& order,
                                                         ir::FunctionRef<bool(ir::Diagram&, const BoxPair&)> visit) {
  return Comparison(sides, order, visit).run();
}

std::vector<uint32_t> entry_states(const StateGraph& graph) {
  std::vector<bool> seen(graph.states.size(), false);
  std::vector<uint32_t> open = {0};
  std::vector<uint32_t> entries;
  seen[0] = true;
  while (!open.empty()) {
    const uint32_t id = open.back();
    open.pop_back();
    if (looks_further(graph, id)) {
      entries.push_back(id);
      continue;
    }
    const State& state = graph.states[id];
    if (graph.code.insns[state.pc].code == bpf::kRetK) continue;
    for (const uint32_t next : {state.on_true, state.on_false}) {
      if (!seen[next]) open.push_back(next);
      seen[next] = true;
    }
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

ir::Ref program_choice(const StateGraph& graph, const std::vector<uint32_t>& entries, ir::Diagram& diagram) {
  std::vector<ir::Ref> given(graph.states.size());
  for (size_t i = 0; i < entries.size(); ++i) given[entries[i]] = diagram.terminal(kBox + static_cast<uint32_t>(i));
  return meaning(graph, diagram, given);
}

ir::Ref policy_choice(ir::Program& policy, ir::Diagram& diagram) {
  std::swap(policy.diagram, diagram);
  std::vector<ir::Ref> meanings;
  for (size_t i = 0; i < policy.functions.size(); ++i) {
    ir::Function& function = policy.functions[i];
    meanings.push_back(function.meaning);
    const uint32_t payload =
        function.clauses.empty() ? target::encode(function.otherwise) : kBox + static_cast<uint32_t>(i);
    function.meaning = policy.diagram.terminal(payload);
  }
  const ir::Ref choice = ir::whole_meaning(policy);
  for (size_t i = 0; i < meanings.size(); ++i) policy.functions[i].meaning = meanings[i];
  std::swap(policy.diagram, diagram);
  return choice;
}

ir::Ref policy_answer(ir::Program& policy, uint32_t function, const std::vector<uint32_t>& ids, ir::Diagram& diagram) {
  ir::Diagram own;
  std::swap(policy.diagram, own);
  ir::CondDiagrams conds(policy);
  const ir::Ref made = ir::clauses_meaning(policy, policy.functions[function], conds);
  const ir::Ref copied = ir::copy(policy.diagram, made, diagram, [&](uint32_t id) { return std::optional(ids[id]); });
  std::swap(policy.diagram, own);
  return copied;
}

}  // namespace sbpc::prove
