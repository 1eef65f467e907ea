// bits.h: 32-bit registers as functions of the event, bit by bit, with the arithmetic of classic BPF.
//
// For programs whose accumulator is more than a word under a mask (general.h). Every bit is a yes/no function; an
// invalid one means that the diagram's budget ran out. Tested by test/unit/prove/general_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "ir/diagram.h"
#include "prove/said.h"

namespace sbpc::prove {

using Bits = std::array<ir::Ref, 32>;  // [0] is the lowest

class Arithmetic {
 public:
  explicit Arithmetic(ir::Diagram& diagram) : diagram_(diagram) {}

  [[nodiscard]] Bits constant(uint32_t value);
  [[nodiscard]] Bits word(target::Word word, const Said& said);

  [[nodiscard]] Bits both(const Bits& a, const Bits& b);
  [[nodiscard]] Bits either(const Bits& a, const Bits& b);
  [[nodiscard]] Bits differing(const Bits& a, const Bits& b);
  [[nodiscard]] Bits sum(const Bits& a, const Bits& b);
  [[nodiscard]] Bits difference(const Bits& a, const Bits& b);
  [[nodiscard]] Bits product(const Bits& a, const Bits& b);
  [[nodiscard]] Bits quotient(const Bits& a, const Bits& b);  // anything where b is 0
  // By the lower five bits of `by`.
  [[nodiscard]] Bits shifted_left(const Bits& a, const Bits& by);
  [[nodiscard]] Bits shifted_right(const Bits& a, const Bits& by);

  [[nodiscard]] ir::Ref equal(const Bits& a, const Bits& b);
  [[nodiscard]] ir::Ref below(const Bits& a, const Bits& b);  // a < b, unsigned
  [[nodiscard]] ir::Ref any(const Bits& a);                   // a != 0

 private:
  Bits add(const Bits& a, const Bits& b, ir::Ref carry);
  Bits choose(ir::Ref condition, const Bits& yes, const Bits& no);
  Bits inverted(const Bits& a);
  ir::Ref exclusive(ir::Ref a, ir::Ref b) { return diagram_.ite(a, diagram_.negate(b), b); }
  ir::Diagram& diagram_;
};

}  // namespace sbpc::prove
