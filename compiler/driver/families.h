// families.h: which ABIs files are for, where `prove` and `diff` compare files for several families.
//
// A policy for x86_64 and aarch64 is two filters, one for each kernel. Without --target each family that both files
// have is compared, and what only one has is named. Tested by test/cli/prove_families.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/session.h"
#include "output/diff.h"
#include "target/abi.h"

namespace sbpc::driver {

struct FileAbis {
  std::vector<target::Abi> abis;  // in the order of arches.def; none: not known, or the file has errors
  bool is_program = false;        // a bare program: the ABIs that it tells apart
};
// Reports nothing.
[[nodiscard]] FileAbis abis_of_file(const Session& session, const std::string& path);

// The options that pick a file's part for one family; the same without one.
[[nodiscard]] Options options_for(const Options& options, const FileAbis& file, std::optional<target::Family> family);

struct FamilyComparison {
  std::optional<target::Family> family;  // none: the files as they are
  std::vector<target::Abi> abis;         // of it that both files are for
};
struct Comparisons {
  std::vector<FamilyComparison> families;
  std::vector<output::DiffOnly> only;
  bool is_whole = false;  // what one side lacks is no difference: it is none, or that side is a bare program, which is
                          // for one family
};
[[nodiscard]] Comparisons plan_comparisons(const Session& session, const std::string& first, const std::string& second);

// The ABIs of a family, in the order of arches.def.
[[nodiscard]] std::vector<target::Abi> abis_of_family(target::Family family);

}  // namespace sbpc::driver
