// seccompiler.h: how many instructions rust-vmm's seccompiler makes of rules as seccompiler.cpp writes them.
#pragma once

#include <cstddef>

#include "import/model.h"

namespace sbpc::exporter {

[[nodiscard]] size_t seccompiler_size(const importer::Profile& profile);

}  // namespace sbpc::exporter
