// families.cpp: files are read for their ABIs alone, with a session of their own for what goes wrong.
#include "driver/families.h"

#include <algorithm>

#include "bpf/encode.h"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/files.h"
#include "driver/import_file.h"
#include "driver/program_file.h"
#include "driver/stack.h"
#include "import/write.h"
#include "output/container.h"

namespace sbpc::driver {
namespace {

using target::Abi;
using target::Family;

Family family_of(Abi abi) { return target::info(abi).family; }

bool has(const std::vector<Abi>& abis, Abi abi) { return std::ranges::find(abis, abi) != abis.end(); }

bool has_family(const FileAbis& file, Family family) {
  return std::ranges::any_of(file.abis, [&](Abi abi) { return family_of(abi) == family; });
}

// Of a policy file the one policy that is meant; with several it is for the reader to complain.
std::vector<Abi> abis_of_policy(Session& scratch, const std::string& path) {
  DiskReader reader(scratch.options.include_dirs);
  scratch.options.targets.clear();
  std::vector<Abi> abis;
  const auto look = [&](Stage, Compiled& compiled) {
    for (const sema::AbiPolicy& abi : compiled.policy.abis) abis.push_back(abi.abi);
    return false;
  };
  compile_each({scratch.sources, reader, path}, scratch.options, scratch.sink, look);
  return scratch.sink.has_errors() ? std::vector<Abi>() : abis;
}

std::vector<Abi> abis_of_container(Session& scratch, const std::string& path) {
  scratch.options.targets.clear();
  std::vector<Abi> abis;
  if (const auto files = read_programs(scratch, path)) {
    for (const ProgramFile& file : files->programs) abis.insert(abis.end(), file.abis.begin(), file.abis.end());
  }
  return abis;
}

std::vector<Abi> abis_of_profile(Session& scratch, const std::string& path) {
  std::vector<Abi> abis;
  const auto foreign = read_foreign(scratch, path);
  if (!foreign || foreign->profiles.size() != 1) return abis;
  for (const Abi abi : foreign->profiles.front().abis) abis.push_back(abi);
  return abis;
}

// The ABIs whose arch words the program compares with.
std::vector<Abi> abis_of_program(const std::string& content) {
  std::vector<Abi> abis;
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  for (const bool big_endian : {false, true}) {
    const auto insns = bpf::decode({bytes, content.size()}, big_endian);
    if (!insns) continue;
    for (const target::AbiInfo& row : target::abis()) {
      const bool is_named = std::ranges::any_of(
          *insns, [&](const bpf::Insn& insn) { return insn.code == bpf::kJeqK && insn.k == row.audit_arch; });
      if (is_named && (row.endian == target::Endian::big) == big_endian) abis.push_back(row.abi);
    }
  }
  return abis;
}

FileAbis abis_of_one(const Session& session, const std::string& path) {
  Session scratch = session;
  scratch.sink = diag::Sink(diag::Settings());
  if (path.ends_with(".sb")) return {abis_of_policy(scratch, path), false};
  if (is_foreign(path)) return {abis_of_profile(scratch, path), false};
  const auto content = read_file(path, output::kContainerBytes);
  if (!content) return {};
  if (output::is_container(*content)) return {abis_of_container(scratch, path), false};
  return {abis_of_program(*content), true};
}

// A stack is for a family that all of its parts are for; bare programs are for what the others are.
FileAbis abis_of_stack(FileAbis older, FileAbis newer) {
  if (older.is_program && !newer.is_program) return newer;
  if (newer.is_program && !older.is_program) return older;
  std::erase_if(older.abis, [&](Abi abi) { return !has_family(newer, family_of(abi)); });
  return older;
}

bool is_for_several(const FileAbis& file) {
  return std::ranges::any_of(file.abis, [&](Abi abi) { return family_of(abi) != family_of(file.abis.front()); });
}

void add_only(const std::string& name, const FileAbis& file, const FileAbis& other,
              std::vector<output::DiffOnly>& only) {
  output::DiffOnly made{name, {}};
  for (const Abi abi : file.abis) {
    if (!has_family(other, family_of(abi))) made.abis.push_back(abi);
  }
  if (!made.abis.empty()) only.push_back(made);
}

}  // namespace

FileAbis abis_of_file(const Session& session, const std::string& path) {
  const auto parts = stack_parts(path);
  FileAbis file = parts ? abis_of_stack(abis_of_file(session, parts->older), abis_of_one(session, parts->newest))
                        : abis_of_one(session, path);
  std::ranges::sort(file.abis);
  file.abis.erase(std::unique(file.abis.begin(), file.abis.end()), file.abis.end());
  return file;
}

Options options_for(const Options& options, const FileAbis& file, std::optional<target::Family> family) {
  Options made = options;
  if (!family || file.is_program) return made;
  for (const Abi abi : file.abis) {
    if (family_of(abi) == *family) made.targets.push_back(abi);
  }
  return made;
}

Comparisons plan_comparisons(const Session& session, const std::string& first, const std::string& second) {
  const FileAbis a = abis_of_file(session, first);
  const FileAbis b = abis_of_file(session, second);
  const bool is_plain =
      !session.options.targets.empty() || a.abis.empty() || b.abis.empty() || !(is_for_several(a) || is_for_several(b));
  if (is_plain) return {{{}}, {}, true};
  Comparisons plan;
  plan.is_whole = a.is_program || b.is_program;
  for (const target::AbiInfo& row : target::abis()) {
    const bool is_known =
        std::ranges::any_of(plan.families, [&](const FamilyComparison& known) { return known.family == row.family; });
    if (is_known || !has_family(a, row.family) || !has_family(b, row.family)) continue;
    FamilyComparison made{row.family, {}};
    for (const Abi abi : abis_of_family(row.family)) {
      if (has(a.abis, abi) && has(b.abis, abi)) made.abis.push_back(abi);
    }
    plan.families.push_back(made);
  }
  add_only(first, a, b, plan.only);
  add_only(second, b, a, plan.only);
  plan.is_whole |= plan.only.empty();
  return plan;
}

std::vector<target::Abi> abis_of_family(target::Family family) {
  std::vector<target::Abi> abis;
  for (const target::AbiInfo& row : target::abis()) {
    if (row.family == family) abis.push_back(row.abi);
  }
  return abis;
}

}  // namespace sbpc::driver
