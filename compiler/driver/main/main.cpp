// main.cpp: the process. A failed CHECK (SIGABRT), an exception that nobody caught and a crash end in exit 70 with what
// to report.
#include <signal.h>
#include <unistd.h>

#include <cstring>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "driver/driver.h"
#include "driver/exit_code.h"

namespace {

void say(const char* text) {
  if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) ::_exit(sbpc::driver::kExitInternal);
}

int argument_count = 0;
char** argument_vector = nullptr;

// Only calls that are safe in a signal handler (signal-safety(7)).
extern "C" void on_crash(int) {
  say("sbpc: internal error; no output was written. Please report it with the policy, its imports and this command "
      "line:\n ");
  for (int i = 0; i < argument_count; ++i) {
    say(" ");
    say(argument_vector[i]);
  }
  say("\n");
  ::_exit(sbpc::driver::kExitInternal);
}

void catch_crashes() {
  static char stack[16384];  // a stack overflow leaves no room on the normal one
  stack_t alternate = {};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof stack;
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action = {};
  action.sa_handler = on_crash;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  ::sigaction(SIGABRT, &action, nullptr);
#if !defined(__SANITIZE_ADDRESS__)  // the sanitizers tell more about the others themselves
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) ::sigaction(number, &action, nullptr);
#endif
}

// The heap in a few large steps: an import of Docker's profile asked the kernel for more of it 26 times.
void take_memory_in_large_steps() {
#ifdef __GLIBC__
  ::mallopt(M_TOP_PAD, 4 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  argument_count = argc;
  argument_vector = argv;
  catch_crashes();
  take_memory_in_large_steps();
  // A closed reader and a limit of file sizes are write errors like any other.
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_IGN);
  return sbpc::driver::run_program(argc, argv);
}
