#include "output/paths.h"

#include <algorithm>

#include "base/check.h"
#include "bpf/jit_x86.h"
#include "bpf/time_model.h"
#include "opt/flow.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::output {
namespace {

constexpr uint32_t kAllNumbers = 0xffffffffU;
constexpr uint64_t kHottest = uint64_t{1} << 62;

bool holds(const bpf::Insn& insn, uint32_t value) {
  switch (insn.code) {
    case bpf::kJeqK: return value == insn.k;
    case bpf::kJgtK: return value > insn.k;
    case bpf::kJgeK: return value >= insn.k;
    case bpf::kJsetK: return (value & insn.k) != 0;
    default: break;
  }
  CHECK(false);  // not an instruction that sbpc emits
  return false;
}

// The numbers of a range for which a test holds, and those for which it does not; first > last where there are none. A
// number in the middle that alone passes leaves the others a range that still names it: a bound stays a bound.
struct Split {
  Numbers yes{1, 0};
  Numbers no{1, 0};
};

Split split(const bpf::Insn& insn, Numbers numbers) {
  if (insn.code == bpf::kJsetK) return {numbers, numbers};  // both may be; a range says nothing of bits
  if (insn.code == bpf::kJeqK) {
    if (insn.k < numbers.first || insn.k > numbers.last) return {{1, 0}, numbers};
    Numbers no = numbers;
    if (insn.k == no.first && no.first != kAllNumbers)
      ++no.first;
    else if (insn.k == no.last && no.last != 0)
      --no.last;
    if (numbers.first == numbers.last) no = {1, 0};
    return {{insn.k, insn.k}, no};
  }
  // value >= bound
  const uint64_t bound = insn.code == bpf::kJgtK ? uint64_t{insn.k} + 1 : insn.k;
  Split result;
  if (bound <= numbers.last)
    result.yes = {static_cast<uint32_t>(std::max<uint64_t>(bound, numbers.first)), numbers.last};
  if (bound > numbers.first)
    result.no = {numbers.first, static_cast<uint32_t>(std::min<uint64_t>(bound - 1, numbers.last))};
  return result;
}

Cost least_of(const Cost& a, const Cost& b) {
  return {std::min(a.insns, b.insns), std::min(a.x86, b.x86), std::min(a.ps, b.ps)};
}
Cost most_of(const Cost& a, const Cost& b) {
  return {std::max(a.insns, b.insns), std::max(a.x86, b.x86), std::max(a.ps, b.ps)};
}
Cost sum_of(const Cost& a, const Cost& b) { return {a.insns + b.insns, a.x86 + b.x86, a.ps + b.ps}; }

}  // namespace

CallGraph::CallGraph(const bpf::Program& program, uint32_t arch, Numbers numbers)
    : program_(program), arch_(arch), at_pc_(program.insns.size()) {
  find_or_add({0, numbers, {}});
  for (uint32_t pc = 0; pc < at_pc_.size(); ++pc) {  // jumps go forward: whoever leads here has been expanded
    for (size_t i = 0; i < at_pc_[pc].size(); ++i) expand(at_pc_[pc][i]);
  }
  for (size_t pc = at_pc_.size(); pc-- > 0;) {
    for (const uint32_t index : at_pc_[pc]) summarize(nodes_[index]);
  }
}

uint32_t CallGraph::find_or_add(const State& state) {
  CHECK(state.pc < at_pc_.size());
  for (const uint32_t index : at_pc_[state.pc]) {
    if (nodes_[index].state == state) return index;
  }
  const auto index = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({state, {}, 0, {}});
  at_pc_[state.pc].push_back(index);
  return index;
}

const bpf::Patch* CallGraph::flag_at(uint32_t pc) const {
  const auto& patches = program_.patches;
  const auto at = std::lower_bound(patches.begin(), patches.end(), pc,
                                   [](const bpf::Patch& patch, uint32_t wanted) { return patch.pc < wanted; });
  return at != patches.end() && at->pc == pc && at->kind == bpf::Patch::Kind::flag ? &*at : nullptr;
}

