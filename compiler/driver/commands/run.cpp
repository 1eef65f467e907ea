// run.cpp: `sbpc run FILE -- COMMAND...`: compiles for this machine, runs the command under the program, and tells
// which statement of the policy a killed call met; with --trace, of every denied call. The exit code is the command's; 125 is ours.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "describe/names.h"
#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/reason.h"
#include "driver/run_child.h"
#include "driver/run_edits.h"
#include "driver/run_trace.h"
#include "driver/session.h"
#include "explain/text.h"
#include "output/names.h"
#include "sbp.h"
#include "target/syscalls.h"

namespace sbpc::driver {
namespace {

unsigned install_flags(const sema::InstallFlags& flags) {
  return (flags.tsync ? SBP_TSYNC : 0U) | (flags.log ? SBP_LOG : 0U) | (flags.spec_allow ? SBP_SPEC_ALLOW : 0U) |
         (flags.new_listener ? SBP_NEW_LISTENER : 0U) | (flags.wait_killable ? SBP_WAIT_KILLABLE : 0U);
}

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

// "policy.sb:2: `default errno(EPERM);`: no rule allows it; to allow it, add `allow openat;` (policy.sb:4)"
std::string reason_and_edit(const Session& session, const Compiled& compiled, RunEdits& edits, const DeniedCall& denied) {
  std::string text = reason_text(session.sources, compiled, denied.call);
  if (!denied.by_program) return text;
  const Suggestion& edit = edits.edit_for(denied);
  if (!edit.title.empty()) text += fmt::format("; to allow it, {} ({})", edit.title, explain::place_text(session.sources, edit.place));
  return text;
}

int run_under(Session& session, const std::string& path, DiskReader& reader, Compiled& compiled) {
  RunRequest request;
  request.program = compiled.bytes;
  request.install_flags = install_flags(compiled.policy.install);
  request.command = session.arguments.after_dashes;
  request.permissive = session.arguments.has(Option::permissive);
  request.trace = request.permissive || session.arguments.has(Option::trace);
  RunEdits edits({session.sources, reader, path, session.options}, compiled);
  DeniedCalls list({[&](const DeniedCall& denied) { return reason_text(session.sources, compiled, denied.call); },
                    [&](const DeniedCall& denied) -> const Suggestion& { return edits.edit_for(denied); },
                    [&](Span place) { return explain::place_text(session.sources, place); }, request.permissive});
  RunHooks hooks;
  hooks.call_name = call_name;
  hooks.argument_count = argument_count;
  hooks.reason = [&](const DeniedCall& denied) { return reason_and_edit(session, compiled, edits, denied); };
  hooks.denied = [&](const DeniedCall& denied) { list.add(denied); };
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_DFL);  // what main ignores, the command must not inherit as ignored
  const int code = run_child(request, hooks);
  if (request.trace && code != kExitRunFailed) write_stderr(list.summary());
  return code;
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
  DiskReader reader(session.options.include_dirs);
  // The program denies, whatever is asked for: `run` itself lets pass what it is to list only.
  session.options.permissive = false;
  auto compiled = compile(session.sources, reader, *path, session.options, session.sink);
  if (compiled && !compiled->policy.holes.empty()) {
    session.sink.report(diag::kinds::UnfilledHoles, compiled->policy.holes.front().span, compiled->policy.name);
  }
  if (!compiled || session.sink.has_errors()) return finish_failed(session);
  if (session.arguments.has(Option::permissive)) {
    session.sink.report(diag::kinds::Permissive, compiled->policy.span, compiled->policy.name, std::string("listed"));
    if (session.sink.has_errors()) return finish_failed(session);
  }
  static_cast<void>(finish(session));  // warnings

  return run_under(session, *path, reader, *compiled);
}

}  // namespace sbpc::driver
