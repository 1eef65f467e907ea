#include "opt/number_pieces.h"

#include <algorithm>

#include "opt/complete.h"

namespace sbpc::opt {
namespace {

constexpr size_t kMostKnots = 64;
constexpr uint64_t kKnotShare = 1000;               // lighter numbers than this part of the whole stay in their run
constexpr uint64_t kFloor = ir::kWeightTotal >> 16;  // what unweighted pieces share

std::vector<uint32_t> heaviest_numbers(std::span<const NumberWeight> weights) {
  std::vector<NumberWeight> heavy;
  for (const NumberWeight& number : weights) {
    if (number.weight > ir::kWeightTotal / kKnotShare) heavy.push_back(number);
  }
  std::sort(heavy.begin(), heavy.end(), [](const NumberWeight& a, const NumberWeight& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.nr < b.nr;
  });
  if (heavy.size() > kMostKnots) heavy.resize(kMostKnots);
  std::vector<uint32_t> numbers;
  for (const NumberWeight& number : heavy) numbers.push_back(number.nr);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

Pieces number_runs(ir::Program& program, const ir::Section& section) {
  Pieces runs;
  runs.reserve(section.ranges.size());
  for (const ir::NrRange& range : section.ranges) {
    runs.push_back({range.first, range.last, complete_function(program, range.function).value, 0});
  }
  return joined(runs);
}

Pieces with_knots(std::span<const Piece> runs, std::span<const NumberWeight> weights) {
  std::vector<uint32_t> knots = heaviest_numbers(weights);
  Pieces pieces;
  auto knot = knots.begin();
  for (const Piece& run : runs) {
    uint64_t first = run.first;  // of what is left of the run
    while (knot != knots.end() && *knot < run.first) ++knot;
    for (; knot != knots.end() && *knot <= run.last; ++knot) {
      if (*knot > first) pieces.push_back({static_cast<uint32_t>(first), *knot - 1, run.label, 0});
      pieces.push_back({*knot, *knot, run.label, 0});
      first = uint64_t{*knot} + 1;
    }
    if (first <= run.last) pieces.push_back({static_cast<uint32_t>(first), run.last, run.label, 0});
  }
  auto number = weights.begin();
  for (Piece& piece : pieces) {
    piece.weight = kFloor / pieces.size() + 1;
    while (number != weights.end() && number->nr < piece.first) ++number;
    for (; number != weights.end() && number->nr <= piece.last; ++number) piece.weight += number->weight;
  }
  return pieces;
}

}  // namespace sbpc::opt
