// oci_text.h: the parts that OCI's table and Docker's profile share.
#pragma once

#include <string>
#include <vector>

#include "import/model.h"

namespace sbpc::exporter {

// Whether libseccomp has it: a number for errno and trace alone.
[[nodiscard]] bool libseccomp_says(target::Verdict verdict);

// What runc refuses (libcontainer/seccomp/seccomp_linux.go, InitSeccomp: it has to write and to ask before anyone
// answers) and crun takes.
[[nodiscard]] std::vector<std::string> beyond_runc(const importer::Profile& profile);

// `, "includes": {...}` of a rule, or nothing.
using RuleSuffix = std::string (*)(const importer::Profile& profile, const importer::Rule& rule);

// The whole object; `arches` are its lines about architectures.
[[nodiscard]] std::string oci_object(const importer::Profile& profile, const std::string& arches, RuleSuffix suffix);

}  // namespace sbpc::exporter
