// swallowed.h: conditions that restrict nothing, because another `allow` takes all they leave out.
#pragma once

#include "diag/sink.h"
#include "judge/view.h"

namespace sbpc::judge {

// An error where the conditional allow stands in the policy's own body, or beside its swallower in one body; between
// used rule sets and where the policy allows more than a set, a remark. Only what is swallowed on every ABI that has
// the call, with every set of parameters.
void report_swallowed(std::vector<View>& views, diag::Sink& sink);

}  // namespace sbpc::judge
