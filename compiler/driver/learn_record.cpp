#include "driver/learn_record.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "bpf/insn.h"
#include "describe/names.h"
#include "driver/files.h"
#include "driver/run_child.h"

namespace sbpc::driver {
namespace {

// `return trace`, as struct sock_filter of this machine (include/uapi/linux/filter.h): BPF_RET | BPF_K,
// SECCOMP_RET_TRACE.
std::vector<uint8_t> trace_everything() {
  struct Insn {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
  };
  constexpr Insn insn{0x06, 0, 0, 0x7ff00000U};
  std::vector<uint8_t> bytes(sizeof insn);
  std::memcpy(bytes.data(), &insn, sizeof insn);
  return bytes;
}

// How the command ended, unless with 0.
std::string failure_text(int status) {
  if (WIFEXITED(status))
    return WEXITSTATUS(status) == 0 ? std::string() : fmt::format("ended with exit code {}", WEXITSTATUS(status));
  const target::Abi abi = target::host_abi();
  const auto args = target::call_args(*target::find_call("kill"), abi);
  return fmt::format("was killed by {}",
                     describe::value_text(args->back(), abi, static_cast<uint64_t>(WTERMSIG(status))));
}

}  // namespace

bool record(const std::vector<std::string>& command, uint32_t run, learn::Observations& observations,
            std::string& why) {
  learn::TraceStory story;
  story.name = command.front();
  story.is_recorded = true;
  story.run = run;
  observations.begin(std::move(story));
  const std::vector<uint8_t> program = trace_everything();
  RunRequest request;
  request.program = program;
  request.command = command;
  request.trace = true;
  bool has_started = false;
  uint64_t ordinal = 0;
  RunHooks hooks;
  hooks.say = [&](std::string_view line) {
    if (has_started) {
      write_stderr("sbpc: " + std::string(line) + "\n");
    } else {
      why = line;
    }
  };
  hooks.started = [&] { has_started = true; };
  hooks.ended = [&](int status) { observations.story().failure = failure_text(status); };
  hooks.called = [&](const target::SeccompData& call) { observations.add(call, ++ordinal); };
  for (const int number : {SIGPIPE, SIGXFSZ})
    ::signal(number, SIG_DFL);                   // what main ignores, the command must not inherit as ignored
  static_cast<void>(run_child(request, hooks));  // how it ended was told by then
  if (!has_started) {
    if (why.empty()) why = "ptrace is refused here";
    return false;
  }
  observations.story().tells_ends = true;
  return true;
}

}  // namespace sbpc::driver
