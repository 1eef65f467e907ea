// json_fwd.h: that there is a Json, for headers that only pass it on: nlohmann's own is a second of every file that
// includes it.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace sbpc::lsp {

using Json = nlohmann::json;

}  // namespace sbpc::lsp
