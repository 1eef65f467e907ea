// unseen.h: what a trace does not show, as comments for the end of a draft: error paths, signals, other C libraries,
// and the calls that do the same as those that were seen. Tested by test/cli/learn.test.
#pragma once

#include <string>

#include "learn/observe.h"

namespace sbpc::learn {

[[nodiscard]] std::string unseen_text(const Observations& observations);

}  // namespace sbpc::learn
