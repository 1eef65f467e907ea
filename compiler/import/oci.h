// oci.h: an OCI `linux.seccomp` table, whatever file it stands in.
#pragma once

#include <span>
#include <string_view>

#include "import/formats.h"
#include "import/tree.h"

namespace sbpc::importer {

// OCI's own keys, or those that Docker's and Podman's profiles have beside them.
enum class OciKeys : uint8_t { runtime, engine };

// Everything wrong is reported.
[[nodiscard]] bool read_oci_table(Source& source, const Value& table, OciKeys keys, Profile& profile);

// The conditions of a rule's `args`: all of them must hold; if one index stands twice, one of them (runc's, crun's and
// Podman's "old behaviour").
[[nodiscard]] std::vector<AllOf> oci_alternatives(AllOf arguments);

// Every key that stands in it, for Fields::any_case.
[[nodiscard]] std::span<const std::string_view> oci_field_names();

}  // namespace sbpc::importer
