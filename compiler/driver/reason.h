// reason.h: which statement of the policy decides an event, in one line for people.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/source.h"
#include "driver/compile.h"
#include "target/seccomp_data.h"

namespace sbpc::driver {

// "policy.sb:12: `default errno(EPERM);`: no rule allows it"; with the statement's `///` text behind it if it has one.
// `values` are those of the run-time parameters.
[[nodiscard]] std::string reason_text(const SourceMap& sources, const Compiled& compiled,
                                      const target::SeccompData& event, std::span<const uint64_t> values);

}  // namespace sbpc::driver
