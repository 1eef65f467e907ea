#include "opt/bit_split.h"

#include <algorithm>
#include <bit>

namespace sbpc::opt {
namespace {

constexpr uint64_t kLong = 512;      // a longer piece counts as having numbers on both sides of every mask
constexpr uint64_t kKnotShare = 64;  // lighter numbers than this part of a side join their neighbours
constexpr size_t kWidened = 4;       // masks of two bits and more that are tried with one bit more
constexpr uint64_t kMargin = 16;     // an estimate may be too high by this part
constexpr int kMostBits = 9;         // that may differ among the short pieces: no table has more than 512 numbers

bool is_long(const Piece& piece) { return piece.last - piece.first >= kLong; }

// The bits in which the numbers of short pieces differ.
uint32_t varying_bits(const Pieces& pieces) {
  uint32_t lowest = 0xffffffffU;
  uint32_t highest = 0;
  for (const Piece& piece : pieces) {
    if (is_long(piece)) continue;
    lowest = std::min(lowest, piece.first);
    highest = std::max(highest, piece.last);
  }
  return lowest >= highest ? 0 : 0xffffffffU >> std::countl_zero(lowest ^ highest);
}

// Whether the piece has a number with (value & mask) == 0, and one with != 0: bit 0 and bit 1.
uint32_t sides_of(const Piece& piece, uint32_t mask) {
  constexpr uint32_t kBoth = 3;
  if (is_long(piece) || piece.last - piece.first > 2 * mask) return kBoth;
  uint32_t sides = 0;
  for (uint32_t value = piece.first; sides != kBoth; ++value) {
    sides |= (value & mask) != 0 ? 2 : 1;
    if (value == piece.last) break;
  }
  return sides;
}

// x * log2(x) with kFraction bits after the point, the logarithm linear between powers of two.
uint64_t x_log_x(uint64_t x) {
  constexpr uint32_t kFraction = 8;
  if (x < 2) return 0;
  auto whole = static_cast<uint32_t>(std::bit_width(x) - 1);
  uint64_t part = whole >= kFraction ? x >> (whole - kFraction) : x << (kFraction - whole);
  return x * ((uint64_t{whole} << kFraction) + part - (uint64_t{1} << kFraction));
}

// The entropy that is left in the labels on both sides of a mask, run by run.
class SideEntropy {
 public:
  uint64_t of(const Pieces& pieces, uint32_t mask) {
    for (std::vector<uint64_t>& side : runs_) side.clear();
    std::array<uint32_t, 2> last = {0xffffffffU, 0xffffffffU};
    for (const Piece& piece : pieces) {
      uint32_t sides = sides_of(piece, mask);
      for (uint32_t side = 0; side < 2; ++side) {
        if ((sides >> side & 1U) == 0) continue;
        if (last[side] != piece.label) runs_[side].push_back(0);
        last[side] = piece.label;
        runs_[side].back() += sides == 3 ? piece.weight / 2 : piece.weight;
      }
    }
    return runs_[0].empty() || runs_[1].empty() ? ~uint64_t{0} : entropy(runs_[0]) + entropy(runs_[1]);
  }

 private:
  // Every run gets a little: telling a light run apart costs its neighbours a test.
  static uint64_t entropy(const std::vector<uint64_t>& runs) {
    constexpr uint64_t kSmoothing = 32;
    uint64_t whole = 0;
    for (uint64_t run : runs) whole += run;
    uint64_t extra = whole / kSmoothing;
    uint64_t sum = 0;
    for (uint64_t run : runs) sum += x_log_x(run + extra);
    uint64_t all = x_log_x(whole + extra * runs.size());
    return all > sum ? all - sum : 0;
  }
  std::array<std::vector<uint64_t>, 2> runs_;
};

// Joins neighbours with one label unless one of them is a heavy single number.
Pieces without_light(Pieces pieces) {
  uint64_t knot_weight = weight_of(pieces) / kKnotShare;
  auto is_knot = [&](const Piece& piece) { return piece.first == piece.last && piece.weight > knot_weight; };
  size_t kept = 0;
  for (const Piece& piece : pieces) {
    bool joins = kept > 0 && pieces[kept - 1].label == piece.label && !is_knot(piece) && !is_knot(pieces[kept - 1]);
    if (joins) {
      pieces[kept - 1].last = piece.last;
      pieces[kept - 1].weight += piece.weight;
    } else {
      pieces[kept++] = piece;
    }
  }
  pieces.resize(kept);
  return pieces;
}

// Makes `piece` its part on that side; false if there is none.
bool narrow(Piece& piece, uint32_t mask, bool one) {
  if (is_long(piece)) {
    piece.weight /= 2;
    return true;
  }
  auto here = [&](uint32_t value) { return ((value & mask) != 0) == one; };
  uint32_t numbers = piece.last - piece.first + 1;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < numbers; ++i) kept += here(piece.first + i) ? 1 : 0;
  if (kept == 0) return false;
  piece.weight = piece.weight / numbers * kept;
  while (!here(piece.first)) ++piece.first;
  while (!here(piece.last)) --piece.last;
  return true;
}

Pieces side_of(const Pieces& pieces, uint32_t mask, bool one) {
  Pieces side;
  side.reserve(pieces.size());
  for (Piece piece : pieces) {
    if (narrow(piece, mask, one)) side.push_back(piece);
  }
  return without_light(std::move(side));
}

// A search tree's cost by a rule of thumb, on a buffer of pieces that it uses up: asks for single values of a third of
// the weight, otherwise cuts where two labels meet closest to half of it.
class Quick {
 public:
  explicit Quick(const Pieces& pieces) : pieces_(pieces) {}
  uint64_t run() { return cost(0, pieces_.size()); }

