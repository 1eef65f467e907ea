// emu.cpp: `sbpc emu FILE.bpf 'openat(AT_FDCWD, 0, O_RDWR)'` tells what a program answers for one call, and at what
// cost.
//
// A call is a name with values in the order of its arguments (constants of the ABI, numbers, `A|B`, `_` for 0), or --nr
// and --args with the six registers.
#include <fmt/format.h>

#include "bpf/cacheable.h"
#include "bpf/disasm.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/program_file.h"
#include "driver/session.h"
#include "explain/call.h"
#include "output/names.h"
#include "target/c_value.h"
#include "target/seccomp_data.h"

namespace sbpc::driver {
namespace {

class EventReader {
 public:
  EventReader(Session& session, target::Abi abi) : session_(session), abi_(abi) {
    data_.arch = target::info(abi).audit_arch;
  }

  std::optional<target::SeccompData> read() {
    const Arguments& arguments = session_.arguments;
    if (arguments.rest.size() > 2) session_.sink.report(diag::kinds::ExtraArgument, {}, arguments.rest[2]);
    if (const auto nr = arguments.value(Option::nr)) {
      if (arguments.rest.size() > 1) session_.sink.report(diag::kinds::ExtraArgument, {}, arguments.rest[1]);
      set_number(*nr);
    } else if (arguments.rest.size() == 2) {
      read_call(arguments.rest[1]);
    } else {
      session_.sink.report(diag::kinds::MissingArgument, {}, std::string(" emu"), std::string("a call"))
          .note("write 'write(1, 0, 5)', or give --nr and --args");
    }
    if (const auto args = arguments.value(Option::args)) read_registers(*args);
    if (const auto ip = arguments.value(Option::ip)) {
      const auto value = parse_number(*ip);
      if (!value) session_.sink.report(diag::kinds::BadValue, {}, "--ip", *ip);
      data_.instruction_pointer = value.value_or(0);
    }
    if (session_.sink.has_errors()) return std::nullopt;
    return data_;
  }

 private:
  void bad_event(std::string_view text, std::string reason, std::string note = {}) {
    diag::Builder report = session_.sink.report(diag::kinds::BadEvent, {}, text, reason);
    if (!note.empty()) report.note(std::move(note));
  }

  void set_number(std::string_view text) {
    const auto nr = parse_number32(text);
    if (!nr)
      session_.sink.report(diag::kinds::BadValue, {}, "--nr", text)
          .note("a number of 32 bits, or the call by name as an argument");
    data_.nr = static_cast<int32_t>(nr.value_or(0));
  }

  void read_registers(std::string_view text) {
    size_t slot = 0;
    for (const std::string_view part : split_commas(text)) {
      const auto value = target::joined_c_value(part, abi_);
      if (!value || slot == 6) {
        session_.sink.report(diag::kinds::BadValue, {}, "--args", text).note("up to six values: numbers or constants");
        return;
      }
      data_.args[slot++] = *value;
    }
  }

  void read_call(std::string_view text) {
    const auto pattern = explain::read_call(text, abi_);
    if (pattern) {
      data_ = pattern->data;  // what is not said is 0
    } else {
      bad_event(text, pattern.error().reason, pattern.error().note);
    }
  }

  Session& session_;
  target::Abi abi_;
  target::SeccompData data_;
};

std::string show_path(const ProgramFile& program, const std::vector<uint32_t>& path) {
  std::string out;
  for (const uint32_t pc : path)
    out += fmt::format("{:5}: {}\n", pc, bpf::disassemble(program.program.insns, pc, program.program.big_endian));
  return out;
}

}  // namespace

int command_emu(Session& session) {
  const auto files = read_program(session);
  if (!files) return finish(session);
  const ProgramFile* program = &files->programs.front();
  const bpf::Insns& insns = program->program.insns;
  if (const auto refusal = bpf::kernel_refusal(insns)) {
    session.sink.report(diag::kinds::KernelRefuses, {}, session.arguments.rest.front(), refusal->pc, refusal->text);
    return finish(session);
  }
  const auto data = EventReader(session, program->abi).read();
  if (!data) return finish(session);
  std::vector<uint32_t> path;
  const bpf::Answer run = bpf::interpret(insns, *data, program->program.big_endian, &path);
  std::string out = fmt::format(
      "{}\n{} returns 0x{:08x} after {} instructions", output::verdict_name(target::decode(run.word), program->abi),
      output::call_label(static_cast<uint32_t>(data->nr), program->abi), run.word, run.executed);
  const bool cached = target::has_cache_bit(program->abi, static_cast<uint32_t>(data->nr)) &&
                      bpf::is_const_allow(insns, data->arch, static_cast<uint32_t>(data->nr));
  out += cached ? "; the kernel (5.11 and later) answers it from its cache\n" : "\n";
  if (session.arguments.has(Option::path)) out += show_path(*program, path);
  return print(session, out);
}

}  // namespace sbpc::driver