// `taken` as an edge has it; for time it counts whether the next instruction is another than pc + 1.
Cost CallGraph::cost_of(uint32_t pc, bool taken) const {
  const bpf::Insns& insns = program_.insns;
  const bpf::Insn& insn = insns[pc];
  if (flag_at(pc) != nullptr) return {1, taken ? 1U : 0U, bpf::picoseconds(insns, pc, taken)};
  const uint32_t offset = insn.code == bpf::kJa ? insn.k : taken ? insn.jt : insn.jf;
  return {1, bpf::x86_instructions(insns, pc, taken), bpf::picoseconds(insns, pc, offset != 0)};
}

void CallGraph::branch(const State& from, std::vector<std::pair<State, bool>>& out) const {
  const bpf::Insn& insn = program_.insns[from.pc];
  const uint32_t yes_pc = from.pc + 1 + insn.jt;
  const uint32_t no_pc = from.pc + 1 + insn.jf;
  switch (from.held.kind) {
    case Held::Kind::unknown:
      out.push_back({{yes_pc, from.numbers, from.held}, true});
      out.push_back({{no_pc, from.numbers, from.held}, false});
      return;
    case Held::Kind::value: {
      const bool taken = holds(insn, from.held.value);
      out.push_back({{taken ? yes_pc : no_pc, from.numbers, from.held}, taken});
      return;
    }
    case Held::Kind::number: {
      const Split numbers = split(insn, from.numbers);
      if (numbers.yes.first <= numbers.yes.last) out.push_back({{yes_pc, numbers.yes, from.held}, true});
      if (numbers.no.first <= numbers.no.last) out.push_back({{no_pc, numbers.no, from.held}, false});
      return;
    }
  }
}

void CallGraph::expand(uint32_t index) {
  const State state = nodes_[index].state;
  const bpf::Insn& insn = program_.insns[state.pc];
  std::vector<std::pair<State, bool>> next;
  const bool one_number = state.numbers.first == state.numbers.last;
  switch (insn.code) {
    case bpf::kRetK: return;
    case bpf::kJa:
      if (const bpf::Patch* flag = flag_at(state.pc)) {
        next.push_back({{state.pc + 1, state.numbers, state.held}, false});
        next.push_back({{state.pc + 1 + flag->offset, state.numbers, state.held}, true});
      } else {
        next.push_back({{state.pc + 1 + insn.k, state.numbers, state.held}, true});
      }
      break;
    case bpf::kLdAbs: {
      const target::Word word = target::word_at(insn.k, program_.big_endian);
      Held held;
      if (word == target::Word::nr)
        held = one_number ? Held{Held::Kind::value, state.numbers.first} : Held{Held::Kind::number, 0};
      if (word == target::Word::arch) held = {Held::Kind::value, arch_};
      next.push_back({{state.pc + 1, state.numbers, held}, true});
      break;
    }
    case bpf::kAndK: {
      Held held = state.held;
      if (held.kind == Held::Kind::number) held = {};
      held.value &= insn.k;
      next.push_back({{state.pc + 1, state.numbers, held}, true});
      break;
    }
    default: branch(state, next); break;
  }
  for (const auto& [to, taken] : next) {
    const uint32_t target = find_or_add(to);
    nodes_[index].edges.push_back({target, taken});
  }
}

void CallGraph::summarize_return(Node& node) {
  const uint32_t word = program_.insns[node.state.pc].k;
  const Cost cost = cost_of(node.state.pc, true);
  node.heat = target::info(target::decode(word).action).may_run ? opt::kRunFactor : 1;
  node.below.least = node.below.most = cost;
  node.below.mean = {1, static_cast<double>(cost.x86), static_cast<double>(cost.ps), 0};
  node.below.ways = 1;
  node.below.words = {word};
}

double CallGraph::likelihood(const Node& node, size_t edge) const {
  // Not by the node's own heat, which may be at its bound.
  double all = 0;
  for (const Edge& each : node.edges) all += static_cast<double>(nodes_[each.to].heat);
  return static_cast<double>(nodes_[node.edges[edge].to].heat) / std::max(all, 1.0);
}

