// run.cpp: `sbpc run FILE -- COMMAND...`: compiles for this machine, runs the command under the program, and tells
// which statement of the policy a killed call met. The exit code is the command's; 125 is ours.
#include <csignal>

#include "diag/kinds/command_line.def"
#include "diag/kinds/program.def"
#include "driver/compile.h"
#include "driver/disk_reader.h"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/reason.h"
#include "driver/run_child.h"
#include "driver/session.h"
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

// The command's own exit codes are all but this one: whatever went wrong before it started.
int finish_failed(const Session& session) {
  static_cast<void>(finish(session));
  return kExitRunFailed;
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
  const auto compiled = compile(session.sources, reader, *path, session.options, session.sink);
  if (compiled && !compiled->policy.holes.empty()) {
    session.sink.report(diag::kinds::UnfilledHoles, compiled->policy.holes.front().span, compiled->policy.name);
  }
  if (!compiled || session.sink.has_errors()) return finish_failed(session);
  static_cast<void>(finish(session));  // warnings

  RunRequest request;
  request.program = compiled->bytes;
  request.install_flags = install_flags(compiled->policy.install);
  request.command = session.arguments.after_dashes;
  RunHooks hooks;
  hooks.call_name = call_name;
  hooks.reason = [&](const DeniedCall& denied) { return reason_text(session.sources, *compiled, denied.call); };
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_DFL);  // what main ignores, the command must not inherit as ignored
  return run_child(request, hooks);
}

}  // namespace sbpc::driver
