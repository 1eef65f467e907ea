// source_map.h: which statements answer what, as rows for a container: what libsbp's reporter of denied calls looks up.
//
// Asked of lower::decide, as `explain` and `run` ask, about one call for each answer other than allow. Where other
// statements name the same call with the same answer, the arguments decide which of them it is: they follow. Tested by
// test/run/source_map.test.
#pragma once

#include <vector>

#include "base/source.h"
#include "driver/compile.h"
#include "output/container.h"

namespace sbpc::driver {

// `compiled` has passed every stage. Adds the policy's places to `places`.
[[nodiscard]] std::vector<output::ContainerRule> source_rules(const SourceMap& sources, const Compiled& compiled,
                                                              std::vector<output::ContainerPlace>& places);

// "policy.sb:12: `deny ...`: reason or policy.sb:14"; empty if no row is about it.
[[nodiscard]] std::string where_text(const std::vector<output::ContainerRule>& rules,
                                     const std::vector<output::ContainerPlace>& places, const target::SeccompData& call,
                                     uint32_t word);

// Beside or below the policy's own file: the path from there; else the name alone. Where a policy lies is not part of
// what it makes.
[[nodiscard]] std::string short_name(std::string_view root, std::string_view name);

}  // namespace sbpc::driver
