// run.cpp: `sbpc run FILE -- COMMAND...`: compiles for this machine, runs the command under the program, and tells
// which statement of the policy a killed call met; with --trace, of every denied call. The exit code is the command's;
// 125 is ours.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <functional>

#include "bpf/encode.h"
#include "describe/names.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/compile.h"
#include "driver/container_file.h"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/fill.h"
#include "driver/program_file.h"
#include "driver/reason.h"
#include "driver/run_child.h"
#include "driver/run_edits.h"
#include "driver/run_trace.h"
#include "driver/session.h"
#include "driver/source_map.h"
#include "explain/text.h"
#include "output/names.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

// The ABI's own name for the call, of the ABIs that share the event's arch word.
std::string call_name(const target::SeccompData& call) {
  for (const target::AbiInfo& row : target::abis()) {
    if (row.audit_arch != call.arch) continue;
    const auto nr = static_cast<uint32_t>(call.nr);
    const auto known = target::call_at(output::abi_of_call(nr, row.abi), nr);
    return known ? std::string(target::call_name(*known)) : std::string();
  }
  return {};
}

unsigned argument_count(const target::SeccompData& call) {
  constexpr unsigned kAll = 6;
  const auto nr = static_cast<uint32_t>(call.nr);
  const auto abi = describe::abi_of(call.arch, nr);
  const auto known = abi ? target::call_at(*abi, nr) : std::nullopt;
  const auto args = known ? target::call_args(*known, *abi) : std::nullopt;
  if (!args) return kAll;
  unsigned count = 0;
  for (const target::Arg& arg : *args) count = std::max({count, arg.slots.low + 1U, arg.slots.high.value_or(0) + 1U});
  return args->empty() ? 0 : count;
}

// The command's own exit codes are all but this one: whatever went wrong before it started.
int finish_failed(const Session& session) {
  static_cast<void>(finish(session));
  return kExitRunFailed;
}

// What is known of a denied call beside the call itself.
struct Words {
  std::function<std::string(const DeniedCall&)> reason;
  std::function<const Suggestion&(const DeniedCall&)> edit;
  bool has_source = true;  // false: a program by itself, nothing can be edited
};

// "policy.sb:2: `default errno(EPERM);`: no rule allows it; to allow it, add `allow openat;` (policy.sb:4)"
std::string reason_and_edit(const Session& session, const Words& words, const DeniedCall& denied) {
  std::string text = words.reason(denied);
  if (!denied.by_program) return text;
  const Suggestion& edit = words.edit(denied);
  if (!edit.title.empty())
    text += fmt::format("; to allow it, {} ({})", edit.title, explain::place_text(session.sources, edit.place));
  return text;
}

// An answer that another process is to give: the kernel says ENOSYS where there is none.
void warn_of_nobody(Session& session, const bpf::Program& program, Span span, const std::string& name) {
  for (const target::Action action : {target::Action::notify, target::Action::trace}) {
    const bool answers = std::any_of(program.insns.begin(), program.insns.end(), [&](const bpf::Insn& insn) {
      return insn.code == bpf::kRetK && target::decode(insn.k).action == action;
    });
    if (answers) session.sink.report(diag::kinds::NobodyAnswers, span, name, std::string(target::info(action).name));
  }
}

// `program` has no holes any more.
int run_under(Session& session, const bpf::Program& program, uint32_t flags, const Words& words) {
  static_cast<void>(finish(session));  // warnings
  RunRequest request;
  const std::vector<uint8_t> bytes = bpf::encode(program.insns, program.big_endian);
  request.program = bytes;
  request.install_flags = flags;
  request.command = session.arguments.after_dashes;
  request.permissive = session.arguments.has(Option::permissive);
  request.trace = request.permissive || session.arguments.has(Option::trace);
  DeniedCalls list({words.reason, words.edit, [&](Span place) { return explain::place_text(session.sources, place); },
                    request.permissive, words.has_source});
  RunHooks hooks;
  hooks.call_name = call_name;
  hooks.argument_count = argument_count;
  hooks.reason = [&](const DeniedCall& denied) { return reason_and_edit(session, words, denied); };
  hooks.denied = [&](const DeniedCall& denied) { list.add(denied); };
  for (const int number : {SIGPIPE, SIGXFSZ})
    ::signal(number, SIG_DFL);  // what main ignores, the command must not inherit as ignored
  const int code = run_child(request, hooks);
  if (request.trace && code != kExitRunFailed) write_stderr(list.summary());
  return code;
}

// --permissive: said, whatever -W says.
bool allows_permissive(Session& session, Span span, const std::string& name) {
  if (!session.arguments.has(Option::permissive)) return true;
  session.sink.report(diag::kinds::Permissive, span, name, std::string("listed"));
  return !session.sink.has_errors();
}

int run_program(Session& session) {
  const auto files = read_program(session);
  if (!files) return finish_failed(session);
  const ProgramFile& file = files->programs.front();
  if (!allows_permissive(session, {}, files->is_container ? file.name : session.arguments.rest.front()))
    return finish_failed(session);
  warn_of_nobody(session, file.program, {}, files->is_container ? file.name : session.arguments.rest.front());
  const Suggestion none;
  const Words words{
      [&](const DeniedCall& denied) { return where_text(file.rules, files->places, denied.call, denied.word); },
      [&](const DeniedCall&) -> const Suggestion& { return none; }, false};
  return run_under(session, file.program, file.install_flags, words);
}

int run_policy(Session& session, const std::string& path) {
  DiskReader reader(session.options.include_dirs);
  // The program denies, whatever is asked for: `run` itself lets pass what it is to list only.
  session.options.permissive = false;
  // The search of -O2 takes longer than a short command: who runs it often compiles it first.
  if (!session.arguments.has(Option::optimize)) session.options.level = opt::Level::o1;
  auto compiled = compile({session.sources, reader, path}, session.options, session.sink);
  if (!compiled || session.sink.has_errors()) return finish_failed(session);
  bpf::Program program = compiled->code.program;
  const auto values = fill_all(session, program, params_of(compiled->policy.holes), target::host_abi());
  if (!values || !allows_permissive(session, compiled->policy.span, compiled->policy.name))
    return finish_failed(session);
  warn_of_nobody(session, program, compiled->policy.span, compiled->policy.name);
  RunEdits edits({session.sources, reader, path, session.options}, *compiled);
  const Words words{
      [&](const DeniedCall& denied) { return reason_text(session.sources, *compiled, denied.call, *values); },
      [&](const DeniedCall& denied) -> const Suggestion& { return edits.edit_for(denied); }};
  return run_under(session, program, install_flags(compiled->policy.install), words);
}

}  // namespace

int command_run(Session& session) {
  const std::string* path = only_file(session);
  if (session.arguments.after_dashes.empty()) {
    session.sink.report(diag::kinds::MissingArgument, {}, std::string(" run"), std::string("a command"))
        .note("write it behind `--`: `sbpc run policy.sb -- ls -l`");
  }
  if (session.sink.has_errors()) return finish_failed(session);
  if (session.options.targets.empty()) session.options.targets.push_back(target::host_abi());
  return is_program_name(*path) ? run_program(session) : run_policy(session, *path);
}

}  // namespace sbpc::driver
