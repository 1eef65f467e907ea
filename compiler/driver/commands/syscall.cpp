// syscall.cpp: `sbpc syscall openat` tells what the tables know of a call: numbers, arguments, first kernel, relatives.
#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/command_line.def"
#include "diag/kinds/files.def"
#include "diag/suggest.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/session.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

std::string_view kind_name(target::TypeKind kind) {
  switch (kind) {
    case target::TypeKind::integer: return "integer";
    case target::TypeKind::enumeration: return "one of";
    case target::TypeKind::flags: return "flags";
    case target::TypeKind::fd: return "file descriptor";
    case target::TypeKind::pid: return "process";
    case target::TypeKind::uid: return "user";
    case target::TypeKind::gid: return "group";
    case target::TypeKind::signal: return "signal";
    case target::TypeKind::mode: return "file mode";
    case target::TypeKind::size: return "size";
    case target::TypeKind::pointer: return "pointer";
  }
  return {};
}

// Only constants that the ABI has: what is listed can be written.
std::string show_arg(const target::Arg& arg, target::Abi abi) {
  const target::ArgType& type = target::arg_type(arg.type);
  std::string slot = fmt::format("{}", arg.slots.low);
  if (arg.slots.high) slot += fmt::format("+{}", *arg.slots.high);
  std::string out = fmt::format("    ${:<4} {:<16} {} {}-bit {}", slot, arg.name, arg.is_signed ? "signed" : "unsigned",
                                arg.width, kind_name(type.kind));
  if (arg.kernel_name != arg.name) out += fmt::format(" (the kernel's `{}`)", arg.kernel_name);
  size_t column = 0;
  for (const std::string_view constant : type.constants) {
    const auto id = target::find_constant(constant);
    if (!id || !target::constant_value(*id, abi)) continue;
    constexpr size_t width = 90;
    if (column == 0 || column + constant.size() > width) {
      out += "\n            ";
      column = 0;
    }
    out += fmt::format(" {}", constant);
    column += constant.size() + 1;
  }
  return out + "\n";
}

std::string show_numbers(target::CallId call) {
  std::string out;
  for (const target::AbiInfo& abi : target::abis()) {
    const auto nr = target::call_number(call, abi.abi);
    if (nr) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", abi.name, *nr);
  }
  return out;
}

std::string show_lifetime(target::CallId call, target::Abi abi) {
  const target::Lifetime life = target::call_lifetime(call, abi);
  if (life.never) return "never answered by any kernel: the number is only reserved";
  std::string out =
      fmt::format("Linux {}.{}{}", life.since.major, life.since.minor, life.sure ? "" : " (unsure: treated as old)");
  if (life.removed) out += fmt::format(", removed in {}.{}", life.removed->major, life.removed->minor);
  return out;
}

// Of a call that `asked` lacks, what the first ABI says that has it.
std::string show_call(target::CallId call, target::Abi asked) {
  std::string out = fmt::format("{}\n  numbers: {}\n", target::call_name(call), show_numbers(call));
  target::Abi abi = asked;
  if (!target::call_number(call, asked)) {
    out += fmt::format("  {} does not have it\n", target::info(asked).name);
    const auto has_it = [&](const target::AbiInfo& row) { return target::call_number(call, row.abi).has_value(); };
    const auto first = std::ranges::find_if(target::abis(), has_it);
    if (first == target::abis().end()) return out;
    abi = first->abi;
  }
  out += fmt::format("  since: {}\n", show_lifetime(call, abi));
  const auto args = target::call_args(call, abi);
  if (!args) {
    out += "  arguments: not known\n";
  } else if (args->empty()) {
    out += "  arguments: none\n";
  } else {
    out += fmt::format("  arguments on {}:\n", target::info(abi).name);
    for (const target::Arg& arg : *args) out += show_arg(arg, abi);
  }
  std::string relatives;
  for (const target::Sibling& sibling : target::siblings_of(call, abi)) {
    relatives += fmt::format("    {} ({})\n", target::call_name(sibling.call), sibling.why);
  }
  return relatives.empty() ? out : out + "  does the same another way:\n" + relatives;
}

std::optional<target::CallId> find(std::string_view word, target::Abi abi) {
  if (const auto call = target::find_call(word)) return call;
  const auto nr = parse_number(word);
  return nr && *nr <= UINT32_MAX ? target::call_at(abi, static_cast<uint32_t>(*nr)) : std::nullopt;
}

void report_unknown(std::string_view word, target::Abi abi, diag::Sink& sink) {
  std::vector<std::string_view> names;
  for (uint32_t i = 0; i < target::call_count(); ++i) names.push_back(target::call_name(target::CallId(i)));
  diag::Builder report = sink.report(diag::kinds::UnknownName, {}, "system call", word);
  if (parse_number(word)) {
    report.note(fmt::format("nor is it the number of one on {}; `--target ABI` asks about another ABI",
                            target::info(abi).name));
  } else if (const auto near = diag::suggest(word, names)) {
    report.note(fmt::format("did you mean `{}`?", *near));
  }
}

}  // namespace

int command_syscall(Session& session) {
  const auto& words = session.arguments.rest;
  if (words.empty())
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" syscall"), std::string("a name or a number"));
  const target::Abi abi = session.options.targets.empty() ? target::host_abi() : session.options.targets.front();
  std::string out;
  for (const std::string& word : words) {
    const auto call = find(word, abi);
    if (!call) {
      report_unknown(word, abi, session.sink);
      continue;
    }
    if (!out.empty()) out += '\n';
    out += show_call(*call, abi);
  }
  return print(session, out);
}

}  // namespace sbpc::driver
