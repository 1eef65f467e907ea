#include "driver/program_file.h"

#include <algorithm>

#include "bpf/encode.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/program.def"
#include "driver/files.h"

namespace sbpc::driver {
namespace {

constexpr size_t kReadLimit = bpf::kMaxInsns * bpf::kInsnBytes;

// A return is the last instruction of every program: code 0x0006 in one byte order, 0x0600 in the other.
bool is_other_byte_order(const bpf::Insns& insns) { return insns.back().code == ((bpf::kRetK & 0xffU) << 8U); }

// Whoever writes `sbpc emu policy.sb` means the program of that policy. Programs are mostly NUL bytes.
bool is_text(std::string_view content) {
  return !content.empty() && std::all_of(content.begin(), content.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || byte == '\n' || byte == '\t' || byte == '\r';
  });
}

}  // namespace

Result<ProgramFile> read_program(Session& session) {
  if (session.arguments.rest.empty()) {
    session.sink.report(diag::kinds::MissingArgument, {}, " " + std::string(info(session.arguments.command).name),
                        std::string("a program file"));
    return failed();
  }
  const std::string& path = session.arguments.rest.front();
  const auto content = read_file(path, kReadLimit);
  if (!content) {
    session.sink.report(diag::kinds::CannotRead, {}, path, content.error());
    return failed();
  }
  if (is_text(*content)) {
    diag::Builder report = session.sink.report(diag::kinds::NotAProgram, {}, path, std::string("it is text"));
    report.note(path.ends_with(".sb") ? "it looks like a policy: `sbpc " + path + " -o FILE.bpf` makes the program of it"
                                      : std::string("a program is what `sbpc POLICY.sb -o FILE.bpf` writes"));
    return failed();
  }
  if (content->size() > kReadLimit) {
    const std::string most = std::to_string(bpf::kMaxInsns);
    session.sink.report(diag::kinds::NotAProgram, {}, path, "it is longer than " + most + " instructions, the most that the kernel takes");
    return failed();
  }
  ProgramFile file;
  file.abi = session.options.targets.empty() ? target::host_abi() : session.options.targets.front();
  file.big_endian = target::info(file.abi).endian == target::Endian::big;
  const auto* bytes = reinterpret_cast<const uint8_t*>(content->data());
  auto insns = bpf::decode({bytes, content->size()}, file.big_endian);
  if (!insns) {
    session.sink.report(diag::kinds::NotAProgram, {}, path, insns.error().text);
    return failed();
  }
  if (is_other_byte_order(*insns)) {
    session.sink
        .report(diag::kinds::NotAProgram, {}, path,
                std::string("its byte order is not ") + std::string(target::info(file.abi).name) + "'s")
        .note("name the machine that it was made for: `--target " + std::string(file.big_endian ? "x86_64" : "s390x") +
              "`");
    return failed();
  }
  file.insns = std::move(*insns);
  return file;
}

}  // namespace sbpc::driver
