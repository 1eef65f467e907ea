#include "opt/word_function.h"

#include <bit>
#include <unordered_set>

namespace sbpc::opt {
namespace {

using ir::Diagram;
using ir::Ref;

class Reader {
 public:
  Reader(const Diagram& diagram, ir::Word word, size_t limit) : diagram_(diagram), word_(word), limit_(limit) {}

  [[nodiscard]] bool asks(Ref ref) const {
    if (diagram_.is_terminal(ref)) return false;
    Diagram::Branch branch = diagram_.branch(ref);
    return !branch.is_opaque && branch.word == word_;
  }

  void collect_support(Ref ref) {
    if (!asks(ref) || !seen_.insert(ref.value).second) return;
    Diagram::Branch branch = diagram_.branch(ref);
    support_ |= uint32_t{1} << branch.bit;
    collect_support(branch.zero);
    collect_support(branch.one);
  }
  [[nodiscard]] uint32_t support() const { return support_; }
  [[nodiscard]] size_t nodes() const { return seen_.size(); }

  // The pieces by the values of word & bits; none if there are too many.
  std::vector<ValuePiece> pieces(Ref ref, uint32_t bits) {
    bits_ = bits;
    pieces_.clear();
    if (!walk(ref, 31, 0)) pieces_.clear();
    return std::move(pieces_);
  }

 private:
  bool walk(Ref ref, int bit, uint32_t prefix) {
    while (bit >= 0 && (bits_ >> bit & 1U) == 0) --bit;
    if (!asks(ref)) {
      uint32_t below = bit < 0 ? 0 : 0xffffffffU >> (31 - bit);
      return add({prefix, prefix | (below & bits_), ref});
    }
    Diagram::Branch branch = diagram_.branch(ref);
    bool here = branch.bit == bit;
    return walk(here ? branch.zero : ref, bit - 1, prefix) &&
           walk(here ? branch.one : ref, bit - 1, prefix | uint32_t{1} << bit);
  }
  bool add(ValuePiece piece) {
    if (!pieces_.empty() && pieces_.back().value == piece.value) {
      pieces_.back().last = piece.last;
      return true;
    }
    pieces_.push_back(piece);
    return pieces_.size() <= limit_;
  }

  const Diagram& diagram_;
  ir::Word word_;
  size_t limit_;
  uint32_t bits_ = 0;
  uint32_t support_ = 0;
  std::unordered_set<uint32_t> seen_;  // only asked, never walked
  std::vector<ValuePiece> pieces_;
};

// Follows `ref` down as long as one side is `other`.
Literals follow(const Diagram& diagram, Ref ref, Ref other) {
  Literals row{0, 0, ref, other};
  ir::Word word = diagram.branch(ref).word;
  for (;;) {
    if (diagram.is_terminal(row.yes)) return row;
    Diagram::Branch branch = diagram.branch(row.yes);
    if (branch.is_opaque || branch.word != word || (branch.zero != other && branch.one != other)) return row;
    uint32_t bit = uint32_t{1} << branch.bit;
    row.mask |= bit;
    if (branch.zero == other) row.value |= bit;
    row.yes = branch.zero == other ? branch.one : branch.zero;
  }
}

}  // namespace

WordFunction word_function(const Diagram& diagram, Ref ref, size_t limit) {
  WordFunction function;
  function.word = diagram.branch(ref).word;
  Reader reader(diagram, function.word, limit);
  reader.collect_support(ref);
  function.support = reader.support();
  function.nodes = reader.nodes();
  function.plain = reader.pieces(ref, 0xffffffffU);
  function.masked = reader.pieces(ref, function.support);
  return function;
}

Literals literals(const Diagram& diagram, Ref ref) {
  Diagram::Branch branch = diagram.branch(ref);
  Literals by_one = follow(diagram, ref, branch.zero);
  Literals by_zero = follow(diagram, ref, branch.one);
  return std::popcount(by_zero.mask) > std::popcount(by_one.mask) ? by_zero : by_one;
}

}  // namespace sbpc::opt
