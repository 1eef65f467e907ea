// manual.h: sbpc(1), made from options.def and commands.def, in the man macros. Tested by test/cli/manual.test.
#pragma once

#include <string>

namespace sbpc::driver {

[[nodiscard]] std::string manual_page();

}  // namespace sbpc::driver
