// strictest.h: the strictest of many functions of events.
#pragma once

#include <vector>

#include "ir/diagram.h"

namespace sbpc::ir {

// Diagram::strictest of all, joined two by two: n functions that overlap little cost n log n nodes, where one after the
// other would cost n * n. kNone for none.
[[nodiscard]] Ref strictest_of(Diagram& diagram, std::vector<Ref> all);

}  // namespace sbpc::ir
