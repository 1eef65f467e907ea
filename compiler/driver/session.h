// session.h: what the commands share: the command line, the texts, and the sink that everything reports to.
#pragma once

#include <string_view>

#include "base/source.h"
#include "diag/sink.h"
#include "driver/arguments.h"
#include "driver/options.h"

namespace sbpc::driver {

struct Session {
  Arguments arguments;
  MessageOptions messages;
  Options options;
  SourceMap sources;
  diag::Sink sink;
};

// Shows what the sink holds on standard error, in the form asked for, and answers the exit code. The last call of every
// command.
[[nodiscard]] int finish(const Session& session);

// `text` on standard output, then `finish`.
[[nodiscard]] int print(Session& session, std::string_view text);

// Exactly one file argument, or none: reported, nullopt.
[[nodiscard]] const std::string* only_file(Session& session);

// One function for each row of commands.def; each answers the exit code.
#define COMMAND(id, name, arguments, summary) [[nodiscard]] int command_##id(Session& session);
#include "driver/commands.def"

}  // namespace sbpc::driver
