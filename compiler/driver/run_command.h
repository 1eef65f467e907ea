// run_command.h: from the name of a command to the file that execve takes.
#pragma once

#include <string>

namespace sbpc::driver {

struct FoundCommand {
  std::string path;
  int exit_code = 0;  // 0: it can be executed; else 126 or 127
  int reason = 0;     // errno of the failure; 0 with 127: it is in no folder of PATH
};

// As execvp(3): a name with a slash is a path; others are looked for in PATH. The first file that can be executed;
// failing that, the first that is there but cannot.
[[nodiscard]] FoundCommand find_command(const std::string& name);

// "cannot run `x`: ...", with what to do. Also for an errno that execve itself brought.
[[nodiscard]] std::string why_not_run(const FoundCommand& found);

}  // namespace sbpc::driver
