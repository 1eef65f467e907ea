// import_limits.h: what an import's proof may cost; limits.h bounds what is read. Tested by
// test/cli/import_limits.test.
#pragma once

#include <cstddef>

namespace sbpc::limits {

// Bytes of the written policy, once for each choice of capabilities and kernel that its proof compiles it for: 20 to 30
// seconds. Docker's profile takes less than 1 % of them.
inline constexpr size_t kImportProofBytes = size_t{32} << 20;

}  // namespace sbpc::limits
