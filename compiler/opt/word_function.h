// word_function.h: what a diagram asks of its first word, as intervals of values.
//
// Tested by test/unit/opt/arguments_test.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"

namespace sbpc::opt {

struct ValuePiece {  // first..last answer `value`, a function of later words
  uint32_t first;
  uint32_t last;
  ir::Ref value;
};

struct WordFunction {
  ir::Word word{};
  uint32_t support = 0;            // the bits looked at
  size_t nodes = 0;                // of the diagram, for this word
  std::vector<ValuePiece> plain;   // by the word's value; empty if there are more than the limit
  std::vector<ValuePiece> masked;  // by the value of word & support, only values it can have; empty likewise
};

// `ref` must test a word. Neighbours with one value are joined.
[[nodiscard]] WordFunction word_function(const ir::Diagram& diagram, ir::Ref ref, size_t limit);

// Some bits of the word against a constant: (word & mask) == value goes to `yes`, the rest to `no`.
struct Literals {
  uint32_t mask = 0;
  uint32_t value = 0;
  ir::Ref yes;
  ir::Ref no;
};

// The longest row of bits from `ref` down whose other sides are one function.
[[nodiscard]] Literals literals(const ir::Diagram& diagram, ir::Ref ref);

}  // namespace sbpc::opt
