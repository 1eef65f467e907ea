// swallowed.h: conditions that restrict nothing, because another `allow` takes all they leave out.
#pragma once

#include <vector>

#include "diag/sink.h"
#include "judge/view.h"

namespace sbpc::judge {

// An error where the conditional allow stands in the policy's own body, or beside its swallower in one body; between
// used rule sets and where the policy allows more than a set, a remark. Only what is swallowed on every ABI that has
// the call, with every set of parameters.
void report_swallowed(std::vector<View>& views, diag::Sink& sink);

// A target of an `allow` that stands where what allows more makes an error of it, whether or not a parameter's value
// has a say in that. For -E, in whose text nothing is a parameter's value any more.
struct SwallowedTarget {
  sema::ScopeId scope;
  size_t rule;       // of the scope
  size_t target;     // of the rule
  bool is_absorbed;  // not only the meaning, the conditions too are the same without it
};
// By scope; in a scope by rising rule and target.
[[nodiscard]] std::vector<SwallowedTarget> swallowed_targets(View& view);

}  // namespace sbpc::judge
