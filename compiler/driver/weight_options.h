// weight_options.h: --profile, --cached-weight, --cost: what the optimiser counts. docs/optimiser.md says what they
// mean.
//
// Tested by test/cli/profile.test.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "driver/options.h"

namespace sbpc::driver {

// "0.01", "1", "0": a share of one in millionths; digits beyond those are cut off. nullopt otherwise.
[[nodiscard]] std::optional<uint32_t> parse_share(std::string_view text);

void add_weight_options(const Arguments& arguments, Options& options, diag::Sink& sink);

}  // namespace sbpc::driver
