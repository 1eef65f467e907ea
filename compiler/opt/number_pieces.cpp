#include "opt/number_pieces.h"

#include <algorithm>

#include "opt/complete.h"

namespace sbpc::opt {
namespace {

std::vector<uint32_t> heaviest_numbers(std::span<const NumberWeight> weights, const Knots& knots) {
  std::vector<NumberWeight> heavy;
  for (const NumberWeight& number : weights) {
    if (number.weight > knots.lightest) heavy.push_back(number);
  }
  std::sort(heavy.begin(), heavy.end(), [](const NumberWeight& a, const NumberWeight& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.nr < b.nr;
  });
  if (heavy.size() > knots.most) heavy.resize(knots.most);
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

namespace {

// The runs with these numbers as pieces of their own, which share `floor`.
Pieces cut_out(std::span<const Piece> runs, std::span<const NumberWeight> weights, std::span<const uint32_t> knots,
               uint64_t floor) {
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
    piece.weight = floor == 0 ? 0 : floor / pieces.size() + 1;
    while (number != weights.end() && number->nr < piece.first) ++number;
    for (; number != weights.end() && number->nr <= piece.last; ++number) piece.weight += number->weight;
  }
  return pieces;
}

}  // namespace

Pieces with_knots(std::span<const Piece> runs, std::span<const NumberWeight> weights, const Knots& knots) {
  return cut_out(runs, weights, heaviest_numbers(weights, knots), knots.floor);
}

Pieces every_number(std::span<const Piece> runs, std::span<const NumberWeight> weights) {
  std::vector<uint32_t> numbers;
  for (const NumberWeight& number : weights) {
    if (number.weight > 0) numbers.push_back(number.nr);
  }
  return cut_out(runs, weights, numbers, Knots().floor);
}

Pieces take_upper(Pieces& runs) {
  using target::kX32Bit;
  Pieces upper;
  while (!runs.empty() && runs.back().last >= kX32Bit) {
    Piece piece = runs.back();
    runs.pop_back();
    bool across = piece.first < kX32Bit;
    if (across) runs.push_back({piece.first, kX32Bit - 1, piece.label, 0});
    upper.push_back({across ? kX32Bit : piece.first, piece.last, piece.label, 0});
    if (across) break;
  }
  std::reverse(upper.begin(), upper.end());
  return upper;
}

}  // namespace sbpc::opt
