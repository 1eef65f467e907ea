// parameters.h: tests of run-time parameters -> `count != sz`, `!net`.
//
// A 64-bit value is compared half by half: it is the parameter's if both halves are, and another one if either is not.
// `args` are those of the event's call: on ABIs of 32 bits a value lies in two registers. Tested by
// test/unit/describe/describe_test.cpp.
#pragma once

#include <optional>
#include <span>

#include "describe/comparisons.h"
#include "describe/describe.h"
#include "ir/diagram.h"

namespace sbpc::describe {

// Whether `a` and `b` compare the two halves of one value with one parameter.
[[nodiscard]] bool are_halves(const ir::Diagram::Opaque& a, const ir::Diagram::Opaque& b,
                              std::span<const target::Arg> args);

// Where `a` or `b` holds, if they say of the two halves of one value that it is not the parameter's: one test then.
// nullopt, too, where the diagram is full.
[[nodiscard]] std::optional<ir::Ref> other_value(ir::Diagram& diagram, ir::Ref a, ir::Ref b,
                                                 std::span<const target::Arg> args);

// One test in words. `beside`: the tests that hold with it; of two that say of a half each that it is the parameter's,
// the lower one says it of the value, and the upper one nothing.
[[nodiscard]] Said parameter_text(const ir::Diagram& diagram, const Frame& frame, std::span<const ir::Ref> beside,
                                  ir::Ref test);

// In a witness the comparisons with a parameter are independent. Where it says that one argument is the parameter's
// value and another one is not, and both are the same, a bit of the other that nobody looks at is changed. Bits that
// are compared with parameters are looked at from then on.
void tell_apart(const ir::Diagram& diagram, ir::Diagram::Witness& witness, std::span<const target::Arg> args);

// "sock == 3", "sz != 0", "!net": what the parameters are in a witness's event.
[[nodiscard]] std::vector<std::string> parameter_values(const ir::Diagram& diagram, const ir::Diagram::Witness& witness,
                                                        std::span<const std::string> names,
                                                        std::span<const target::Arg> args);

}  // namespace sbpc::describe