void CallGraph::summarize(Node& node) {
  if (node.edges.empty()) {
    summarize_return(node);
    return;
  }
  for (const Edge& edge : node.edges) node.heat = std::min(node.heat + nodes_[edge.to].heat, kHottest);
  CallPaths& here = node.below;
  for (size_t i = 0; i < node.edges.size(); ++i) {
    const CallPaths& rest = nodes_[node.edges[i].to].below;
    const Cost step = cost_of(node.state.pc, node.edges[i].taken);
    const double p = likelihood(node, i);
    here.least = i == 0 ? sum_of(step, rest.least) : least_of(here.least, sum_of(step, rest.least));
    here.most = most_of(here.most, sum_of(step, rest.most));
    here.mean.insns += p * (1 + rest.mean.insns);
    here.mean.x86 += p * (step.x86 + rest.mean.x86);
    here.mean.ps += p * (static_cast<double>(step.ps) + rest.mean.ps);
    here.mean.missed_tests += p * rest.mean.missed_tests;
    here.ways = std::min(here.ways + rest.ways, kMostWays);
    std::vector<uint32_t> words;
    std::set_union(here.words.begin(), here.words.end(), rest.words.begin(), rest.words.end(),
                   std::back_inserter(words));
    here.words = std::move(words);
  }
  if (node.edges.size() == 2) here.mean.missed_tests += std::min(likelihood(node, 0), likelihood(node, 1));
}

CallPaths CallGraph::paths() const { return nodes_.front().below; }

std::vector<uint32_t> CallGraph::dearest() const {
  std::vector<uint32_t> pcs;
  const Node* node = &nodes_[0];
  for (;;) {
    pcs.push_back(node->state.pc);
    if (node->edges.empty()) return pcs;
    const auto most = [&](const Edge& edge) { return nodes_[edge.to].below.most.insns; };
    const auto next = std::max_element(node->edges.begin(), node->edges.end(),
                                       [&](const Edge& a, const Edge& b) { return most(a) < most(b); });
    node = &nodes_[next->to];
  }
}

std::vector<Way> CallGraph::ways(size_t limit) const {
  struct Open {
    uint32_t node;
    Way way;
  };
  std::vector<Way> found;
  std::vector<Open> open;
  open.push_back({0, {{}, {}, 1, 0, {}}});
  while (!open.empty() && found.size() < limit) {
    Open at = std::move(open.back());
    open.pop_back();
    const Node& node = nodes_[at.node];
    at.way.pcs.push_back(node.state.pc);
    if (node.edges.empty()) {
      at.way.taken.push_back(false);
      at.way.word = program_.insns[node.state.pc].k;
      at.way.cost = sum_of(at.way.cost, cost_of(node.state.pc, true));
      found.push_back(std::move(at.way));
      continue;
    }
    const bool second_likelier = node.edges.size() == 2 && likelihood(node, 1) > likelihood(node, 0);
    for (size_t turn = 0; turn < node.edges.size(); ++turn) {  // pushed last, looked at first
      const size_t i = (turn == 0) == second_likelier || node.edges.size() == 1 ? 0 : 1;
      Open next = {node.edges[i].to, at.way};
      next.way.taken.push_back(node.edges[i].taken);
      next.way.share *= likelihood(node, i);
      next.way.cost = sum_of(next.way.cost, cost_of(node.state.pc, node.edges[i].taken));
      open.push_back(std::move(next));
    }
  }
  return found;
}

void CallGraph::count(double weight, std::vector<double>& visits, std::vector<double>& taken) const {
  std::vector<double> arriving(nodes_.size());
  arriving.front() = weight;
  for (const auto& here : at_pc_) {
    for (const uint32_t index : here) {
      const Node& node = nodes_[index];
      visits[node.state.pc] += arriving[index];
      for (size_t i = 0; i < node.edges.size(); ++i) {
        const double part = arriving[index] * likelihood(node, i);
        arriving[node.edges[i].to] += part;
        if (node.edges[i].taken) taken[node.state.pc] += part;
      }
    }
  }
}

}  // namespace sbpc::output
