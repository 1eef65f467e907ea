#include "opt/cost.h"

#include <algorithm>

#include "opt/flow.h"
#include "opt/weights.h"

namespace sbpc::opt {
using ir::Node;
using ir::NodeId;
using ir::Op;
using ir::Program;
using ir::Word;

size_t CostModel::Hash::operator()(const State& state) const {
  size_t hash = state.node.value;
  hash = hash * size_t{0x9E3779B97F4A7C15U} + (state.held.known ? 32 : 0) + static_cast<size_t>(state.held.word);
  hash = hash * size_t{0x9E3779B97F4A7C15U} + state.held.mask;
  return hash ^ hash >> 29;
}

CostModel::CostModel(const Program& program) : program_(program), heat_(heat_of_nodes(program)) {}

// Ways are followed with an explicit list, not by recursion: a graph may be as deep as it is large.
Executed CostModel::below(const State& from) {
  std::vector<State> open = {from};
  std::vector<State> order;
  while (!open.empty()) {
    State state = open.back();
    open.pop_back();
    if (!known_.try_emplace(state).second) continue;
    order.push_back(state);
    const Node& node = program_.graph[state.node.value];
    if (node.is_return) continue;
    prepare(node, state.held);
    open.push_back({node.yes, state.held});
    open.push_back({node.no, state.held});
  }
  std::sort(order.begin(), order.end(), [](const State& a, const State& b) { return a.node < b.node; });
  for (State state : order) {
    Executed& cost = known_.at(state);
    const Node& node = program_.graph[state.node.value];
    if (node.is_return) {
      cost = {0, 1, 1, 1, 0};
      continue;
    }
    uint32_t here = prepare(node, state.held) + 1;
    const Executed& yes = known_.at({node.yes, state.held});
    const Executed& no = known_.at({node.no, state.held});
    auto yes_heat = static_cast<double>(heat_[node.yes.value]);
    double p = yes_heat / (yes_heat + static_cast<double>(heat_[node.no.value]));
    cost.tests = 1 + p * yes.tests + (1 - p) * no.tests;
    cost.insns = here + p * yes.insns + (1 - p) * no.insns;
    cost.best_insns = here + std::min(yes.best_insns, no.best_insns);
    cost.worst_insns = here + std::max(yes.worst_insns, no.worst_insns);
    cost.worst_tests = 1 + std::max(yes.worst_tests, no.worst_tests);
  }
  return known_.at(from);
}

Executed CostModel::of_call(uint32_t arch, uint32_t nr) {
  Held held;
  uint32_t tests = 0;
  uint32_t insns = 0;
  NodeId found = follow_number(program_, program_.entry, {arch, nr}, [&](NodeId at) {
    insns += prepare(program_.graph[at.value], held) + 1;
    ++tests;
  });
  Executed cost = below({found, held});
  cost.tests += tests;
  cost.worst_tests += tests;
  cost.insns += insns;
  cost.best_insns += insns;
  cost.worst_insns += insns;
  return cost;
}

namespace {

uint32_t reachable_nodes(const Program& program) {
  std::vector<bool> reached(program.graph.size());
  reached[program.entry.value] = true;
  uint32_t count = 0;
  for (size_t i = program.graph.size(); i-- > 0;) {
    if (!reached[i]) continue;
    ++count;
    const Node& node = program.graph[i];
    if (node.is_return) continue;
    reached[node.yes.value] = true;
    reached[node.no.value] = true;
  }
  return count;
}

// Over every node that the search by number can take, not only over known numbers.
uint32_t worst_number_tests(const Program& program, NodeId entry) {
  std::vector<uint32_t> worst(program.graph.size());
  for (size_t i = 0; i <= entry.value; ++i) {
    const Node& node = program.graph[i];
    if (node.is_return || node.op == Op::hole || node.op == Op::flag || node.word != Word::nr) continue;
    worst[i] = 1 + std::max(worst[node.yes.value], worst[node.no.value]);
  }
  return worst[entry.value];
}

}  // namespace

ProgramCost program_cost(const Program& program, const Options& options) {
  Options counted = options;
  counted.cache_aware = false;
  CostModel model(program);
  ProgramCost cost;
  std::vector<uint64_t> shares = section_weights(program, counted);
  for (size_t s = 0; s < program.sections.size(); ++s) {
    const ir::Section& section = program.sections[s];
    for (const NumberWeight& number : number_weights(program, section, counted)) {
      double share =
          static_cast<double>(number.weight) / ir::kWeightTotal * static_cast<double>(shares[s]) / ir::kWeightTotal;
      Executed call = model.of_call(section.arch, number.nr);
      cost.tests += share * call.tests;
      cost.insns += share * call.insns;
      if (number.cached) continue;
      cost.uncached_share += share;
      cost.uncached_insns += share * call.insns;
    }
    cost.worst_number_tests = std::max(cost.worst_number_tests, worst_number_tests(program, section.entry));
  }
  if (cost.uncached_share > 0) cost.uncached_insns /= cost.uncached_share;
  cost.worst_insns = model.of_node(program.entry).worst_insns;
  cost.nodes = reachable_nodes(program);
  return cost;
}

}  // namespace sbpc::opt
