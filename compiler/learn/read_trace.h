// read_trace.h: the text of a trace, of any kind -> observations, and what is wrong with it as a whole.
//
// Tested by test/unit/learn/read_trace_test.cpp, fuzzed by test/fuzz/learn_fuzz.cpp.
#pragma once

#include <string>
#include <string_view>

#include "learn/observe.h"

namespace sbpc::learn {

// `name` stands in provenance. `abi`: what lines are taken for that do not tell. The story is the last of
// observations.traces.
void read_trace(Observations& observations, std::string name, std::string_view text, target::Abi abi);

}  // namespace sbpc::learn
