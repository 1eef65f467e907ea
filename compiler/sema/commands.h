// commands.h: the commands of calls whose arguments depend on one (fcntl's cmd, prctl's option): which of them the
// conditions beside a test leave, and what the test means with each.
//
// A test of an argument looks at what the kernel reads. With F_SETFD that is 32 bits of fcntl's arg, with F_SETLK the
// whole pointer; where both may stand beside it, the test is made of one for each:
//   arg == 1   ->   cmd in { F_SETFD ... } && args[2]:32 == 1 || cmd !in { F_SETFD ... } && args[2]:64 == 1
// Tested in test/language/types_test.cpp and test/unit/target/types_test.cpp.
#pragma once

#include "sema/comparison.h"

namespace sbpc::sema {

// The commands that are left where all operands hold, or where all fail. Empty: all of them.
[[nodiscard]] std::vector<target::Command> commands_beside(const Site& site, std::span<const ast::ExprId> operands,
                                                           bool hold);
// Type and width of the argument as site.selected has them, and Left::narrow.
void specialize(const Site& site, const target::Arg& arg, Left& left);

// Whether the kernel may read the argument from the upper half of its register, where no test of it looks.
[[nodiscard]] bool may_lie_in_upper_half(const Site& site, const target::Arg& arg);

// Whether the test looks at bits that the kernel does not read with some of the commands that are left.
[[nodiscard]] bool depends_on_command(const Left& left, const Test& test);
[[nodiscard]] CondId split_by_command(const Site& site, const Left& left, Test test);

}  // namespace sbpc::sema
