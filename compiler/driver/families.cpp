// families.cpp: files are read for their ABIs alone, with a session of their own for what goes wrong.
#include "driver/families.h"

#include <algorithm>
#include <set>

#include "bpf/encode.h"
#include "bpf/verify.h"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/files.h"
#include "driver/import_file.h"
#include "driver/meaning_file.h"
#include "driver/program_file.h"
#include "driver/stack.h"
#include "import/write.h"
#include "output/container.h"
#include "prove/symbolic.h"

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

// What the program compares the arch word with. Where it does arithmetic, the last load before a comparison, in the
// order of the text, says what is compared: a guess, and good enough for whom a filter is for.
std::set<uint32_t> compared_archs(const bpf::Insns& insns, bool big_endian) {
  std::set<uint32_t> found;
  const auto is_arch_at = [big_endian](uint32_t offset) {
    return target::word_at(offset, big_endian) == target::Word::arch;
  };
  if (const auto graph = prove::follow({insns, {}, big_endian})) {
    for (const prove::State& state : graph->states) {
      const bool is_arch = state.a.is_word && state.a.word == target::Word::arch && state.a.bits == ~uint32_t{0};
      if (is_arch && insns[state.pc].code == bpf::kJeqK) found.insert(insns[state.pc].k);
    }
    return found;
  }
  bool is_arch = false;
  for (const bpf::Insn& insn : insns) {
    if (insn.code == bpf::kLdAbs) is_arch = is_arch_at(insn.k);
    if (is_arch && insn.code == bpf::kJeqK) found.insert(insn.k);
  }
  return found;
}

std::vector<Abi> abis_of_program(const std::string& content) {
  const bool big_endian = looks_big_endian(content);
  const auto* bytes = reinterpret_cast<const uint8_t*>(content.data());
  const auto insns = bpf::decode({bytes, content.size()}, big_endian);
  return insns && !bpf::kernel_refusal(*insns) ? abis_told_apart(*insns, big_endian) : std::vector<Abi>();
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

// A bare program is one filter, whatever it tells apart.
bool is_for_several(const FileAbis& file) {
  return !file.is_program &&
         std::ranges::any_of(file.abis, [&](Abi abi) { return family_of(abi) != family_of(file.abis.front()); });
}

bool is_unknown(const FileAbis& file) { return !file.is_program && file.abis.empty(); }

// Which of the other file's parts a bare program is compared with: those for families that it tells apart; all of them
// if there are none.
FileAbis meant_by(const FileAbis& file, const FileAbis& other) {
  if (!file.is_program) return file;
  FileAbis made = other;
  std::erase_if(made.abis, [&](Abi abi) { return !has_family(file, family_of(abi)); });
  return made.abis.empty() ? other : made;
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

std::vector<Abi> abis_told_apart(const bpf::Insns& insns, bool big_endian) {
  const std::set<uint32_t> archs = compared_archs(insns, big_endian);
  std::vector<Abi> abis;
  for (const target::AbiInfo& row : target::abis()) {
    const bool is_of_order = (row.endian == target::Endian::big) == big_endian;
    if (is_of_order && archs.contains(row.audit_arch)) abis.push_back(row.abi);
  }
  return abis;
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
  const FileAbis one = abis_of_file(session, first);
  const FileAbis two = abis_of_file(session, second);
  const bool is_plain = !session.options.targets.empty() || is_unknown(one) || is_unknown(two) ||
                        !(is_for_several(one) || is_for_several(two));
  if (is_plain) return {{{}}, {}, true};
  const FileAbis a = meant_by(one, two);
  const FileAbis b = meant_by(two, one);
  Comparisons plan;
  for (const target::AbiInfo& row : target::abis()) {
    const bool is_known =
        std::ranges::any_of(plan.families, [&](const FamilyComparison& known) { return known.family == row.family; });
    if (is_known || !has_family(a, row.family) || !has_family(b, row.family)) continue;
    FamilyComparison made{row.family, {}, {}};
    for (const Abi abi : abis_of_family(row.family)) {
      if (has(a.abis, abi) && has(b.abis, abi)) made.abis.push_back(abi);
    }
    plan.families.push_back(made);
  }
  for (FamilyComparison& made : plan.families) {
    for (const FamilyComparison& other : plan.families) {
      if (other.family == made.family) continue;
      for (const Abi abi : abis_of_family(*other.family)) made.elsewhere.push_back(abi);
    }
  }
  add_only(first, a, b, plan.only);
  add_only(second, b, a, plan.only);
  plan.is_whole = plan.only.empty() || one.is_program || two.is_program;
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
