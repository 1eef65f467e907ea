// abi_set.h: a set of ABIs. What a statement is for: the policy's `on` narrowed by every `on` around the statement.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "target/abi.h"

namespace sbpc::sema {

class AbiSet {
 public:
  constexpr AbiSet() = default;
  constexpr explicit AbiSet(target::Abi abi) { add(abi); }
  [[nodiscard]] static constexpr AbiSet all() {
    AbiSet set;
    set.bits_ = (1U << target::kAbiCount) - 1;
    return set;
  }

  constexpr void add(target::Abi abi) { bits_ |= 1U << static_cast<unsigned>(abi); }
  [[nodiscard]] constexpr bool has(target::Abi abi) const { return (bits_ >> static_cast<unsigned>(abi) & 1U) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr int size() const { return std::popcount(bits_); }
  [[nodiscard]] constexpr target::Abi first() const { return static_cast<target::Abi>(std::countr_zero(bits_)); }
  [[nodiscard]] constexpr bool operator==(const AbiSet&) const = default;
  friend constexpr AbiSet operator&(AbiSet a, AbiSet b) { return with(a.bits_ & b.bits_); }
  friend constexpr AbiSet operator|(AbiSet a, AbiSet b) { return with(a.bits_ | b.bits_); }
  friend constexpr AbiSet operator-(AbiSet a, AbiSet b) { return with(a.bits_ & ~b.bits_); }

  // In the order of arches.def.
  class Iterator {
   public:
    constexpr explicit Iterator(uint32_t bits) : bits_(bits) {}
    constexpr target::Abi operator*() const { return static_cast<target::Abi>(std::countr_zero(bits_)); }
    constexpr Iterator& operator++() {
      bits_ &= bits_ - 1;
      return *this;
    }
    constexpr bool operator!=(Iterator other) const { return bits_ != other.bits_; }

   private:
    uint32_t bits_;
  };
  [[nodiscard]] constexpr Iterator begin() const { return Iterator(bits_); }
  [[nodiscard]] constexpr Iterator end() const { return Iterator(0); }

 private:
  static constexpr AbiSet with(uint32_t bits) {
    AbiSet set;
    set.bits_ = bits;
    return set;
  }
  uint32_t bits_ = 0;
};

// "x86_64, aarch64".
[[nodiscard]] inline std::string to_string(AbiSet set) {
  std::string text;
  for (target::Abi abi : set) {
    if (!text.empty()) text += ", ";
    text += target::info(abi).name;
  }
  return text;
}

}  // namespace sbpc::sema
