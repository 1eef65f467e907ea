// necessary.h: which of many functions, of which the strictest counts, could not be left out.
#pragma once

#include <span>
#include <vector>

#include "ir/diagram.h"

namespace sbpc::judge {

// By index: whether some event would be answered differently without that function. They stand side by side over
// `base`, which answers where none of them speaks. Costs about as much as joining them once: n log n nodes for n
// functions that overlap little. To be called within a part of the diagram; what it answers once the diagram has
// overflowed means nothing.
//
//     errno(1) if fd == 1, errno(1) if fd == 2, errno(1) if fd == 2, over errno(1) if fd == 1    ->    no, no, no
[[nodiscard]] std::vector<bool> necessary(ir::Diagram& diagram, std::span<const ir::Ref> functions, ir::Ref base);

}  // namespace sbpc::judge
