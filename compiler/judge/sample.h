// sample.h: one event of a condition, and what is said of it: most questions about all events are answered by one.
#pragma once

#include <optional>

#include "ir/program.h"

namespace sbpc::judge {

// An event on which `cond` holds while no run-time flag is set and no word equals a run-time value. Nothing if the
// first that is tried is none; there may be others.
[[nodiscard]] std::optional<target::SeccompData> sample(const ir::Conds& conds, ir::CondId cond);
// Whether `cond` holds on such an event.
[[nodiscard]] bool holds_on(const ir::Conds& conds, ir::CondId cond, const target::SeccompData& event);
// What a function answers to such an event.
[[nodiscard]] uint32_t answer_on(const ir::Diagram& diagram, ir::Ref function, const target::SeccompData& event);

}  // namespace sbpc::judge
