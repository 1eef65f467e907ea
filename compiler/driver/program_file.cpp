#include "driver/program_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bpf/encode.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/kinds/program.def"
#include "driver/files.h"
#include "driver/fill.h"

namespace sbpc::driver {
namespace {

constexpr size_t kProgramBytes = bpf::kMaxInsns * bpf::kInsnBytes;

// A return is the last instruction of every program: code 0x0006 in one byte order, 0x0600 in the other.
bool is_other_byte_order(const bpf::Insns& insns) { return insns.back().code == ((bpf::kRetK & 0xffU) << 8U); }

std::span<const uint8_t> bytes_of(std::string_view content) {
  return {reinterpret_cast<const uint8_t*>(content.data()), content.size()};
}

Result<ProgramFiles> raw(Session& session, const std::string& path, std::string_view content) {
  diag::Sink& sink = session.sink;
  if (is_text(content)) {  // whoever writes `sbpc emu policy.sb` means the program of that policy
    diag::Builder report = sink.report(diag::kinds::NotAProgram, {}, path, std::string("it is text"));
    report.note(path.ends_with(".sb")
                    ? "it looks like a policy: `sbpc " + path + " -o FILE.bpf` makes the program of it"
                    : std::string("a program is what `sbpc POLICY.sb -o FILE.bpf` writes"));
    return failed();
  }
  if (content.size() > kProgramBytes) {
    const std::string most = std::to_string(bpf::kMaxInsns);
    sink.report(diag::kinds::NotAProgram, {}, path,
                "it is longer than " + most + " instructions, the most that the kernel takes");
    return failed();
  }
  ProgramFile file;
  file.abi = session.options.targets.empty() ? target::host_abi() : session.options.targets.front();
  file.program.big_endian = target::info(file.abi).endian == target::Endian::big;
  auto insns = bpf::decode(bytes_of(content), file.program.big_endian);
  if (!insns) {
    sink.report(diag::kinds::NotAProgram, {}, path, insns.error().text);
    return failed();
  }
  if (is_other_byte_order(*insns)) {
    sink.report(diag::kinds::NotAProgram, {}, path,
                std::string("its byte order is not ") + std::string(target::info(file.abi).name) + "'s")
        .note("name the machine that it was made for: `--target " +
              std::string(file.program.big_endian ? "x86_64" : "s390x") + "`");
    return failed();
  }
  file.program.insns = std::move(*insns);
  return ProgramFiles{false, {std::move(file)}, {}};
}

// The ABI that a container's program is looked at for: the first asked for, else this machine's, else its first.
target::Abi abi_of(const Session& session, const std::vector<target::Abi>& abis) {
  const auto has = [&](target::Abi abi) { return std::find(abis.begin(), abis.end(), abi) != abis.end(); };
  for (const target::Abi abi : session.options.targets) {
    if (has(abi)) return abi;
  }
  return has(target::host_abi()) ? target::host_abi() : abis.front();
}

bool is_of_one_kernel(target::Abi a, target::Abi b) { return target::info(a).family == target::info(b).family; }

bool is_meant(const Session& session, const output::ContainerProgram& program) {
  const Options& options = session.options;
  if (options.policy && *options.policy != program.name) return false;
  return options.targets.empty() || std::ranges::any_of(program.abis, [&](target::Abi abi) {
           return std::ranges::find(options.targets, abi) != options.targets.end();
         });
}

// "web for x86_64, i386; db for x86_64"
std::string programs_text(const std::vector<output::ContainerProgram>& programs) {
  std::string text;
  for (const output::ContainerProgram& program : programs) {
    text += text.empty() ? "" : "; ";
    text += program.name + " for ";
    for (const target::Abi abi : program.abis)
      text += (abi == program.abis.front() ? "" : ", ") + std::string(target::info(abi).name);
  }
  return text;
}

Result<ProgramFiles> container(Session& session, const std::string& path, std::string_view content) {
  auto read = output::read_container(bytes_of(content));
  if (!read) {
    session.sink.report(diag::kinds::NotAContainer, {}, path, read.error());
    return failed();
  }
  ProgramFiles files{true, {}, std::move(read->places)};
  for (output::ContainerProgram& program : read->programs) {
    if (!is_meant(session, program)) continue;
    files.programs.push_back({std::move(program.program), abi_of(session, program.abis), program.name, program.abis,
                              program.install_flags, std::move(program.params), std::move(program.rules)});
  }
  if (!files.programs.empty()) return files;
  session.sink.report(diag::kinds::NotInContainer, {}, path, std::string("such program"))
      .note("it has " + programs_text(read->programs));
  return failed();
}

}  // namespace

bool is_program_name(std::string_view path) { return path.ends_with(".bpf") || path.ends_with(".sbp"); }

bool is_program(const std::string& path) {
  if (is_program_name(path)) return true;
  if (path == "-" || path.ends_with(".sb")) return false;
  const auto content = read_file(path, output::kContainerBytes);
  if (!content || content->empty() || is_text(*content)) return false;
  return output::is_container(*content) || content->size() % bpf::kInsnBytes == 0;
}

bool is_text(std::string_view content) {
  return !content.empty() && std::all_of(content.begin(), content.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || byte == '\n' || byte == '\t' || byte == '\r';
  });
}

