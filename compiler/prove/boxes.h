// boxes.h: two functions of events compared call by call, where one diagram for all calls outgrows its budget.
//
// What a policy or a program answers is a choice by arch and number among boxes, each a function that may look at
// everything. The two choices meet in one small diagram; each pair of boxes that meets there is compared in a diagram
// of its own:
//
//     read: A's box 3, B's box 7        mmap: A's box 4, B's box 8        all else: the same constants
//
// Nothing is assumed of boxes, so this is as sound as the comparison in one diagram. Tested by
// test/unit/prove/boxes_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ir/diagram.h"
#include "ir/program.h"
#include "prove/placeholders.h"
#include "prove/symbolic.h"

namespace sbpc::prove {

struct Boxes {
  std::function<ir::Ref(ir::Diagram&)> choice;                // SECCOMP_RET_* words, and boxes
  std::function<ir::Ref(uint32_t box, ir::Diagram&)> answer;  // SECCOMP_RET_* words
  std::shared_ptr<const ir::Program> policy;  // whose functions the boxes are, by id; null: of something else
};

// Events that one pair of answers is about, and the two.
struct BoxPair {
  ir::Ref within;  // yes or no
  ir::Ref first;
  ir::Ref second;
};

// `visit` sees the pairs that differ in form, each in a new diagram of `order`, and answers whether it could decide its
// question there. What is returned are the events it could not: one of each such pair. nullopt: the choices alone are
// too large.
struct BoxSides {
  const Boxes& first;
  const Boxes& second;
};
[[nodiscard]] std::optional<std::vector<target::SeccompData>> by_boxes(
    const BoxSides& sides, const ir::Order& order, ir::FunctionRef<bool(ir::Diagram&, const BoxPair&)> visit);

// The states at which a program looks at more than arch and number, or at a run-time parameter, for the first time: its
// boxes.
[[nodiscard]] std::vector<uint32_t> entry_states(const StateGraph& graph);

// A program's choice among its entry states.
[[nodiscard]] ir::Ref program_choice(const StateGraph& graph, const std::vector<uint32_t>& entries,
                                     ir::Diagram& diagram);

// A policy's choice among its functions. `policy` is as before when it returns.
[[nodiscard]] ir::Ref policy_choice(ir::Program& policy, ir::Diagram& diagram);
// What a policy's function answers; `ids`: its run-time parameters in `diagram`. `policy` is as before when it returns.
[[nodiscard]] ir::Ref policy_answer(ir::Program& policy, uint32_t function, const std::vector<uint32_t>& ids,
                                    ir::Diagram& diagram);

}  // namespace sbpc::prove
