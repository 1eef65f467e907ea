// all_trees.h: the cheapest search tree of == and >= comparisons, found by trying all of them: for a dozen pieces at
// most.
#pragma once

#include <cstdint>
#include <random>
#include <unordered_map>

#include "opt/pieces.h"

namespace sbpc::opt::testing {

class AllTrees {
 public:
  explicit AllTrees(Pieces pieces) : pieces_(std::move(pieces)) {}
  uint64_t cost() { return cost((1U << pieces_.size()) - 1); }

 private:
  // Of the pieces by bit, with cuts also inside runs of one label.
  uint64_t cost(uint32_t set) {
    if (auto known = known_.find(set); known != known_.end()) return known->second;
    uint64_t weight = 0;
    bool has_one_label = true;
    uint32_t label = ~0U;
    for (uint32_t i = 0; i < pieces_.size(); ++i) {
      if ((set >> i & 1U) == 0) continue;
      weight += pieces_[i].weight;
      has_one_label = has_one_label && (label == ~0U || label == pieces_[i].label);
      label = pieces_[i].label;
    }
    if (has_one_label) return known_[set] = 0;
    uint64_t best = ~uint64_t{0};
    for (uint32_t i = 0; i < pieces_.size(); ++i) {
      const uint32_t below = set & ((1U << i) - 1);
      if (below != 0 && below != set) best = std::min(best, cost(below) + cost(set & ~below));
      if ((set >> i & 1U) != 0 && pieces_[i].first == pieces_[i].last) best = std::min(best, cost(set & ~(1U << i)));
    }
    return known_[set] = weight + best;
  }

  Pieces pieces_;
  std::unordered_map<uint32_t, uint64_t> known_;
};

// Pieces without gaps; weights differ widely, labels repeat.
inline Pieces random_pieces(uint64_t seed, uint32_t most) {
  std::mt19937_64 random(seed);
  const auto count = static_cast<uint32_t>(2 + random() % (most - 1));
  const auto labels = static_cast<uint32_t>(2 + random() % 3);
  Pieces pieces;
  uint32_t next = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const auto length = static_cast<uint32_t>(random() % 3 == 0 ? 1 + random() % 50 : 0);
    const uint64_t weight = 1 + (random() % 1000 >> random() % 10);
    pieces.push_back({next, next + length, static_cast<uint32_t>(random() % labels), weight});
    next += length + 1;
  }
  return pieces;
}

}  // namespace sbpc::opt::testing
