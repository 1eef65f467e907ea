// families.h: which ABIs files are for, where `prove` and `diff` compare files for several families.
//
// A policy for x86_64 and aarch64 is two filters, one for each kernel. Without --target each family that both files
// have is compared, and what only one has is named. A bare program is one filter: it is compared with the part for
// each family that it tells apart, on all arch words. Tested by test/cli/prove_families.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpf/insn.h"
#include "driver/session.h"
#include "output/diff.h"
#include "target/abi.h"

namespace sbpc::driver {

struct FileAbis {
  std::vector<target::Abi> abis;  // in the order of arches.def; none: not known, or the file has errors
  bool is_program = false;        // a bare program: the ABIs that it tells apart, if any
};
// Reports nothing.
[[nodiscard]] FileAbis abis_of_file(const Session& session, const std::string& path);

// The ABIs whose arch words a program that the kernel takes compares the arch word with.
[[nodiscard]] std::vector<target::Abi> abis_told_apart(const bpf::Insns& insns, bool big_endian);

// The options that pick a file's part for one family; the same without one.
[[nodiscard]] Options options_for(const Options& options, const FileAbis& file, std::optional<target::Family> family);

struct FamilyComparison {
  std::optional<target::Family> family;  // none: the files as they are
  std::vector<target::Abi> abis;         // of it that both files are for
  std::vector<target::Abi> elsewhere;    // whose events another comparison is about; all others count, also words of
                                         // no ABI
};
struct Comparisons {
  std::vector<FamilyComparison> families;
  std::vector<output::DiffOnly> only;
  bool is_whole = false;  // what one side lacks is no difference: it is none, or that side is a bare program, which is
                          // for one kernel
};
[[nodiscard]] Comparisons plan_comparisons(const Session& session, const std::string& first, const std::string& second);

// The ABIs of a family, in the order of arches.def.
[[nodiscard]] std::vector<target::Abi> abis_of_family(target::Family family);

}  // namespace sbpc::driver
