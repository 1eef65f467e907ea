// pieces.h: a function of one 32-bit word as sorted pieces with weights, and a search tree that tells the pieces apart.
//
// The common currency of everything that decides by comparing one word: numbers, halves of arguments. Pieces do not
// overlap; values between two pieces never occur (or do not matter), so a comparison may be placed anywhere in such a
// gap.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/program.h"

namespace sbpc::opt {

struct Piece {
  uint32_t first;
  uint32_t last;
  uint32_t label;   // a node of the graph, by its id: pieces with equal labels need not be told apart
  uint64_t weight;  // how often the word is in [first, last]
};
using Pieces = std::vector<Piece>;

// Joins neighbours with equal labels.
[[nodiscard]] Pieces joined(std::span<const Piece> pieces);
[[nodiscard]] uint64_t weight_of(std::span<const Piece> pieces);

struct SearchTree {
  struct Node {
    ir::Op op;  // eq, ge or set
    uint32_t value;
    uint32_t yes;  // index into `nodes`, always smaller than the node's own, or a leaf
    uint32_t no;
  };
  static constexpr uint32_t kLeaf = 0x80000000U;  // kLeaf | label
  std::vector<Node> nodes;
  uint32_t root = kLeaf;

  [[nodiscard]] static bool is_leaf(uint32_t index) { return (index & kLeaf) != 0; }
  [[nodiscard]] static uint32_t label(uint32_t leaf) { return leaf & ~kLeaf; }
  uint32_t add(ir::Op op, uint32_t value, uint32_t yes, uint32_t no);  // yes if they are equal
};

// The label that the tree answers for a value.
[[nodiscard]] uint32_t answer(const SearchTree& tree, uint32_t value);
// Tests on the longest way.
[[nodiscard]] uint32_t worst_tests(const SearchTree& tree);
// Sum of weight * tests executed. Pieces that a test cuts in two count with the way their first value goes.
[[nodiscard]] uint64_t weighted_tests(const SearchTree& tree, std::span<const Piece> pieces);

// Adds the tree's tests of (word & mask) to the graph; its labels are nodes there.
ir::NodeId emit(ir::Program& program, const SearchTree& tree, ir::Word word, uint32_t mask);

}  // namespace sbpc::opt
