#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "unit/driver/run_fixture.h"

namespace sbpc::run_test {
namespace {

// What a shell does with a foreground job. Exits with the job's exit code; each stop is a byte on `stops`.
[[noreturn]] void be_shell(const char* terminal, const std::string& helper, int stops) {
  setsid();
  const int tty = open(terminal, O_RDWR);
  ioctl(tty, TIOCSCTTY, 0);
  signal(SIGTTOU, SIG_IGN);
  const pid_t job = fork();
  setpgid(job, job);
  tcsetpgrp(tty, job == 0 ? getpid() : job);
  if (job == 0) {
    signal(SIGTTOU, SIG_DFL);
    for (int fd : {0, 1, 2}) dup2(tty, fd);
    setenv("RUN_CHILD_HELPER", helper.c_str(), 1);
    const Program program = allow_all();
    driver::RunRequest request;
    request.program = {reinterpret_cast<const uint8_t*>(program.data()), program.size() * sizeof(sock_filter)};
    request.command = {"/proc/self/exe"};
    _exit(driver::run_child(request, {}));
  }
  int status = 0;
  while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
    (void)!write(stops, "s", 1);
    usleep(50'000);
    tcsetpgrp(tty, job);
    kill(-job, SIGCONT);
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 100);
}

// Reads what the job writes, types the key after "ready", and returns when the terminal is closed or ten seconds are
// over.
void converse(int terminal, char key) {
  std::string text;
  std::array<char, 512> buffer{};
  pollfd wait{terminal, POLLIN, 0};
  while (poll(&wait, 1, 10'000) == 1) {
    const ssize_t got = read(terminal, buffer.data(), buffer.size());
    if (got <= 0) return;
    const bool was_ready = text.find("ready") != std::string::npos;
    text.append(buffer.data(), static_cast<size_t>(got));
    if (!was_ready && text.find("ready") != std::string::npos) (void)!write(terminal, &key, 1);
  }
}

}  // namespace

TerminalOutcome run_on_terminal(const std::string& helper, char key) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  EXPECT_EQ(grantpt(terminal), 0);
  EXPECT_EQ(unlockpt(terminal), 0);
  std::array<int, 2> stops{};
  EXPECT_EQ(pipe2(stops.data(), O_CLOEXEC), 0);
  const std::string name = ptsname(terminal);
  const pid_t shell = fork();
  if (shell == 0) be_shell(name.c_str(), helper, stops[1]);
  close(stops[1]);
  converse(terminal, key);
  TerminalOutcome outcome;
  int status = 0;
  for (int i = 0; i < 1000 && waitpid(shell, &status, WNOHANG) == 0; i++) usleep(10'000);
  if (!WIFEXITED(status)) kill(shell, SIGKILL);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  for (char byte = 0; read(stops[0], &byte, 1) == 1;) outcome.stops++;
  close(stops[0]);
  close(terminal);
  return outcome;
}

}  // namespace sbpc::run_test
