// flag_cases.h: decides a function's run-time flags before anything else.
//
//   allow if flag; allow if a0 == 3; else errno     ->     flag ? allow : (a0 == 3 ? allow : errno)
//
// The loader turns a flag's test into a fixed jump. A call that is always allowed under some setting of the flags is
// then answered by the kernel's bitmap, because nothing on its way reads an argument. Tested by
// test/unit/opt/arguments_test.cpp.
#pragma once

#include <vector>

#include "ir/function_ref.h"
#include "ir/program.h"

namespace sbpc::opt {

// The run-time flags in the function's conditions, by rising id.
[[nodiscard]] std::vector<ir::HoleId> flags_of(const ir::Program& program, const ir::Function& function);

// The function where the flag has that value; its meaning is invalid if it was before or a budget runs out.
[[nodiscard]] ir::Function assume_flag(ir::Program& program, const ir::Function& function, ir::HoleId flag, bool value);

// Tests of the flags, with what `build` makes of each case below. Those that leave one answer come first, however many
// they are; of the others kFlagsFirst at most, since each doubles what is below it. So `build` gets functions without
// flags, unless there are more; their `entry` is what decides the case in function.entry, if that is valid and tests
// that flag first.
inline constexpr size_t kFlagsFirst = 6;
ir::NodeId flags_first(ir::Program& program, const ir::Function& function,
                       ir::FunctionRef<ir::NodeId(const ir::Function&)> build);

}  // namespace sbpc::opt
