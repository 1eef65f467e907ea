// copy.h: a function of one diagram, made again in another.
#pragma once

#include <optional>

#include "ir/diagram.h"

namespace sbpc::ir {

// `hole` gives a run-time parameter's id in `to`; nullopt (or any other budget that runs out) makes the answer invalid.
[[nodiscard]] Ref copy(const Diagram& from, Ref function, Diagram& to,
                       FunctionRef<std::optional<uint32_t>(uint32_t)> hole);
// The same where parameters keep their ids.
[[nodiscard]] Ref copy(const Diagram& from, Ref function, Diagram& to);

}  // namespace sbpc::ir
