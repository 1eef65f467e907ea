// meetings.h: which words of an event a program combines with each other, and the order of bits in which that is small.
//
//     ld [args[0].lo]; tax; ld [args[1].lo]; jeq x, ...     args[0].lo and args[1].lo meet, bit by bit
//     ... rsh #16; tax; ld [args[1].lo]; jgt x, ...         the first's bit 16 meets the second's bit 0
//
// Such a program outgrows every diagram in the natural order, in which all bits of one word come before those of the
// other: `==` of two words has 2^32 nodes there, and 96 where their bits alternate. Programs of compilers of filters
// combine no words. Tested by test/unit/prove/meetings_test.cpp.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "bpf/insn.h"
#include "ir/diagram.h"
#include "ir/function_ref.h"
#include "ir/order.h"
#include "target/seccomp_data.h"

namespace sbpc::prove {

// Bit b of `first` meets bit b - shift of `second`.
struct Meeting {
  target::Word first;
  target::Word second;
  int shift;
};

// In the order of the instructions, each pair of words once. `insns` are ones that the kernel takes.
[[nodiscard]] std::vector<Meeting> meetings(const bpf::Insns& insns, bool big_endian);

// Words that meet side by side, the bits that meet at one height; where two meetings contradict each other the first
// one counts. nullopt: none meet, so that the natural order is as good as any.
[[nodiscard]] std::optional<ir::Order> order_for(std::span<const Meeting> met);

// How a question was decided.
enum class Reading : uint8_t {
  undecided,
  natural,      // in the natural order
  interleaved,  // with the bits of words that meet side by side
};
// Asks in a diagram of the order that the meetings want, if there are any, and in `natural`, whose budget it has, if
// that is too small. `decides` answers whether it could decide.
[[nodiscard]] Reading in_some_order(std::span<const Meeting> met, ir::Diagram& natural,
                                    ir::FunctionRef<bool(ir::Diagram&)> decides);

}  // namespace sbpc::prove
