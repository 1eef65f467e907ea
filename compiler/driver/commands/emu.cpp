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
#include "diag/suggest.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/program_file.h"
#include "driver/session.h"
#include "output/names.h"
#include "target/seccomp_data.h"

namespace sbpc::driver {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A number, a constant or several joined by `|`. nullopt: the piece that is neither is in `bad`.
std::optional<uint64_t> parse_value(std::string_view text, target::Abi abi, std::string_view& bad) {
  uint64_t value = 0;
  for (;;) {
    const size_t bar = std::min(text.find('|'), text.size());
    const std::string_view piece = trim(text.substr(0, bar));
    const auto constant = target::find_constant(piece);
    const auto known = constant ? target::constant_value(*constant, abi) : std::nullopt;
    const auto number = piece == "_" ? std::optional<uint64_t>(0)
                        : known      ? std::optional(static_cast<uint64_t>(*known))
                                     : parse_number(piece);
    if (!number) {
      bad = piece;
      return std::nullopt;
    }
    value |= *number;
    if (bar == text.size()) return value;
    text.remove_prefix(bar + 1);
  }
}

class EventReader {
 public:
  EventReader(Session& session, target::Abi abi) : session_(session), abi_(abi) {
    data_.arch = target::info(abi).audit_arch;
  }

  std::optional<target::SeccompData> read() {
    const Arguments& arguments = session_.arguments;
    if (arguments.rest.size() > 2) session_.sink.report(diag::Kind::ExtraArgument, {}, arguments.rest[2]);
    if (const auto nr = arguments.value(Option::nr)) {
      set_number(*nr);
    } else if (arguments.rest.size() == 2) {
      read_call(arguments.rest[1]);
    } else {
      session_.sink.report(diag::Kind::MissingArgument, {}, std::string(" emu"), std::string("a call"))
          .note("write 'write(1, 0, 5)', or give --nr and --args");
    }
    if (const auto args = arguments.value(Option::args)) read_registers(*args);
    if (const auto ip = arguments.value(Option::ip)) {
      const auto value = parse_number(*ip);
      if (!value) session_.sink.report(diag::Kind::BadValue, {}, "--ip", *ip);
      data_.instruction_pointer = value.value_or(0);
    }
    if (session_.sink.has_errors()) return std::nullopt;
    return data_;
  }

 private:
  void bad_event(std::string_view text, std::string reason, std::string note = {}) {
    diag::Builder report = session_.sink.report(diag::Kind::BadEvent, {}, text, reason);
    if (!note.empty()) report.note(std::move(note));
  }

  void set_number(std::string_view text) {
    const auto nr = parse_number(text);
    if (!nr)
      session_.sink.report(diag::Kind::BadValue, {}, "--nr", text).note("a number, or the call by name as an argument");
    data_.nr = static_cast<int32_t>(nr.value_or(0));
  }

  void read_registers(std::string_view text) {
    size_t slot = 0;
    for (const std::string_view part : split_commas(text)) {
      std::string_view bad;
      const auto value = parse_value(part, abi_, bad);
      if (!value || slot == 6) {
        session_.sink.report(diag::Kind::BadValue, {}, "--args", text).note("up to six values: numbers or constants");
        return;
      }
      data_.args[slot++] = *value;
    }
  }

  void read_call(std::string_view text) {
    const size_t open = text.find('(');
    const std::string_view name = trim(text.substr(0, open));
    const auto call = target::find_call(name);
    const auto nr = call ? target::call_number(*call, abi_) : std::nullopt;
    if (!nr) {
      bad_event(text, fmt::format("{} has no call `{}`", target::info(abi_).name, name));
      return;
    }
    data_.nr = static_cast<int32_t>(*nr);
    if (open == std::string_view::npos) return;
    if (text.back() != ')') {
      bad_event(text, "the `)` at its end is missing");
      return;
    }
    read_arguments(text, text.substr(open + 1, text.size() - open - 2), *call);
  }

  void read_arguments(std::string_view whole, std::string_view list, target::CallId call) {
    const auto args = target::call_args(call, abi_);
    size_t index = 0;
    for (const std::string_view part : split_commas(list)) {
      std::string_view bad;
      const auto value = parse_value(part, abi_, bad);
      if (!value) {
        bad_event(whole, fmt::format("`{}` is neither a number nor a constant of {}", bad, target::info(abi_).name));
        return;
      }
      const size_t count = args ? args->size() : 6;
      if (index >= count) {
        bad_event(whole, fmt::format("`{}` has {} argument{}", target::call_name(call), count, count == 1 ? "" : "s"));
        return;
      }
      set_argument(args ? (*args)[index].slots : target::ArgSlots{static_cast<uint8_t>(index), std::nullopt}, *value);
      ++index;
    }
  }

  void set_argument(target::ArgSlots slots, uint64_t value) {
    const bool narrow = target::info(abi_).register_bits == 32;
    data_.args[slots.low] = narrow ? value & 0xffffffffU : value;
    if (slots.high) data_.args[*slots.high] = value >> 32U;
  }

  Session& session_;
  target::Abi abi_;
  target::SeccompData data_;
};

std::string show_path(const ProgramFile& program, const std::vector<uint32_t>& path) {
  std::string out;
  for (const uint32_t pc : path)
    out += fmt::format("{:5}: {}\n", pc, bpf::disassemble(program.insns, pc, program.big_endian));
  return out;
}

}  // namespace

int command_emu(Session& session) {
  const auto program = read_program(session);
  if (!program) return finish(session);
  if (const auto refusal = bpf::kernel_refusal(program->insns)) {
    session.sink.report(diag::Kind::KernelRefuses, {}, session.arguments.rest.front(), refusal->pc, refusal->text);
    return finish(session);
  }
  const auto data = EventReader(session, program->abi).read();
  if (!data) return finish(session);
  std::vector<uint32_t> path;
  const bpf::Answer run = bpf::interpret(program->insns, *data, program->big_endian, &path);
  std::string out = fmt::format(
      "{}\n{} returns 0x{:08x} after {} instructions", output::verdict_name(target::decode(run.word), program->abi),
      output::call_label(static_cast<uint32_t>(data->nr), program->abi), run.word, run.executed);
  const bool cached = target::info(program->abi).bitmap &&
                      bpf::is_const_allow(program->insns, data->arch, static_cast<uint32_t>(data->nr));
  out += cached ? "; the kernel (5.11 and later) answers it from its cache\n" : "\n";
  if (session.arguments.has(Option::path)) out += show_path(*program, path);
  return write_stdout(out) ? finish(session) : kExitEnvironment;
}

}  // namespace sbpc::driver
