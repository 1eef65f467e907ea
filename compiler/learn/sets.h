// sets.h: which rule sets of the standard library a trace covers: every call that the set allows was seen, or one that
// does the same (target/data/siblings.tsv), and the set allows all that was seen of its calls.
//
// A set is never taken because much of it was seen. Tested by test/unit/learn/sets_test.cpp.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "learn/observe.h"
#include "sema/load.h"

namespace sbpc::learn {

struct CoveredSet {
  std::string module;                                  // "event"
  std::string name;                                    // "epoll"
  std::set<std::pair<target::Abi, uint32_t>> calls;    // that were seen, and need no rule of their own
  std::set<std::pair<target::Abi, uint32_t>> granted;  // all that it allows
};

// In the order of sets.def, none within another. `reader` gives the modules' texts.
[[nodiscard]] std::vector<CoveredSet> covered_sets(const Observations& observations, sema::FileReader& reader);

}  // namespace sbpc::learn
