// docker.cpp: rules -> a profile of Docker, Podman and containerd.
//
// Beside OCI's fields: `archMap`, a machine's main ABI and those that it runs besides, and `includes.arches` where
// machines differ; its names are Go's (moby/profiles seccomp/seccomp_linux.go). Tested by test/export/docker.test.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "export/formats.h"
#include "export/oci_text.h"
#include "import/oci_names.h"

namespace sbpc::exporter {
namespace {

using importer::AbiSet;
using importer::Profile;

// The ABIs of each machine.
std::vector<AbiSet> machines(const Profile& profile) {
  std::vector<AbiSet> found;
  for (const target::Abi abi : profile.abis) {
    const auto is_same = [&](AbiSet machine) {
      return target::info(machine.first()).family == target::info(abi).family;
    };
    const auto known = std::ranges::find_if(found, is_same);
    if (known == found.end())
      found.emplace_back(abi);
    else
      known->add(abi);
  }
  return found;
}

std::string includes(const Profile& profile, const importer::Rule& rule) {
  if ((rule.guard.abis & profile.abis) == profile.abis) return {};
  std::string names;
  for (const AbiSet machine : machines(profile)) {
    if (!(machine & rule.guard.abis).empty())
      names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", importer::go_of(machine.first()));
  }
  return fmt::format(",\n      \"includes\": {{ \"arches\": [{}] }}", names);
}

}  // namespace

bool says_docker(target::Verdict verdict) { return libseccomp_says(verdict); }

bool knows_docker(target::Abi abi) { return !importer::scmp_of(abi).empty(); }

std::string write_docker(const Content& content) {
  const Profile& profile = content.profiles.front();
  std::string arches = "  \"archMap\": [";
  const char* separator = "\n";
  for (const AbiSet machine : machines(profile)) {
    std::string others;
    for (const target::Abi abi : machine) {
      if (abi != machine.first()) others += fmt::format("{}\"{}\"", others.empty() ? "" : ", ", importer::scmp_of(abi));
    }
    arches += fmt::format("{}    {{ \"architecture\": \"{}\", \"subArchitectures\": [{}] }}", separator,
                          importer::scmp_of(machine.first()), others);
    separator = ",\n";
  }
  return oci_object(profile, arches + "\n  ],\n", includes);
}

}  // namespace sbpc::exporter
