// held.h: what is in register A between two tests, and what the next one needs.
#pragma once

#include <cstdint>

#include "ir/program.h"
#include "opt/opt.h"

namespace sbpc::opt {

struct Held {  // word & mask, or nothing known
  bool known = false;
  ir::Word word{};
  uint32_t mask = 0;
  bool operator==(const Held&) const = default;
};

// Instructions before the test: a load where the word is not held whole, an AND where it is asked under a mask.
// `held` becomes what the test leaves in A.
inline uint32_t prepare(const ir::Node& test, Held& held) {
  constexpr uint32_t kWhole = 0xffffffffU;
  if (test.op == ir::Op::flag) return 0;
  Held wanted{true, test.word, test.op == ir::Op::set ? kWhole : test.mask};
  if (held == wanted) return 0;
  uint32_t insns = (held == Held{true, test.word, kWhole} ? 0 : 1) + (wanted.mask == kWhole ? 0 : 1);
  held = wanted;
  return insns;
}

struct Prices {
  uint32_t load, mask, test, high;
};
inline constexpr Prices kPrices[] = {
#define PRICE(id, name, load, mask, test, high, what) {load, mask, test, high},
#include "opt/prices.def"
};

// What `prepare` and the test cost.
inline uint32_t price(const ir::Node& test, Held& held, Cost cost) {
  const Prices& prices = kPrices[static_cast<size_t>(cost)];
  const bool had_word = test.op == ir::Op::flag || held == Held{true, test.word, 0xffffffffU};
  const Held before = held;
  prepare(test, held);
  const bool is_high = (test.value & 0x80000000U) != 0;
  uint32_t sum = prices.test + (is_high ? prices.high : 0);
  if (before == held) return sum;
  if (!had_word) sum += prices.load;
  if (held.mask != 0xffffffffU) sum += prices.mask;
  return sum;
}

}  // namespace sbpc::opt
