// explain_program.h: `sbpc explain FILE.bpf [CALL...]`: a program without its source.
#pragma once

#include "driver/session.h"

namespace sbpc::driver {

// Whether the file's name says that it is a program and not a policy.
[[nodiscard]] bool is_program_name(std::string_view path);

// The summary and the capabilities; with calls, what it answers to each.
[[nodiscard]] int explain_program(Session& session);

}  // namespace sbpc::driver
