// driver.h: the whole program but for main's crash handling.
#pragma once

namespace sbpc::driver {

// The exit code of the process; exit_code.h names them.
[[nodiscard]] int run_program(int argc, const char* const* argv);

}  // namespace sbpc::driver
