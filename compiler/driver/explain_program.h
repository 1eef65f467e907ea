// explain_program.h: `sbpc explain FILE.bpf|FILE.sbp [CALL...]`: a program without its source.
#pragma once

#include <optional>
#include <string>

#include "driver/session.h"

namespace sbpc::driver {

// The summary and the capabilities; with calls or --audit, what it answers to each.
[[nodiscard]] int explain_program(Session& session);

// Standard input for `--audit -`; nullopt after a report.
[[nodiscard]] std::optional<std::string> read_trace(Session& session);

}  // namespace sbpc::driver
