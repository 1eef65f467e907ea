#include "opt/pieces.h"

#include <algorithm>

namespace sbpc::opt {

using ir::Op;

Pieces joined(std::span<const Piece> pieces) {
  Pieces out;
  out.reserve(pieces.size());
  for (const Piece& piece : pieces) {
    if (!out.empty() && out.back().label == piece.label) {
      out.back().last = piece.last;
      out.back().weight += piece.weight;
    } else {
      out.push_back(piece);
    }
  }
  return out;
}

uint64_t weight_of(std::span<const Piece> pieces) {
  uint64_t sum = 0;
  for (const Piece& piece : pieces) sum += piece.weight;
  return sum;
}

uint32_t SearchTree::add(Op op, uint32_t value, uint32_t yes, uint32_t no) {
  if (yes == no) return yes;
  nodes.push_back({op, value, yes, no});
  return static_cast<uint32_t>(nodes.size() - 1);
}

namespace {

bool holds(const SearchTree::Node& node, uint32_t value) {
  switch (node.op) {
    case Op::eq: return value == node.value;
    case Op::gt: return value > node.value;
    case Op::ge: return value >= node.value;
    case Op::set: return (value & node.value) != 0;
    case Op::hole:
    case Op::flag: break;
  }
  return false;
}

}  // namespace

uint32_t answer(const SearchTree& tree, uint32_t value) {
  uint32_t at = tree.root;
  while (!SearchTree::is_leaf(at)) {
    const SearchTree::Node& node = tree.nodes[at];
    at = holds(node, value) ? node.yes : node.no;
  }
  return SearchTree::label(at);
}

uint32_t worst_tests(const SearchTree& tree) {
  std::vector<uint32_t> height(tree.nodes.size());
  auto of = [&](uint32_t index) { return SearchTree::is_leaf(index) ? 0 : height[index]; };
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    height[i] = 1 + std::max(of(tree.nodes[i].yes), of(tree.nodes[i].no));
  }
  return of(tree.root);
}

uint64_t weighted_tests(const SearchTree& tree, std::span<const Piece> pieces) {
  uint64_t sum = 0;
  for (const Piece& piece : pieces) {
    uint64_t tests = 0;
    for (uint32_t at = tree.root; !SearchTree::is_leaf(at); ++tests) {
      const SearchTree::Node& node = tree.nodes[at];
      at = holds(node, piece.first) ? node.yes : node.no;
    }
    sum += tests * piece.weight;
  }
  return sum;
}

ir::NodeId emit(ir::Program& program, const SearchTree& tree, ir::Word word, uint32_t mask) {
  std::vector<ir::NodeId> made(tree.nodes.size());
  auto target = [&](uint32_t index) {
    return SearchTree::is_leaf(index) ? ir::NodeId(SearchTree::label(index)) : made[index];
  };
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    const SearchTree::Node& from = tree.nodes[i];
    ir::Node test;
    test.op = from.op;
    test.word = word;
    test.mask = from.op == Op::set ? 0xffffffffU : mask;
    test.value = from.value;
    test.yes = target(from.yes);
    test.no = target(from.no);
    made[i] = add_test(program, test);
  }
  return target(tree.root);
}

}  // namespace sbpc::opt
