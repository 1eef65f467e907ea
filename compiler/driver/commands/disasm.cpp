// disasm.cpp: `sbpc disasm FILE` prints a program; a line at the end tells if the kernel would refuse it. Of a
// container all programs, with their holes: what is behind a `;` is a comment to the assembler.
#include "bpf/disasm.h"

#include <fmt/format.h>

#include "bpf/verify.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/program_file.h"
#include "driver/session.h"

namespace sbpc::driver {
namespace {

constexpr size_t kCommentColumn = 36;

std::string hole_text(const ProgramFile& file, const bpf::Patch& patch) {
  const std::string& name = file.params[patch.hole].name;
  switch (patch.kind) {
    case bpf::Patch::Kind::flag: return fmt::format("run-time parameter {}: +0 if it is true", name);
    case bpf::Patch::Kind::value_high: return fmt::format("run-time parameter {}, its upper half", name);
    case bpf::Patch::Kind::value_low:
      return fmt::format("run-time parameter {}{}", name,
                         file.params[patch.hole].width == 64 ? ", its lower half" : "");
  }
  return {};
}

std::string head(const ProgramFile& file) {
  std::string text = fmt::format("; program {} on ", file.name);
  for (const target::Abi abi : file.abis)
    text += fmt::format("{}{}", abi == file.abis.front() ? "" : ", ", target::info(abi).name);
  const size_t count = file.program.insns.size();
  return text + fmt::format(": {} instructions, {} bytes\n", count, count * bpf::kInsnBytes);
}

std::string listed(const ProgramFile& file) {
  const std::string lines = bpf::disassemble(file.program.insns, file.program.big_endian);
  if (file.program.patches.empty()) return lines;
  std::string text;
  size_t at = 0;
  auto patch = file.program.patches.begin();
  for (size_t pc = 0; pc < file.program.insns.size(); ++pc) {
    const size_t end = lines.find('\n', at);
    std::string line = lines.substr(at, end - at);
    at = end + 1;
    if (patch != file.program.patches.end() && patch->pc == pc) {
      line.resize(std::max(line.size(), kCommentColumn), ' ');
      line += " ; " + hole_text(file, *patch++);
    }
    text += line + '\n';
  }
  return text;
}

}  // namespace

int command_disasm(Session& session) {
  if (session.arguments.rest.empty()) {
    session.sink.report(diag::kinds::MissingArgument, {}, " disasm", std::string("a program file"));
    return finish(session);
  }
  const std::string& path = session.arguments.rest.front();
  const auto files = read_programs(session, path);
  if (!files) return finish(session);
  std::string text;
  for (const ProgramFile& file : files->programs) {
    if (const auto refusal = bpf::kernel_refusal(file.program.insns)) {
      session.sink.report(diag::kinds::KernelRefuses, {}, path, refusal->pc, refusal->text);
    }
    if (files->is_container) text += (text.empty() ? "" : "\n") + head(file);
    text += listed(file);
  }
  return print(session, text);
}

}  // namespace sbpc::driver
