// program_file.h: the compiled program that `disasm` and `emu` are given.
#pragma once

#include "base/result.h"
#include "bpf/insn.h"
#include "driver/session.h"

namespace sbpc::driver {

struct ProgramFile {
  bpf::Insns insns;
  bool big_endian = false;
  target::Abi abi{};  // --target, or this machine's
};

// Reads the one file argument; its byte order is --target's. Errors are in the sink.
[[nodiscard]] Result<ProgramFile> read_program(Session& session);

}  // namespace sbpc::driver
