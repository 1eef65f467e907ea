// redundant.h: rules of one answer, of which one says no more than another.
#pragma once

#include <vector>

#include "import/conflicts.h"
#include "import/meaning.h"

namespace sbpc::importer {

// Whether another use, without conditions, says as much wherever this one is there.
[[nodiscard]] bool is_redundant(const Use& own, const std::vector<Use>& uses);

// Takes away the uses of a call that do nothing: in seccompiler those without conditions beside others with some.
void drop_idle(const Profile& profile, std::vector<Use>& uses);

// Whether one statement of `allow` would take all that another one lets pass (SB4510), under some choice of what they
// ask.
[[nodiscard]] bool is_swallowed(const Profile& profile, const Use& use, const Use& by, Width width);

}  // namespace sbpc::importer
