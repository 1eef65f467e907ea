// default_profile.h: the built-in profiles.
//
// The server mix is bench/profiles/server_mix.tsv: what nginx, redis, python, bash and gcc call, measured on x86_64; on
// other ABIs the same calls by name. A profile fits programs it was not made from badly (up to 2.4 times the tests), so
// the default is nine parts of the mix and one part of all known calls alike (weights.h: those that the policy never
// lets run count a sixteenth). Tested by test/unit/opt/weights_test.cpp.
#pragma once

#include <optional>
#include <string_view>

#include "opt/opt.h"
#include "target/abi.h"

namespace sbpc::opt {

// What the compiler assumes when it is told nothing.
[[nodiscard]] Profile default_profile(target::Abi abi);
inline constexpr std::string_view kDefaultProfile = "default";
// "server-mix" and "uniform" are the two parts alone, "default" both. nullopt for any other name.
[[nodiscard]] std::optional<Profile> named_profile(std::string_view name, target::Abi abi);

}  // namespace sbpc::opt
