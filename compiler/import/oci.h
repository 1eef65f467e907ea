// oci.h: an OCI `linux.seccomp` table, whatever file it stands in.
#pragma once

#include "import/formats.h"
#include "import/tree.h"

namespace sbpc::importer {

// Everything wrong is reported.
[[nodiscard]] bool read_oci_table(Source& source, const Value& table, Profile& profile);

}  // namespace sbpc::importer