Result<ProgramFiles> read_programs(Session& session, const std::string& path) {
  const auto content = read_file(path, output::kContainerBytes);
  if (!content) {
    session.sink.report(diag::kinds::CannotRead, {}, path, content.error());
    return failed();
  }
  return output::is_container(*content) ? container(session, path, *content) : raw(session, path, *content);
}

Result<ProgramFiles> read_single_program(Session& session, const std::string& path) {
  auto files = read_programs(session, path);
  if (!files) return failed();
  std::vector<ProgramFile>& programs = files->programs;
  const auto is_here = [](const ProgramFile& file) { return file.abi == target::host_abi(); };
  if (programs.size() > 1 && std::ranges::count_if(programs, is_here) == 1) {
    std::erase_if(programs, [&](const ProgramFile& file) { return !is_here(file); });
  }
  if (programs.size() == 1) return files;
  std::string names;
  for (const ProgramFile& file : programs)
    names += fmt::format("{}{} for {}", names.empty() ? "" : ", ", file.name, target::info(file.abi).name);
  session.sink.report(diag::kinds::NotInContainer, {}, path, std::string("single program that is meant"))
      .note("pick one with `--policy NAME` and `--target ABI`: " + names);
  return failed();
}

Result<PolicyPrograms> read_policy_programs(Session& session, const std::string& path) {
  const auto content = read_file(path, output::kContainerBytes);
  if (content && output::is_container(*content)) {
    const auto targets = std::exchange(session.options.targets, {});
    auto all = read_programs(session, path);
    session.options.targets = targets;
    if (!all) return failed();
    std::vector<ProgramFile>& programs = all->programs;
    const auto is_same = [&](const ProgramFile& file) { return file.name == programs.front().name; };
    if (std::ranges::all_of(programs, is_same)) {
      const target::Abi abi = targets.empty() ? target::host_abi() : targets.front();
      const auto is_home = [&](const ProgramFile& file) {
        return std::ranges::any_of(file.abis, [&](target::Abi own) { return is_of_one_kernel(own, abi); });
      };
      const auto home = std::ranges::find_if(programs, is_home);
      const auto at = home == programs.end() ? size_t{0} : static_cast<size_t>(home - programs.begin());
      programs[at].abi = abi_of(session, programs[at].abis);
      return PolicyPrograms{std::move(programs), at};
    }
  }
  auto single = read_single_program(session, path);
  if (!single) return failed();
  return PolicyPrograms{std::move(single->programs), 0};
}

Result<ProgramFiles> read_program(Session& session) {
  if (session.arguments.rest.empty()) {
    session.sink.report(diag::kinds::MissingArgument, {}, " " + std::string(info(session.arguments.command).name),
                        std::string("a program file"));
    return failed();
  }
  auto files = read_single_program(session, session.arguments.rest.front());
  if (!files) return failed();
  ProgramFile& file = files->programs.front();
  if (!fill_all(session, file.program, file.params, file.abi)) return failed();
  return files;
}

}  // namespace sbpc::driver
