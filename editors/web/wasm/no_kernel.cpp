// no_kernel.cpp: what the command line answers where there is no Linux kernel to ask: in a browser. Stands in for ask_kernel.cpp,
// learn_record.cpp, commands/run.cpp and commands/lsp.cpp, and for a function of the C library. Tested by test/browser/playground.mjs.
#include <signal.h>

#include <cstdio>

#include "driver/ask_kernel.h"
#include "driver/exit_code.h"
#include "driver/learn_record.h"
#include "driver/session.h"

// main.cpp asks for a stack for signals; here there are no signals, and Emscripten's library has no such function.
extern "C" int sigaltstack(const stack_t*, stack_t*) { return 0; }

namespace sbpc::driver {

bool can_make_calls(target::Abi) { return false; }

KernelAnswers ask_kernel(const bpf::Insns&, std::span<const target::SeccompData>) { return {"there is no Linux kernel in a browser", {}}; }

std::optional<int> record(const std::vector<std::string>&, learn::Observations&, std::string& why) {
  why = "there is no Linux kernel in a browser";
  return std::nullopt;
}

int command_run(Session&) {
  std::fputs("sbpc: error: `sbpc run` needs a Linux kernel, which a browser is not\n", stderr);
  return 125;
}

int command_lsp(Session&) {
  std::fputs("sbpc: error: `sbpc lsp` needs threads and pipes, which a browser has not\n", stderr);
  return kExitEnvironment;
}

}  // namespace sbpc::driver
