// dependencies.h: -MD: the files that a compile read, as a rule that make and ninja understand.
//
//     web.bpf: web.sb ../site/common.sb        from        sbpc -MD web.sb
//
// Modules of the standard library are part of sbpc and are not listed. Tested by test/cli/depend.test.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "driver/options.h"

namespace sbpc::driver {

// Where the rule goes: -MF, else the first output with `.d` in place of its ending; empty if there is no such output.
[[nodiscard]] std::string dependency_path(const Options& options, std::span<const std::string> outputs);

// The rule, newline included. `files` may repeat.
[[nodiscard]] std::string dependency_rule(std::span<const std::string> targets, std::span<const std::string> files);

}  // namespace sbpc::driver
