// twins.h: policies that a project keeps apart for each architecture, as one: what they share stands once, the rest
// under `on`.
//
// What is joined is held against each of the two before it is used. Tested by test/cli/import_minijail.test.
#pragma once

#include <string>

#include "import/model.h"

namespace sbpc::importer {

// `twin`'s rules become rules of `whole`, which is of no use if the answer is not empty: why they are no twins: "both
// are for arm".
[[nodiscard]] std::string join_twin(Foreign& whole, Foreign twin);

}  // namespace sbpc::importer
