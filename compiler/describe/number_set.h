// number_set.h: sets of 64-bit numbers, as yes/no functions of the two words of argument 0 (the upper one holds
// bits 63..32).
//
// What comparisons.cpp asks before it chooses words: which bits matter, which are the same for all members, which
// ranges there are. Tested by test/unit/describe/describe_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ir/diagram.h"

namespace sbpc::describe {

struct Cube {  // all numbers with (x & mask) == value
  uint64_t mask = 0;
  uint64_t value = 0;
};
struct NumberRange {  // both ends in
  uint64_t first;
  uint64_t last;
};

// The bits that a set looks at.
[[nodiscard]] uint64_t support(const ir::Diagram& diagram, ir::Ref set);
// The bits that all members have alike, with their values. `set` is not empty.
[[nodiscard]] Cube common_bits(ir::Diagram& diagram, ir::Ref set);
// The set with those bits given: looks at no bit of `mask` any more.
[[nodiscard]] ir::Ref given(ir::Diagram& diagram, ir::Ref set, Cube bits);
// The cube as a set.
[[nodiscard]] ir::Ref as_set(ir::Diagram& diagram, Cube cube);
// The members below 2^width as ranges, by rising value; nullopt if there are more than `most`. `set` looks at no higher
// bit.
[[nodiscard]] std::optional<std::vector<NumberRange>> ranges(const ir::Diagram& diagram, ir::Ref set, unsigned width,
                                                             size_t most);
// What x & bits can be for members, where `bits` is the support; nullopt if there are more than `most`.
[[nodiscard]] std::optional<std::vector<uint64_t>> masked_values(const ir::Diagram& diagram, ir::Ref set, uint64_t bits,
                                                                 size_t most);
// Cubes whose union is the set, none of them needless; nullopt if there are more than `most`.
[[nodiscard]] std::optional<std::vector<Cube>> cubes(ir::Diagram& diagram, ir::Ref set, size_t most);

}  // namespace sbpc::describe
