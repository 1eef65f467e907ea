// completion.h: scripts that complete sbpc's command line in a shell, made from options.def and commands.def.
//
// Tested by test/cli/completion.test, in the shells themselves.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sbpc::driver {

// "bash", "zsh" or "fish"; nullopt for others.
[[nodiscard]] std::optional<std::string> completion(std::string_view shell);

}  // namespace sbpc::driver
