// program_file.h: the compiled programs that `disasm`, `emu`, `explain` and `run` are given: raw ones and those of
// containers.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bpf/program.h"
#include "driver/session.h"
#include "output/container.h"

namespace sbpc::driver {

struct ProgramFile {
  bpf::Program program;
  target::Abi abi{};  // --target, or this machine's; of a container's program one of its own
  // Of a container only:
  std::string name;
  std::vector<target::Abi> abis;
  uint32_t install_flags = 0;
  std::vector<output::ContainerParam> params;
  std::vector<output::ContainerRule> rules;
};

struct ProgramFiles {
  bool is_container = false;
  std::vector<ProgramFile> programs;
  std::vector<output::ContainerPlace> places;
};

// Whether the ending of the name says that it is a program: .bpf and .sbp.
[[nodiscard]] bool is_program_name(std::string_view path);
// By its name or, where that says nothing, by its content: no text, and as long as instructions are.
[[nodiscard]] bool is_program(const std::string& path);
// Programs are mostly NUL bytes.
[[nodiscard]] bool is_text(std::string_view content);

// The programs of a file that --policy and --target mean; at least one. A raw program's byte order is --target's.
// Errors are in the sink.
[[nodiscard]] Result<ProgramFiles> read_programs(Session& session, const std::string& path);

// The one program that is meant; of several in a container this machine's, if that is one.
[[nodiscard]] Result<ProgramFiles> read_single_program(Session& session, const std::string& path);

// Of a container all programs of the one policy that is meant, for whatever --target; `home` is the one for it, else
// this machine's, else the first.
struct PolicyPrograms {
  std::vector<ProgramFile> programs;
  size_t home = 0;
};
[[nodiscard]] Result<PolicyPrograms> read_policy_programs(Session& session, const std::string& path);

// The single program of the one file argument, with the values of --set in its holes; a hole that is left is an error.
[[nodiscard]] Result<ProgramFiles> read_program(Session& session);

}  // namespace sbpc::driver
