#include "opt/lower_bound.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

namespace sbpc::opt {
namespace {

constexpr uint32_t kNever = ~uint32_t{0};

// What is known of the pieces i..j.
struct Part {
  uint32_t singles = 0;                           // single values in it, as far as `holes`
  uint32_t removals = 0;                          // of single values that leave one label; kNever if none do
  std::array<uint64_t, kMostHoles + 1> weight{};  // without the heaviest so many single values
  std::array<uint64_t, kMostHoles + 1> bound{};   // L
};

bool is_single(const Piece& piece) { return piece.first == piece.last; }

// Counts, for a row of pieces that grows, how many removals leave one label.
class Removals {
 public:
  void add(const Piece& piece) {
    ++pieces_;
    Label& label = labels_[piece.label];
    most_ = std::max(most_, ++label.pieces);
    if (is_single(piece) || label.is_fixed) return;
    label.is_fixed = true;
    ++fixed_labels_;
    fixed_label_ = piece.label;
  }
  [[nodiscard]] uint32_t needed() const {
    if (fixed_labels_ > 1) return kNever;
    return pieces_ - (fixed_labels_ == 1 ? labels_.at(fixed_label_).pieces : most_);
  }

 private:
  struct Label {
    uint32_t pieces = 0;
    bool is_fixed = false;
  };
  std::unordered_map<uint32_t, Label> labels_;  // only looked up
  uint32_t pieces_ = 0;
  uint32_t most_ = 0;
  uint32_t fixed_labels_ = 0;
  uint32_t fixed_label_ = 0;  // the last one
};

class Bound {
 public:
  Bound(std::span<const Piece> pieces, uint32_t holes)
      : pieces_(pieces), holes_(holes), parts_(pieces.size() * (pieces.size() + 1) / 2) {}

  uint64_t run() {
    const size_t n = pieces_.size();
    for (size_t first = 0; first < n; ++first) describe(first);
    for (size_t length = 2; length <= n; ++length) {
      for (size_t first = 0; first + length <= n; ++first) solve(first, first + length - 1);
    }
    return part(0, n - 1).bound[0];
  }

 private:
  Part& part(size_t first, size_t last) { return parts_[last * (last + 1) / 2 + first]; }

  void describe(size_t first) {
    std::vector<uint64_t> heaviest;  // single values, at most `holes`
    Removals removals;
    uint64_t weight = 0;
    for (size_t last = first; last < pieces_.size(); ++last) {
      weight += pieces_[last].weight;
      removals.add(pieces_[last]);
      if (is_single(pieces_[last])) {
        const uint64_t single = pieces_[last].weight;
        heaviest.insert(std::upper_bound(heaviest.begin(), heaviest.end(), single, std::greater<>()), single);
        if (heaviest.size() > holes_) heaviest.pop_back();
      }
      Part& made = part(first, last);
      made.singles = static_cast<uint32_t>(heaviest.size());
      made.removals = removals.needed();
      made.weight[0] = weight;
      for (uint32_t h = 0; h < holes_; ++h)
        made.weight[h + 1] = made.weight[h] - (h < heaviest.size() ? heaviest[h] : 0);
    }
  }

  void solve(size_t first, size_t last) {
    Part& made = part(first, last);
    for (uint32_t h = made.singles + 1; h-- > 0;) {
      if (made.removals <= h) continue;  // stays 0
      uint64_t below = ~uint64_t{0};
      if (h < made.singles) below = made.bound[h + 1];
      if (h == holes_) below = 0;
      for (size_t cut = first; cut < last && below > 0; ++cut)
        below = std::min(below, cost_of_cut(part(first, cut), part(cut + 1, last), h, below));
      made.bound[h] = made.weight[h] + below;
    }
  }

  // With h removals spread over both sides; not searched where that cannot be below `best`. Falls in h on each side.
  static uint64_t cost_of_cut(const Part& left, const Part& right, uint32_t h, uint64_t best) {
    const uint32_t most_left = std::min(h, left.singles);
    const uint32_t most_right = std::min(h, right.singles);
    if (left.bound[most_left] + right.bound[most_right] >= best) return best;
    for (uint32_t g = h - most_right; g <= most_left; ++g) best = std::min(best, left.bound[g] + right.bound[h - g]);
    return best;
  }

  std::span<const Piece> pieces_;
  uint32_t holes_;
  std::vector<Part> parts_;
};

}  // namespace

std::optional<uint64_t> lower_bound_of_tests(std::span<const Piece> pieces, uint32_t holes) {
  if (pieces.empty()) return 0;
  if (pieces.size() > kMostBoundedPieces) return std::nullopt;
  return Bound(pieces, std::min(holes, kMostHoles)).run();
}

}  // namespace sbpc::opt
