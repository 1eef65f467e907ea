// order.h: in which order a diagram looks at the bits of an event.
//
//     natural                    arg0 31..0, arg1 31..0
//     arg0 beside arg1           arg0 31, arg1 31, arg0 30, arg1 30, ...
//
// What compares words with each other needs them side by side: `arg0 == arg1` has 96 nodes there, and 2^32 in the
// natural order. Bits of one word always stand most significant first. Tested by test/unit/ir/order_test.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "target/seccomp_data.h"

namespace sbpc::ir {

// The natural order: arch, nr, args 0..5 upper before lower, ip upper before lower.
inline constexpr std::array<target::Word, target::kWordCount> kWordsByRank = {
    target::Word::arch,    target::Word::nr,      target::Word::arg0_hi, target::Word::arg0_lo,
    target::Word::arg1_hi, target::Word::arg1_lo, target::Word::arg2_hi, target::Word::arg2_lo,
    target::Word::arg3_hi, target::Word::arg3_lo, target::Word::arg4_hi, target::Word::arg4_lo,
    target::Word::arg5_hi, target::Word::arg5_lo, target::Word::ip_hi,   target::Word::ip_lo};
// The position of a word in it.
[[nodiscard]] uint32_t word_rank(target::Word word);

// A level is a bit's place in the order, 0 first.
class Order {
 public:
  static constexpr uint32_t kLevels = 32 * target::kWordCount;
  struct Bit {
    target::Word word;
    uint8_t bit;  // 31..0
  };

  // The natural one.
  constexpr Order() {
    for (uint32_t level = 0; level < kLevels; ++level)
      put(level, {kWordsByRank[level / 32], static_cast<uint8_t>(31 - level % 32)});
  }
  // Words of one group stand where its first one would, bit by bit: those of one height together, from the top. A bit's
  // height is its place in its word and the word's shift.
  struct Place {
    uint32_t group;
    int shift;
  };
  explicit Order(const std::array<Place, target::kWordCount>& places);  // by word

  [[nodiscard]] uint32_t level(target::Word word, uint32_t bit) const {
    return levels_[static_cast<size_t>(word) * 32 + bit];
  }
  [[nodiscard]] Bit at(uint32_t level) const { return bits_[level]; }
  // Whether arch and then nr are looked at before anything else, as those who list calls need it.
  [[nodiscard]] bool calls_first() const;
  bool operator==(const Order& other) const { return levels_ == other.levels_; }

 private:
  constexpr void put(uint32_t level, Bit bit) {
    bits_[level] = bit;
    levels_[static_cast<size_t>(bit.word) * 32 + bit.bit] = static_cast<uint16_t>(level);
  }
  std::array<uint16_t, kLevels> levels_{};  // by word and bit
  std::array<Bit, kLevels> bits_{};         // by level
};

inline constexpr Order kNaturalOrder;

}  // namespace sbpc::ir
