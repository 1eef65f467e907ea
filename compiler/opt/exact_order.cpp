#include "opt/exact_order.h"

#include <bit>
#include <unordered_map>

#include "opt/held.h"

namespace sbpc::opt {
namespace {

using ir::NodeId;

struct State {
  uint64_t cells;
  Held held;
  bool operator==(const State&) const = default;
};

struct Hash {
  size_t operator()(const State& state) const {
    size_t hash = state.cells * size_t{0x9E3779B97F4A7C15U};
    hash ^= (size_t{state.held.mask} << 8 | static_cast<size_t>(state.held.word) << 1 | (state.held.known ? 1 : 0)) *
            size_t{0xC2B2AE3D27D4EB4FU};
    return hash ^ hash >> 29;
  }
};

struct Best {
  uint64_t cost = 0;
  size_t atom = 0;
};

class Search {
 public:
  Search(ir::Program& program, const Cells& cells, Cost cost) : program_(program), cells_(cells), cost_(cost) {}

  std::optional<ExactOrder> run() {
    uint64_t all = ~uint64_t{0} >> (64 - cells_.cells.size());
    State root{all, {}};
    uint64_t cost = solve(root);
    if (known_.size() > kMostStates) return std::nullopt;
    return ExactOrder{build(root), cost};
  }

 private:
  [[nodiscard]] bool decided(uint64_t cells) const {
    ir::Verdict verdict = cells_.cells[static_cast<size_t>(std::countr_zero(cells))].verdict;
    for (; cells != 0; cells &= cells - 1) {
      if (cells_.cells[static_cast<size_t>(std::countr_zero(cells))].verdict != verdict) return false;
    }
    return true;
  }
  [[nodiscard]] uint64_t weight(uint64_t cells) const {
    uint64_t sum = 0;
    for (; cells != 0; cells &= cells - 1) sum += cells_.cells[static_cast<size_t>(std::countr_zero(cells))].weight;
    return sum;
  }

  // Recursion: each step asks an atom that is not asked above, so at most kMostAtoms deep.
  uint64_t solve(const State& state) {
    if (decided(state.cells)) return 0;
    if (auto known = known_.find(state); known != known_.end()) return known->second.cost;
    if (known_.size() > kMostStates) return 0;  // run() gives up
    uint64_t here = weight(state.cells);
    Best best{~uint64_t{0}, 0};
    for (size_t a = 0; a < cells_.atoms.size(); ++a) {
      uint64_t yes = state.cells & cells_.atoms[a].holds;
      uint64_t no = state.cells & ~cells_.atoms[a].holds;
      if (yes == 0 || no == 0) continue;
      Held held = state.held;
      uint64_t cost = here * price(cells_.atoms[a].test, held, cost_);
      if (cost >= best.cost) continue;
      cost += solve({yes, held});
      if (cost >= best.cost) continue;
      cost += solve({no, held});
      if (cost < best.cost) best = {cost, a};
    }
    known_.emplace(state, best);
    return best.cost;
  }

  NodeId build(const State& state) {
    if (decided(state.cells))
      return add_return(program_, cells_.cells[static_cast<size_t>(std::countr_zero(state.cells))].verdict);
    if (auto made = made_.find(state); made != made_.end()) return made->second;
    const Atom& atom = cells_.atoms[known_.at(state).atom];
    ir::Node test = atom.test;
    Held held = state.held;
    prepare(test, held);
    test.yes = build({state.cells & atom.holds, held});
    test.no = build({state.cells & ~atom.holds, held});
    NodeId node = add_test(program_, test);
    made_.emplace(state, node);
    return node;
  }

  ir::Program& program_;
  const Cells& cells_;
  Cost cost_;
  std::unordered_map<State, Best, Hash> known_;   // only looked up, never walked
  std::unordered_map<State, NodeId, Hash> made_;  // likewise
};

}  // namespace

std::optional<ExactOrder> exact_order(ir::Program& program, const Cells& cells, Cost cost) {
  return Search(program, cells, cost).run();
}

}  // namespace sbpc::opt
