// split64.h: a test of a 16-, 32- or 64-bit value -> a condition on 32-bit words. The only home of width, sign and slot
// rules.
#pragma once

#include "ir/program.h"
#include "sema/policy.h"

namespace sbpc::lower {

// The words that hold a value. Bits of `low` (and of `high`) at or above `width` are not part of it.
struct ValueWords {
  target::Word low;
  std::optional<target::Word> high;  // only for width > 32
  uint8_t width;
};
[[nodiscard]] ValueWords words_of(const sema::ArgRef& arg);

// Holds on exactly the events on which `(value mod 2^width) & mask OP constants` does. Word tests only; hole
// comparisons become one atom per word.
[[nodiscard]] ir::CondId split(const sema::Test& test, ir::Conds& conds);

}  // namespace sbpc::lower
