// minijail.h: what of a file for minijail one of its two readers does not take.
#pragma once

#include <string>
#include <vector>

#include "import/model.h"

namespace sbpc::exporter {

// The lines that compile_seccomp_policy.py alone reads; libminijail, which `minijail0 -S` reads with, refuses the file.
[[nodiscard]] std::vector<std::string> beyond_libminijail(const importer::Profile& profile);

}  // namespace sbpc::exporter
