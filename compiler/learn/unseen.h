// unseen.h: what a trace does not show, as comments for the end of a draft: error paths, signals, other C libraries,
// and the calls that do the same as those that were seen. Tested by test/cli/learn.test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/observe.h"

namespace sbpc::learn {

// What no table knows, a few of them: "the call `made_up` at t:3", "`MADE_UP` of `ioctl(request)`, in 3 calls, first at
// t:4".
[[nodiscard]] std::vector<std::string> unknown_texts(const Observations& observations);
// Commands of which there were more than are learned: "of `ioctl` more than 64 values of `request`: 3 calls".
[[nodiscard]] std::vector<std::string> crowded_texts(const Observations& observations);
// How the runs of a command ended that did not end well: "ended with exit code 7", "was killed by SIGINT in 2 of 3
// runs".
[[nodiscard]] std::vector<std::string> failure_texts(const Observations& observations);
// How many calls nothing was learned from, though they were made.
[[nodiscard]] uint64_t unlearned_calls(const Observations& observations);

[[nodiscard]] std::string unseen_text(const Observations& observations);

}  // namespace sbpc::learn
