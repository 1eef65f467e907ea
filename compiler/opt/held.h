// held.h: what is in register A between two tests, and what the next one needs.
#pragma once

#include <cstdint>

#include "ir/program.h"

namespace sbpc::opt {

struct Held {                    // word & mask, or nothing known
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

}  // namespace sbpc::opt