 private:
  // Recursion: each step takes a piece away.
  uint64_t cost(size_t begin, size_t end) {
    uint64_t sum = 0;
    for (;;) {
      Scan scan = look(begin, end);
      if (scan.cut == begin) return sum;
      sum += scan.weight;
      bool hole = end - begin == 3 && is_single(pieces_[begin + 1]) && pieces_[begin].label == pieces_[begin + 2].label;
      if (hole || end - begin == 2) return sum;
      if (scan.heaviest == end || pieces_[scan.heaviest].weight * 3 < scan.weight) {
        return sum + cost(begin, scan.cut) + cost(scan.cut, end);
      }
      std::copy(pieces_.begin() + static_cast<ptrdiff_t>(scan.heaviest) + 1,
                pieces_.begin() + static_cast<ptrdiff_t>(end), pieces_.begin() + static_cast<ptrdiff_t>(scan.heaviest));
      --end;
    }
  }

  struct Scan {
    uint64_t weight = 0;
    size_t heaviest;  // single piece; end if there is none
    size_t cut;       // begin if there is one label
  };
  Scan look(size_t begin, size_t end) const {
    Scan scan{0, end, begin};
    for (size_t i = begin; i < end; ++i) {
      scan.weight += pieces_[i].weight;
      if (is_single(pieces_[i]) && (scan.heaviest == end || pieces_[i].weight > pieces_[scan.heaviest].weight))
        scan.heaviest = i;
    }
    uint64_t least = ~uint64_t{0};
    uint64_t left = 0;
    for (size_t i = begin; i + 1 < end; ++i) {
      left += pieces_[i].weight;
      if (pieces_[i].label == pieces_[i + 1].label) continue;
      uint64_t off = 2 * left > scan.weight ? 2 * left - scan.weight : scan.weight - 2 * left;
      if (off < least) {
        least = off;
        scan.cut = i + 1;
      }
    }
    return scan;
  }
  static bool is_single(const Piece& piece) { return piece.first == piece.last; }

  Pieces pieces_;
};

struct Scored {
  uint64_t entropy;
  uint32_t mask;
};

// By rising entropy: all masks of one and two bits, and the best of these with further bits.
std::vector<Scored> best_masks(const Pieces& pieces, uint32_t bits, int most_bits) {
  SideEntropy entropy;
  auto better = [](const Scored& a, const Scored& b) {
    return a.entropy != b.entropy ? a.entropy < b.entropy : a.mask < b.mask;
  };
  std::vector<Scored> scored;
  std::vector<Scored> last = {{0, 0}};  // the masks that get one bit more
  for (int count = 1; count <= most_bits; ++count) {
    std::vector<Scored> next;
    for (const Scored& from : last) {
      for (uint32_t bit = bits & (~bits + 1); bit != 0 && bit <= bits; bit <<= 1) {
        uint32_t mask = from.mask | bit;
        bool known = std::any_of(next.begin(), next.end(), [mask](const Scored& one) { return one.mask == mask; });
        if (mask != from.mask && !known) next.push_back({entropy.of(pieces, mask), mask});
      }
    }
    std::sort(next.begin(), next.end(), better);
    scored.insert(scored.end(), next.begin(), next.end());
    last = std::move(next);
    if (count > 1) last.resize(std::min(last.size(), kWidened));
  }
  std::sort(scored.begin(), scored.end(), better);
  return scored;
}

}  // namespace

uint64_t quick_cost(const Pieces& pieces) { return Quick(pieces).run(); }

std::vector<BitSplit> promising_splits(const Pieces& all, uint64_t cost, const SplitEffort& effort) {
  std::vector<BitSplit> splits;
  Pieces pieces = without_light(all);
  uint32_t bits = varying_bits(pieces);
  size_t runs = joined(pieces).size();
  if (std::popcount(bits) > kMostBits || runs > effort.most_runs) return splits;
  std::vector<Scored> scored = best_masks(pieces, bits, runs <= effort.few_runs ? effort.most_bits : 2);
  scored.resize(std::min(effort.estimated, scored.size()));
  uint64_t weight = weight_of(pieces);
  for (const Scored& one : scored) {
    BitSplit split{one.mask, weight, {side_of(all, one.mask, false), side_of(all, one.mask, true)}};
    if (split.sides[0].empty() || split.sides[1].empty()) continue;
    for (const Pieces& side : split.sides) split.estimate += quick_cost(side);
    if (split.estimate < cost + cost / kMargin) splits.push_back(std::move(split));
  }
  std::sort(splits.begin(), splits.end(), [](const BitSplit& a, const BitSplit& b) {
    return a.estimate != b.estimate ? a.estimate < b.estimate : a.mask < b.mask;
  });
  if (splits.size() > effort.answers) splits.resize(effort.answers);
  return splits;
}

}  // namespace sbpc::opt
