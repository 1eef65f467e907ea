// explain_program.h: `sbpc explain FILE.bpf|FILE.sbp [CALL...]`: a program without its source.
#pragma once

#include "driver/session.h"

namespace sbpc::driver {

// The summary and the capabilities; with calls, what it answers to each.
[[nodiscard]] int explain_program(Session& session);

}  // namespace sbpc::driver
