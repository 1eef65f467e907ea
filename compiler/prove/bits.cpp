#include "prove/bits.h"

#include <span>

namespace sbpc::prove {
namespace {

constexpr unsigned kBits = 32;
constexpr unsigned kShiftBits = 5;  // of a shift's distance

}  // namespace

using ir::Ref;

Bits Arithmetic::constant(uint32_t value) {
  Bits made;
  for (unsigned i = 0; i < kBits; ++i) made[i] = (value >> i & 1U) != 0 ? diagram_.yes() : diagram_.no();
  return made;
}

Bits Arithmetic::word(target::Word word, const Said& said) {
  Bits made = constant(target::word_value(said.data, word));
  for (unsigned i = 0; i < kBits; ++i) {
    const uint32_t bit = uint32_t{1} << i;
    if ((said.fixed[static_cast<size_t>(word)] & bit) != 0) continue;
    const ir::WordRange range{bit, bit};
    made[i] = diagram_.member(word, bit, std::span(&range, 1));
  }
  return made;
}

Bits Arithmetic::both(const Bits& a, const Bits& b) {
  Bits made;
  for (unsigned i = 0; i < kBits; ++i) made[i] = diagram_.conjunction(a[i], b[i]);
  return made;
}

Bits Arithmetic::either(const Bits& a, const Bits& b) {
  Bits made;
  for (unsigned i = 0; i < kBits; ++i) made[i] = diagram_.disjunction(a[i], b[i]);
  return made;
}

Bits Arithmetic::differing(const Bits& a, const Bits& b) {
  Bits made;
  for (unsigned i = 0; i < kBits; ++i) made[i] = exclusive(a[i], b[i]);
  return made;
}

Bits Arithmetic::inverted(const Bits& a) {
  Bits made;
  for (unsigned i = 0; i < kBits; ++i) made[i] = diagram_.negate(a[i]);
  return made;
}

Bits Arithmetic::choose(Ref condition, const Bits& yes, const Bits& no) {
  Bits made;
  for (unsigned i = 0; i < kBits; ++i) made[i] = diagram_.ite(condition, yes[i], no[i]);
  return made;
}

Bits Arithmetic::add(const Bits& a, const Bits& b, Ref carry) {
  Bits made;
  for (unsigned i = 0; i < kBits; ++i) {
    const Ref one_of_two = exclusive(a[i], b[i]);
    made[i] = exclusive(one_of_two, carry);
    carry = diagram_.ite(one_of_two, carry, a[i]);
  }
  return made;
}

Bits Arithmetic::sum(const Bits& a, const Bits& b) { return add(a, b, diagram_.no()); }
Bits Arithmetic::difference(const Bits& a, const Bits& b) { return add(a, inverted(b), diagram_.yes()); }

Bits Arithmetic::product(const Bits& a, const Bits& b) {
  Bits total = constant(0);
  for (unsigned i = 0; i < kBits; ++i) {
    if (b[i] == diagram_.no()) continue;
    Bits part = constant(0);
    for (unsigned j = 0; j + i < kBits; ++j) part[j + i] = diagram_.conjunction(a[j], b[i]);
    total = sum(total, part);
  }
  return total;
}

// As on paper: what is left takes one more bit of `a` each time, and `b` is taken off where it fits.
Bits Arithmetic::quotient(const Bits& a, const Bits& b) {
  Bits made = constant(0);
  Bits left = constant(0);
  for (unsigned i = kBits; i-- > 0;) {
    const Ref top = left[kBits - 1];  // the bit that moves out: then `b` fits for certain
    for (unsigned j = kBits - 1; j > 0; --j) left[j] = left[j - 1];
    left[0] = a[i];
    made[i] = diagram_.disjunction(top, diagram_.negate(below(left, b)));
    left = choose(made[i], difference(left, b), left);
  }
  return made;
}

Bits Arithmetic::shifted_left(const Bits& a, const Bits& by) {
  Bits made = a;
  for (unsigned step = 0; step < kShiftBits; ++step) {
    Bits moved = constant(0);
    for (unsigned i = 1U << step; i < kBits; ++i) moved[i] = made[i - (1U << step)];
    made = choose(by[step], moved, made);
  }
  return made;
}

Bits Arithmetic::shifted_right(const Bits& a, const Bits& by) {
  Bits made = a;
  for (unsigned step = 0; step < kShiftBits; ++step) {
    Bits moved = constant(0);
    for (unsigned i = 0; i + (1U << step) < kBits; ++i) moved[i] = made[i + (1U << step)];
    made = choose(by[step], moved, made);
  }
  return made;
}

Ref Arithmetic::any(const Bits& a) {
  Ref made = diagram_.no();
  for (unsigned i = 0; i < kBits; ++i) made = diagram_.disjunction(a[i], made);
  return made;
}

Ref Arithmetic::equal(const Bits& a, const Bits& b) { return diagram_.negate(any(differing(a, b))); }

Ref Arithmetic::below(const Bits& a, const Bits& b) {
  Ref made = diagram_.no();
  for (unsigned i = 0; i < kBits; ++i) made = diagram_.ite(exclusive(a[i], b[i]), b[i], made);
  return made;
}

}  // namespace sbpc::prove
