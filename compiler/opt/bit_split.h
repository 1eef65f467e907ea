// bit_split.h: pieces cut in two by a test of bits.
//
// Tested by test/unit/opt/numbers_test.cpp.
#pragma once

#include <array>

#include "opt/pieces.h"

namespace sbpc::opt {

struct BitSplit {
  uint32_t mask = 0;
  uint64_t estimate = 0;        // of the weighted tests, this one included
  std::array<Pieces, 2> sides;  // where value & mask is zero, where not; light neighbours with one label joined
};

struct SplitEffort {
  size_t few_runs = 12;  // runs of labels up to which masks of most_bits bits are tried, above it pairs of bits
  int most_bits = 4;
  size_t most_runs = 50;  // above which none are tried
  size_t estimated = 4;   // masks whose cost is estimated, those with least entropy first
  size_t answers = 2;
};

// The masks after which the pieces are cheapest to tell apart, best first, as far as their estimate is not clearly
// above `cost`. A piece of many numbers is on both sides.
[[nodiscard]] std::vector<BitSplit> promising_splits(const Pieces& pieces, uint64_t cost, const SplitEffort& effort);

// A quick and rather high guess at interval_search's cost.
[[nodiscard]] uint64_t quick_cost(const Pieces& pieces);

}  // namespace sbpc::opt
