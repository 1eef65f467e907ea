// effects.h: statements without effect: an `override` or `except` that changes nothing, a rule that never decides.
#pragma once

#include "diag/sink.h"
#include "judge/shared_idle.h"
#include "judge/view.h"

namespace sbpc::judge {

// Reports what has no effect on any ABI, in any place where a rule set's text is used; what stands in a rule set is
// gathered. Beyond the budget everything counts as effective.
void report_no_effect(std::vector<View>& views, SharedIdle& shared, diag::Sink& sink);

}  // namespace sbpc::judge
