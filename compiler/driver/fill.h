// fill.h: `--set NAME=VALUE`: the values of run-time parameters, put into a program as the loader would.
//
// Tested by test/run/set.test and test/cli/many_flags.test.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bpf/program.h"
#include "driver/session.h"
#include "output/container.h"

namespace sbpc::driver {

// The value for a parameter's type: "3", "-1", "AT_FDCWD" for numbers; "true", "false", "1", "0" for bools. nullopt: it
// is none, or does not fit.
[[nodiscard]] std::optional<uint64_t> param_value(const output::ContainerParam& param, std::string_view text,
                                                  target::Abi abi);

// Puts `value`, one of param_value's, into each of the parameter's places.
void fill(bpf::Program& program, uint32_t param, uint64_t value);

// All of the session's --set; the values by parameter. What is unknown, does not fit or has no value is reported; then
// nullopt. `elsewhere`: parameters of other programs that are asked, too, whose names are none to report.
[[nodiscard]] std::optional<std::vector<uint64_t>> fill_all(Session& session, bpf::Program& program,
                                                            std::span<const output::ContainerParam> params,
                                                            target::Abi abi,
                                                            std::span<const std::string> elsewhere = {});

}  // namespace sbpc::driver
