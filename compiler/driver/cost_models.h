// cost_models.h: `--print cost-model`: what reports and the optimiser count in.
#pragma once

#include <string>

namespace sbpc::driver {

// Every constant of the models, in the order in which a call meets them; where each was taken from is said beside it.
[[nodiscard]] std::string cost_models();

}  // namespace sbpc::driver
