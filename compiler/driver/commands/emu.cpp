// emu.cpp: `sbpc emu FILE.bpf 'openat(AT_FDCWD, 0, O_RDWR)'` tells what a program answers for one call, and at what
// cost.
//
// A call is a name with values in the order of its arguments (constants of the ABI, numbers, `A|B`), or --nr and --args
// with the six registers. What is not said (`_`, or nothing) is 0; where the program looks at it, the answer says so.
#include <fmt/format.h>

#include <algorithm>

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
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

class EventReader {
 public:
  EventReader(Session& session, target::Abi abi)
      : session_(session), abi_(abi), pattern_(explain::pattern_of(abi, 0)) {}

  // Bits that are not said are 0.
  std::optional<explain::CallPattern> read() {
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
      pattern_.fix(target::Word::ip_lo, ~0U, static_cast<uint32_t>(value.value_or(0)));
      pattern_.fix(target::Word::ip_hi, ~0U, static_cast<uint32_t>(value.value_or(0) >> 32U));
    }
    if (session_.sink.has_errors()) return std::nullopt;
    return pattern_;
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
    pattern_ = explain::pattern_of(abi_, nr.value_or(0));
  }

  void read_registers(std::string_view text) {
    size_t slot = 0;
    for (const std::string_view part : split_commas(text)) {
      const auto value = target::joined_c_value(part, abi_);
      if (!value || slot == 6) {
        session_.sink.report(diag::kinds::BadValue, {}, "--args", text).note("up to six values: numbers or constants");
        return;
      }
      explain::fix_slot(pattern_, static_cast<unsigned>(slot++), *value);
    }
  }

  void read_call(std::string_view text) {
    const auto pattern = explain::read_call(text, abi_);
    if (pattern) {
      pattern_ = *pattern;
    } else {
      bad_event(text, pattern.error().reason, pattern.error().note);
    }
  }

  Session& session_;
  target::Abi abi_;
  explain::CallPattern pattern_;
};

// What the run looked at and the call does not say, by name: "flags", "$3", "ip".
std::vector<std::string> left_open(const ProgramFile& program, const explain::CallPattern& call,
                                   const std::vector<uint32_t>& path) {
  const auto nr = static_cast<uint32_t>(call.data.nr);
  const target::Abi abi = output::abi_of_call(nr, call.abi);
  const auto known = target::call_at(abi, nr);
  const auto args = known ? target::call_args(*known, abi) : std::nullopt;
  const auto name_of = [&](unsigned slot) {
    for (const target::Arg& arg : args.value_or(std::vector<target::Arg>())) {
      if (arg.slots.low == slot || arg.slots.high == slot) return std::string(arg.name);
    }
    return fmt::format("${}", slot);
  };
  std::vector<std::string> names;
  const auto look_at = [&](target::Word word) {
    if (word == target::Word::nr || word == target::Word::arch) return;
    const auto slot = target::slot_of(word);
    // A value that fits its argument says nothing of the register's upper half, where nobody expects anything but 0.
    const target::Word low = slot ? target::arg_lo(*slot) : target::Word::ip_lo;
    if (call.fixed[static_cast<size_t>(low)] != 0) return;
    std::string name = slot ? name_of(*slot) : "ip";
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  for (const uint32_t pc : path) {
    const bpf::Insn& insn = program.program.insns[pc];
    if (insn.code == bpf::kLdAbs) look_at(target::word_at(insn.k, program.program.big_endian));
  }
  return names;
}

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
  const auto call = EventReader(session, program->abi).read();
  if (!call) return finish(session);
  const target::SeccompData& data = call->data;
  const auto nr = static_cast<uint32_t>(data.nr);
  std::vector<uint32_t> path;
  const bpf::Answer run = bpf::interpret(insns, data, program->program.big_endian, &path);
  std::string out = fmt::format("{}\n{} returns 0x{:08x} after {} instructions",
                                output::verdict_name(target::decode(run.word), program->abi),
                                output::call_label(nr, program->abi), run.word, run.executed);
  const bool cached = target::has_cache_bit(program->abi, nr) && bpf::is_const_allow(insns, data.arch, nr);
  out += cached ? "; the kernel (5.11 and later) answers it from its cache\n" : "\n";
  if (const auto open = left_open(*program, *call, path); !open.empty())
    out += fmt::format("the program looks at {}, which the call leaves open: 0 was taken\n", fmt::join(open, ", "));
  if (session.arguments.has(Option::path)) out += show_path(*program, path);
  return print(session, out);
}

}  // namespace sbpc::driver
