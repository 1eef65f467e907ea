// projection.h: a function of yes and no without some of what it looks at.
#pragma once

#include "ir/diagram.h"
#include "ir/function_ref.h"

namespace sbpc::ir {

// Yes where `function` is yes for some values of all that `keeps` does not keep.
[[nodiscard]] Ref project(Diagram& diagram, Ref function, FunctionRef<bool(const Diagram::Branch&)> keeps);

// What any two calls see alike: the instruction pointer and run-time bools.
[[nodiscard]] bool is_state(const Diagram& diagram, const Diagram::Branch& branch);
// The states in which some event is a yes.
[[nodiscard]] Ref states_of(Diagram& diagram, Ref function);

}  // namespace sbpc::ir
