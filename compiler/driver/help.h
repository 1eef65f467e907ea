// help.h: what `sbpc`, --help, --version, --explain and --print say. All of it made from the tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "driver/arguments.h"

namespace sbpc::driver {

[[nodiscard]] std::string_view version_number();  // "0.1.0"
[[nodiscard]] std::string version();              // the answer of --version

// `sbpc` alone: ten lines with a first policy.
[[nodiscard]] std::string_view first_page();
// `sbpc --help` (no command) or `sbpc COMMAND --help`.
[[nodiscard]] std::string help(std::optional<Command> command);
// nullopt: no diagnostic has this code or lint name.
[[nodiscard]] std::optional<std::string> explain(std::string_view code);

// One name a line, with what is known about it behind. nullopt: no such list.
[[nodiscard]] std::optional<std::string> print_list(std::string_view what);
// "abis, actions, ..."
[[nodiscard]] std::string list_names();

}  // namespace sbpc::driver
