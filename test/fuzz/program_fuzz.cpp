// program_fuzz.cpp: any bytes as a program that is told in words: explained, imported, and compared with the same
// program with one instruction changed and with one that always answers the input's last word. The first byte says
// which instruction and which bit, and its top bit leaves the import out, which is slow where many calls have
// conditions.
//
// Every difference that `diff` shows is one for both interpreters, and it shows none only where the proof finds none;
// an import is proved, or its differences are listed, and what is
// proved compiles, to a program that answers as the first.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "bpf/disasm.h"
#include "bpf/encode.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/import_text.h"
#include "driver/meaning_file.h"
#include "explain/bare.h"
#include "explain/capabilities.h"
#include "import/decompile.h"
#include "ir/copy.h"
#include "output/diff.h"
#include "prove/compare.h"
#include "prove/symbolic.h"

namespace {

using namespace sbpc;

constexpr size_t kMostInsns = 48;  // larger ones are slow, as is arithmetic, and no other here

void require(bool holds, const char* what, const bpf::Insns& insns) {
  if (holds) return;
  std::fprintf(stderr, "%s\n%s\n", what, bpf::disassemble(insns, false).c_str());
  std::abort();
}

// A file without a name on any disk.
class ProgramFile {
 public:
  explicit ProgramFile(const bpf::Insns& insns) : fd_(memfd_create("program", 0)) {
    const std::vector<uint8_t> bytes = bpf::encode(insns, false);
    if (fd_ < 0 || write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
  }
  ~ProgramFile() { close(fd_); }
  ProgramFile(const ProgramFile&) = delete;
  ProgramFile& operator=(const ProgramFile&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

target::Verdict verdict(const bpf::Insns& insns, const target::SeccompData& data) {
  return target::decode(bpf::interpret(insns, data, false).word);
}

void check_diff(const bpf::Insns& first, const bpf::Insns& second) {
  driver::Session session;
  driver::MeaningTable table;
  const ProgramFile one(first);
  const ProgramFile other(second);
  const auto a = driver::read_meaning(session, one.path(), table);
  const auto b = driver::read_meaning(session, other.path(), table);
  if (!a || !b || a->unknown || b->unknown) return;
  const ir::Ref here = a->function(table.diagram);
  const ir::Ref there = b->function(table.diagram);
  output::Differ differ({});
  if (!here.valid() || !there.valid() || !differ.add(table.diagram, {here, there, table.diagram.yes()})) return;
  const output::Diff diff = differ.finish();
  for (const output::DiffGroup& group : diff.groups) {
    for (const output::DiffEntry& entry : group.entries) {
      require(verdict(first, entry.witness) == group.was, "a difference's witness is not the first's", first);
      require(verdict(second, entry.witness) == group.now, "a difference's witness is not the second's", second);
    }
  }
  const ir::Ref broken = prove::broken(table.diagram, here, there, prove::Relation::equal);
  if (broken.valid()) require(diff.is_equal() == (broken == table.diagram.no()), "the diff is not the proof's", first);
  require(!output::diff_text(diff, {"a", "b"}).empty() && !output::diff_json(diff, {"a", "b"}).empty(), "no words",
          first);
}

void check_explain(const bpf::Insns& insns) {
  explain::Bare bare(insns, false);
  for (const target::Abi abi : {target::Abi::x86_64, target::Abi::aarch64}) {
    const auto summary = explain::summary(bare, abi);
    require(summary ? !summary->text.empty() : !summary.error().empty(), "no summary", insns);
    for (const explain::Capability& row : explain::capabilities(bare, abi)) {
      if (row.abi) require(verdict(insns, row.witness) == row.verdict, "a capability is not shown", insns);
    }
  }
}

// Events that the program may tell apart: its own constants, and their neighbours, in every word.
void check_events(const bpf::Insns& insns, const bpf::Insns& imported, target::Abi abi) {
  std::vector<uint32_t> constants{0, 1, 0xffffffffU};
  for (const bpf::Insn& insn : insns) constants.insert(constants.end(), {insn.k - 1, insn.k, insn.k + 1});
  uint64_t state = 1;
  const auto next = [&] {
    state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX
    return constants[(state >> 33U) % constants.size()];
  };
  for (int i = 0; i < 256; ++i) {
    target::SeccompData data;
    data.arch = target::info(abi).audit_arch;
    data.nr = static_cast<int32_t>(i % 4 == 0 ? next() & 0x3ff : next());
    const bool is_wide = target::info(abi).register_bits == 64;
    for (uint64_t& arg : data.args) arg = next() | (is_wide ? uint64_t{next()} << 32U : 0);
    require(verdict(insns, data) == verdict(imported, data), "what is proved equal answers otherwise", insns);
  }
}

void check_import(const bpf::Insns& insns) {
  driver::Session session;
  driver::MeaningTable table;
  const ProgramFile file(insns);
  const auto meaning = driver::read_meaning(session, file.path(), table);
  if (!meaning) return;
  const auto whole = driver::whole_function(session, *meaning, table.diagram);
  if (!whole) return;
  auto made = importer::decompile(table.diagram, *whole);
  if (!made || !made->unsaid.empty()) return;
  importer::Foreign foreign;
  foreign.kind = "Seccomp program";
  foreign.profiles = {made->profile};
  driver::ForeignProof program;
  program.meaning = [&](const importer::Profile&, ir::Diagram& diagram) {
    const ir::Ref here = ir::copy(table.diagram, *whole, diagram);
    return [here](const importer::Setting&, importer::Width) { return here; };
  };
  const auto text = driver::write_import(session, foreign, {std::move(made->items)}, {"program.bpf"}, &program);
  require(text.has_value() || session.sink.has_errors(), "refused without a reason", insns);
  if (!text || !text->proof.is_decided) return;
  for (const driver::ImportDifference& found : text->proof.differences)
    require(!found.text.empty(), "a difference without words", insns);
  for (const target::AbiInfo& row : target::abis()) {
    if (!made->profile.abis.has(row.abi)) continue;
    driver::DiskReader reader({});
    reader.overlay("imported", text->text);
    driver::Options options;
    options.prove = false;
    options.targets = {row.abi};
    SourceMap sources;
    diag::Sink sink;
    const auto compiled = driver::compile({sources, reader, "imported"}, options, sink);
    require(compiled.has_value(), "what is proved does not compile", insns);
    const bool is_little = !compiled->code.program.big_endian;  // as the program is read
    if (is_little && text->proof.differences.empty()) check_events(insns, compiled->code.program.insns, row.abi);
    return;  // one machine's: the proof does the same for each
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 + bpf::kInsnBytes || size > 1 + kMostInsns * bpf::kInsnBytes) return 0;
  const auto insns = bpf::decode({data + 1, size - 1}, false);
  if (!insns || bpf::kernel_refusal(*insns) || !prove::follow({*insns, {}, false})) return 0;
  check_explain(*insns);
  if ((data[0] & 0x80U) == 0) check_import(*insns);
  uint32_t word = 0;
  std::memcpy(&word, data + size - sizeof word, sizeof word);
  check_diff(*insns, {{bpf::kRetK, 0, 0, word}});
  bpf::Insns mutant = *insns;
  mutant[data[0] % mutant.size()].k ^= 1U << data[0] % 32U;
  if (!bpf::kernel_refusal(mutant)) check_diff(*insns, mutant);
  return 0;
}
