#include "opt/word_search.h"

#include <algorithm>

namespace sbpc::opt {
namespace {

using ir::Op;

// Appends `part` to `tree`; returns its root there.
uint32_t append(SearchTree& tree, const SearchTree& part) {
  auto base = static_cast<uint32_t>(tree.nodes.size());
  auto moved = [base](uint32_t index) { return SearchTree::is_leaf(index) ? index : index + base; };
  for (const SearchTree::Node& node : part.nodes)
    tree.nodes.push_back({node.op, node.value, moved(node.yes), moved(node.no)});
  return moved(part.root);
}

// Where to cut: before the piece that brings the left side to half of the weight, between two labels.
size_t half_of(std::span<const Piece> pieces) {
  uint64_t whole = 0;
  for (const Piece& piece : pieces) whole += piece.weight;
  size_t cut = 1;
  for (uint64_t left = pieces[0].weight; cut + 1 < pieces.size() && 2 * left < whole; ++cut) left += pieces[cut].weight;
  cut = std::clamp(cut, pieces.size() / 8, pieces.size() - pieces.size() / 8);  // so that halving ends soon
  while (cut + 1 < pieces.size() && pieces[cut].label == pieces[cut - 1].label) ++cut;
  return cut;
}

uint32_t search(std::span<const Piece> pieces, const SearchEffort& effort, SearchTree& tree) {
  if (pieces.size() <= effort.most_pieces) return append(tree, interval_search(pieces, effort));
  size_t cut = half_of(pieces);
  SearchEffort below = effort;
  if (below.worst_tests > 1) --below.worst_tests;
  uint32_t yes = search(pieces.subspan(cut), below, tree);
  uint32_t no = search(pieces.first(cut), below, tree);
  return tree.add(Op::ge, pieces[cut].first, yes, no);
}

uint32_t balance(std::span<const Piece> runs, SearchTree& tree) {
  auto leaf = [](const Piece& run) { return SearchTree::kLeaf | run.label; };
  auto single = [](const Piece& run) { return run.first == run.last; };
  if (runs.size() == 1) return leaf(runs[0]);
  if (runs.size() == 3 && single(runs[1]) && runs[0].label == runs[2].label) {
    return tree.add(Op::eq, runs[1].first, leaf(runs[1]), leaf(runs[0]));
  }
  if (runs.size() == 2 && single(runs[1])) return tree.add(Op::eq, runs[1].first, leaf(runs[1]), leaf(runs[0]));
  size_t cut = runs.size() / 2;
  uint32_t yes = balance(runs.subspan(cut), tree);
  uint32_t no = balance(runs.first(cut), tree);
  return tree.add(Op::ge, runs[cut].first, yes, no);
}

}  // namespace

SearchTree word_search(std::span<const Piece> pieces, const SearchEffort& effort) {
  SearchTree tree;
  tree.root = search(pieces, effort, tree);
  return tree;
}

SearchTree balanced_search(std::span<const Piece> pieces) {
  SearchTree tree;
  tree.root = balance(joined(pieces), tree);
  return tree;
}

}  // namespace sbpc::opt
