// words.h: which words of an event make up which argument, and a function of them as a function of one number.
//
// For conditions.cpp. An argument may lie in one slot, in two (64 bits on ABIs with 32-bit registers, either half
// first), or be a raw slot; comparisons.h wants one 64-bit number whatever it was.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "describe/comparisons.h"
#include "describe/describe.h"
#include "ir/diagram.h"

namespace sbpc::describe {

// Words that are described together, adjacent in the diagram's order.
struct Group {
  Subject subject;
  std::vector<std::pair<target::Word, unsigned>> words;  // with the place of their bit 0 in the number
  uint8_t slot = 0;                                      // of a raw description
  bool one_slot = true;
  [[nodiscard]] bool has(target::Word word) const;
};

// Groups for all words that `where` looks at, in the diagram's order. nullopt if it looks at nr or arch.
[[nodiscard]] std::optional<std::vector<Group>> groups_of(const ir::Diagram& diagram, ir::Ref where,
                                                          const Frame& frame);

// The same slot as `$n`.
[[nodiscard]] Subject raw_subject(const Group& group, target::Abi abi);

// A function of the group's words only, as one of the number (number_set.h).
[[nodiscard]] ir::Ref as_number(ir::Diagram& diagram, ir::Ref function, const Group& group);

// The functions of later words that `function` can come to after the group's words, each with where: a function of
// those words.
struct Way {
  ir::Ref where;
  ir::Ref rest;
};
[[nodiscard]] std::optional<std::vector<Way>> ways(ir::Diagram& diagram, ir::Ref function, const Group& group,
                                                   size_t most);

}  // namespace sbpc::describe
