#include "opt/few_pieces.h"

#include <bit>
#include <vector>

#include "base/check.h"

namespace sbpc::opt {
namespace {

using ir::Op;
using Set = uint32_t;  // of pieces, by bit

constexpr uint64_t kUnknown = ~uint64_t{0};

struct SubsetBest {
  uint64_t cost = kUnknown;
  Op op = Op::eq;     // of the first test
  uint8_t piece = 0;  // == its value, or >= its first
};

class SubsetSearch {
 public:
  explicit SubsetSearch(std::span<const Piece> pieces) : pieces_(pieces), best_(size_t{1} << pieces.size()) {}

  SearchTree run() {
    const Set all = (Set{1} << pieces_.size()) - 1;
    solve(all);
    SearchTree tree;
    tree.root = build(all, tree);
    return tree;
  }

 private:
  [[nodiscard]] bool is_decided(Set set) const {
    const uint32_t label = pieces_[static_cast<size_t>(std::countr_zero(set))].label;
    for (Set rest = set & (set - 1); rest != 0; rest &= rest - 1) {
      if (pieces_[static_cast<size_t>(std::countr_zero(rest))].label != label) return false;
    }
    return true;
  }
  [[nodiscard]] uint64_t weight(Set set) const {
    uint64_t sum = 0;
    for (; set != 0; set &= set - 1) sum += pieces_[static_cast<size_t>(std::countr_zero(set))].weight;
    return sum;
  }
  static Set below(Set set, uint32_t piece) { return set & ((Set{1} << piece) - 1); }

  // Recursion: each step takes a piece or more away.
  uint64_t solve(Set set) {
    if (best_[set].cost != kUnknown) return best_[set].cost;
    SubsetBest found;
    if (is_decided(set)) {
      found.cost = 0;
    } else {
      const uint64_t here = weight(set);
      for (Set rest = set; rest != 0; rest &= rest - 1)
        try_piece(set, here, static_cast<uint32_t>(std::countr_zero(rest)), found);
    }
    best_[set] = found;
    return found.cost;
  }

  void try_piece(Set set, uint64_t here, uint32_t piece, SubsetBest& found) {
    const Set left = below(set, piece);
    if (left != 0) {
      uint64_t cost = here + solve(left);
      if (cost < found.cost) cost += solve(set & ~left);
      if (cost < found.cost) found = {cost, Op::ge, static_cast<uint8_t>(piece)};
    }
    if (pieces_[piece].first != pieces_[piece].last) return;
    const uint64_t cost = here + solve(set & ~(Set{1} << piece));
    if (cost < found.cost) found = {cost, Op::eq, static_cast<uint8_t>(piece)};
  }

  uint32_t build(Set set, SearchTree& tree) {
    if (is_decided(set)) return SearchTree::kLeaf | pieces_[static_cast<size_t>(std::countr_zero(set))].label;
    const SubsetBest& best = best_[set];
    const Piece& piece = pieces_[best.piece];
    if (best.op == Op::eq) {
      const uint32_t no = build(set & ~(Set{1} << best.piece), tree);
      return tree.add(Op::eq, piece.first, SearchTree::kLeaf | piece.label, no);
    }
    const Set left = below(set, best.piece);
    const uint32_t yes = build(set & ~left, tree);
    const uint32_t no = build(left, tree);
    return tree.add(Op::ge, piece.first, yes, no);
  }

  std::span<const Piece> pieces_;
  std::vector<SubsetBest> best_;
};

}  // namespace

SearchTree few_pieces_search(std::span<const Piece> pieces) {
  CHECK(!pieces.empty() && pieces.size() <= kFewPiecesLongest);
  return SubsetSearch(pieces).run();
}

}  // namespace sbpc::opt
