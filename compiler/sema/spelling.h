// spelling.h: comparisons of a typed policy as they are written.
#pragma once

#include <string_view>

#include "sema/policy.h"

namespace sbpc::sema {

// As written in source: "==", "!in".
[[nodiscard]] std::string_view spelling(Compare op);

}  // namespace sbpc::sema
