// oci.cpp: rules -> OCI's `linux.seccomp`.
//
// Fields: opencontainers/runtime-spec config-linux.md. An index stands once in each rule's `args`, for engines take a
// repeated one as OR; alternatives are rules of their own. Tested by test/export/oci.test and
// test/export/runtimes.test.
#include <fmt/format.h>

#include "export/formats.h"
#include "export/oci_text.h"
#include "import/oci_names.h"

namespace sbpc::exporter {

bool says_oci(target::Verdict verdict) { return libseccomp_says(verdict); }

bool knows_oci(target::Abi abi) { return !importer::scmp_of(abi).empty(); }

std::string write_oci(const Content& content) {
  const importer::Profile& profile = content.profiles.front();
  std::string arches;
  for (const target::Abi abi : profile.abis)
    arches += fmt::format("{}\"{}\"", arches.empty() ? "" : ", ", importer::scmp_of(abi));
  return oci_object(profile, fmt::format("  \"architectures\": [{}],\n", arches),
                    [](const importer::Profile&, const importer::Rule&) { return std::string(); });
}

}  // namespace sbpc::exporter
