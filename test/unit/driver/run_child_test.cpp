// run_child(): exit codes, what is said about a death, signals, and what the command finds in its process.
#include "driver/run_child.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "sbp.h"
#include "unit/driver/run_fixture.h"

namespace sbpc::run_test {
namespace {

using driver::Observe;

class RunChild : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = seccomp_refused(); !why.empty()) GTEST_SKIP() << why;
  }
};

class RunChildWatched : public RunChild {
 protected:
  void SetUp() override {
    RunChild::SetUp();
    if (const std::string why = ptrace_refused(); !why.empty()) GTEST_SKIP() << why;
  }
};

Outcome run_shell(const std::string& script) {
  Job job;
  job.command = {"sh", "-c", script};
  return run(job);
}

bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

const std::string kGetpgid = std::to_string(SYS_getpgid);

Job denied_job(uint32_t word) {
  Job job;
  job.program = deny(SYS_getpgid, word);
  job.helper = "denied";
  return job;
}

// ---- exit codes ----

TEST_F(RunChild, ExitCodeIsTheCommandsOwn) {
  EXPECT_EQ(run_shell("exit 0").code, 0);
  EXPECT_EQ(run_shell("exit 7").code, 7);
  EXPECT_EQ(run_shell("exit 255").code, 255);
  EXPECT_EQ(run_shell("kill -TERM $$").code, 128 + SIGTERM);
  EXPECT_EQ(run_shell("kill -KILL $$").code, 128 + SIGKILL);
  EXPECT_EQ(run_shell("exit 7").said, "");
}

TEST_F(RunChild, NotFoundIs127) {
  Job job;
  for (const std::string name : {"/nonexistent/x", "no-such-command-here", "/etc/passwd/x"}) {
    job.command = {name};
    const Outcome outcome = run(job);
    EXPECT_EQ(outcome.code, 127) << name;
    EXPECT_TRUE(has(outcome.said, "cannot run `" + name + "`: ")) << outcome.said;
  }
}

std::string script_file(const std::string& text, mode_t mode) {
  char path[] = "/tmp/sbpc-run-test-XXXXXX";
  close(mkstemp(path));
  std::ofstream(path) << text;
  chmod(path, mode);
  return path;
}

struct Unusable {
  std::string text;
  mode_t mode;
  int code;
  const char* said;
};

TEST_F(RunChild, UnusableFilesSayWhy) {
  for (const Unusable& row :
       {Unusable{"#!/bin/sh\n", 0600, 126, "permission denied: make it executable with `chmod +x`"},
        Unusable{"echo\n", 0755, 126, "exec format error: a script needs a first line"},
        Unusable{"#!/no/such\n", 0755, 127, "the interpreter of its `#!` line"}}) {
    const std::string path = script_file(row.text, row.mode);
    Job job;
    job.command = {path};
    const Outcome outcome = run(job);
    unlink(path.c_str());
    EXPECT_EQ(outcome.code, row.code) << row.text;
    EXPECT_TRUE(has(outcome.said, row.said)) << outcome.said;
  }
  Job job;
  job.command = {"/tmp"};
  EXPECT_EQ(run(job).code, 126);
}

TEST_F(RunChild, BadProgramsAre125) {
  Job job;
  job.command = {"true"};
  job.program = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), BPF_STMT(BPF_RET | BPF_K, 0)};
  Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 125);
  EXPECT_TRUE(has(outcome.said, "cannot load the policy: instruction 0 loads from an offset")) << outcome.said;
  job.program = {BPF_STMT(BPF_RET | BPF_K, 0x12340000U)};
  outcome = run(job);
  EXPECT_EQ(outcome.code, 125);
  EXPECT_TRUE(has(outcome.said, "cannot install the policy: ")) << outcome.said;
}

// ---- deaths ----

TEST_F(RunChildWatched, SaysWhichCallKilled) {
  for (uint32_t word : {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP}) {
    const Outcome outcome = run(denied_job(word));
    EXPECT_EQ(outcome.code, 159);
    EXPECT_TRUE(has(outcome.said, "was killed by the policy for call " + kGetpgid + " on ")) << outcome.said;
    EXPECT_TRUE(has(outcome.said, " with 0x1 0x2 0x3 0x4 0x5 0x6\n")) << outcome.said;
    EXPECT_EQ(std::count(outcome.said.begin(), outcome.said.end(), '\n'), 1) << outcome.said;
  }
}

TEST_F(RunChildWatched, HooksNameTheCallAndTheRule) {
  Job job = denied_job(SECCOMP_RET_KILL_PROCESS);
  job.hooks.call_name = [](const target::SeccompData& call) {
    return std::string(call.nr == SYS_getpgid ? "getpgid" : "?");
  };
  job.hooks.argument_count = [](const target::SeccompData&) { return 1U; };
  job.hooks.reason = [](const driver::DeniedCall& death) {
    return death.by_program && death.word == SECCOMP_RET_KILL_PROCESS ? "p.sb:3: no rule allows it" : "?";
  };
  const Outcome outcome = run(job);
  EXPECT_TRUE(has(outcome.said, "for getpgid (" + kGetpgid + ") on ")) << outcome.said;
  EXPECT_TRUE(has(outcome.said, " with 0x1: p.sb:3: no rule allows it\n")) << outcome.said;
}

TEST_F(RunChildWatched, AThreadsCallIsFoundAmongMany) {
  Job job = denied_job(SECCOMP_RET_KILL_PROCESS);
  job.helper = "thread";
  Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 159);
  EXPECT_TRUE(has(outcome.said, "for call " + kGetpgid)) << outcome.said;
  job.program = deny(SYS_getpgid, SECCOMP_RET_KILL_THREAD);
  outcome = run(job);
  EXPECT_EQ(outcome.code, 5) << "the other thread lives on";
  EXPECT_EQ(outcome.said.find("thread "), 0U) << outcome.said;
}

TEST_F(RunChildWatched, DeathsInTheTreeAreTold) {
  Job job;
  job.program = deny(SYS_uname, SECCOMP_RET_KILL_PROCESS);
  job.command = {"sh", "-c", "uname; echo $?; exit 3"};
  Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_TRUE(has(outcome.output, "159\n")) << outcome.output;
  EXPECT_EQ(outcome.said.find("`uname` (process "), 0U) << outcome.said;
  job.observe = Observe::process;
  outcome = run(job);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.said, "") << "only the command itself was to be observed";
}

#if defined(__x86_64__)
TEST_F(RunChildWatched, CompatCallsAreToldApart) {
  Job job;
  job.helper = "compat";
  if (run(job).code != 6) GTEST_SKIP() << "int 0x80 does not work here";
  job.program = deny(64, SECCOMP_RET_KILL_PROCESS);
  const Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 159);
  EXPECT_TRUE(has(outcome.said, "for call 64 on i386 with 0x7 ")) << outcome.said;
}

// Tracing carries the program's answers out itself, of 32-bit calls too.
TEST_F(RunChildWatched, TracedCompatCallsGetTheirAnswer) {
  Job job;
  job.helper = "compat-answer";
  job.program = deny(64, SECCOMP_RET_ERRNO | 7);
  if (run(job).code != 17) GTEST_SKIP() << "int 0x80 does not work here";
  job.trace = true;
  EXPECT_EQ(run(job).code, 17);
  job.permissive = true;
  EXPECT_EQ(run(job).code, 6) << "done all the same";
}
#endif

TEST_F(RunChildWatched, TracedCallsGetTheirAnswer) {
  Job job;
  job.program = deny(SYS_getpgid, SECCOMP_RET_ERRNO | 7);
  job.helper = "denied-errno";
  EXPECT_EQ(run(job).code, 7);
  job.trace = true;
  EXPECT_EQ(run(job).code, 7);
  job.permissive = true;
  EXPECT_EQ(run(job).code, 0) << "done all the same";
}

// As the kernel does where nobody listens: ENOSYS for `notify` and `trace`.
TEST_F(RunChildWatched, TracedCallsThatNobodyAnswersAreNotMade) {
  for (uint32_t word : {SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE | 5U}) {
    Job job;
    job.program = deny(SYS_getpgid, word);
    job.helper = "denied-errno";
    EXPECT_EQ(run(job).code, ENOSYS);
    job.trace = true;
    EXPECT_EQ(run(job).code, ENOSYS);
  }
}

TEST_F(RunChildWatched, AHandledTrapIsNobodysDeath) {
  Job job = denied_job(SECCOMP_RET_TRAP);
  job.helper = "handler";
  const Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 8);
  EXPECT_EQ(outcome.said, "");
}

TEST_F(RunChildWatched, OtherSigsysIsNotBlamedOnThePolicy) {
  const Outcome outcome = run_shell("kill -SYS $$");
  EXPECT_EQ(outcome.code, 159);
  EXPECT_TRUE(has(outcome.said, "which no filter had sent")) << outcome.said;
}

void install_around(const Program& program) {
  if (sbp_install_array({program.data(), program.size()}, 0, nullptr, nullptr) != SBP_OK) _exit(98);
}

TEST_F(RunChildWatched, AnOuterFilterIsNotBlamedOnThePolicy) {
  Job job;
  job.helper = "denied";
  job.before = [] { install_around(deny(SYS_getpgid, SECCOMP_RET_KILL_PROCESS)); };
  const Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 159);
  EXPECT_TRUE(has(outcome.said, "killed by another filter than the policy for call " + kGetpgid)) << outcome.said;
}

TEST_F(RunChild, WithoutPtraceTheKernelsLogIsNamed) {
  Job job = denied_job(SECCOMP_RET_KILL_PROCESS);
  job.before = [] { install_around(deny(SYS_ptrace, SECCOMP_RET_ERRNO | EPERM)); };
  const Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 159);
  EXPECT_TRUE(has(outcome.said, "type=1326")) << outcome.said;
  EXPECT_EQ(std::count(outcome.said.begin(), outcome.said.end(), '\n'), 1);
}

// ---- the wrapper's own execve ----

TEST_F(RunChild, DeniedExecIsExplained) {
  const struct {
    uint32_t word;
    int code;
    const char* answer;
  } rows[] = {{SECCOMP_RET_KILL_PROCESS, 159, "kill_process"},
              {SECCOMP_RET_KILL_THREAD, 159, "kill_thread"},
              {SECCOMP_RET_TRAP, 159, "trap"},
              {SECCOMP_RET_ERRNO | EACCES, 126, "errno(13)"},
              {SECCOMP_RET_ERRNO | ENOENT, 127, "errno(2)"},
              {SECCOMP_RET_USER_NOTIF, 126, "notify"}};
  for (const auto& row : rows) {
    for (Observe observe : {Observe::nothing, Observe::tree}) {
      Job job;
      job.program = deny(SYS_execve, row.word);
      job.command = {"true"};
      job.observe = observe;
      const Outcome outcome = run(job);
      EXPECT_EQ(outcome.code, row.code) << row.answer;
      EXPECT_TRUE(has(outcome.said, std::string(" with ") + row.answer + ", and `sbpc run` installs it before"))
          << outcome.said;
      EXPECT_EQ(std::count(outcome.said.begin(), outcome.said.end(), '\n'), 1) << outcome.said;
    }
  }
}

TEST_F(RunChild, AProgramThatDeniesEverythingEnds) {
  Job job;
  job.command = {"true"};
  job.program = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)};
  const Outcome outcome = run(job);
  EXPECT_EQ(outcome.code, 126);
  EXPECT_TRUE(has(outcome.said, "allow execve")) << outcome.said;
}

// ---- signals and the process ----

TEST_F(RunChild, SentSignalsArePassedOn) {
  Job job;
  job.helper = "count-term";
  job.meanwhile = [](pid_t sbpc) { kill(sbpc, SIGTERM); };
  for (Observe observe : {Observe::nothing, Observe::tree}) {
    job.observe = observe;
    EXPECT_EQ(run(job).code, 1);
  }
}

TEST_F(RunChild, TheCommandFindsItsProcessAsItWas) {
  Job job;
  job.helper = "state";
  EXPECT_EQ(run(job).output, "sigchld default, blocked 0\n");
  job.before = [] {
    signal(SIGCHLD, SIG_IGN);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
  };
  const Outcome outcome = run(job);
  EXPECT_EQ(outcome.output, "sigchld ignored, blocked 1\n");
  EXPECT_EQ(outcome.code, 0);
}

TEST_F(RunChild, NoDescriptorIsLeftOpen) {
  Job job;
  job.helper = "descriptors";
  job.before = [] {
    const std::string count = std::to_string(inherited_descriptors()) + "\n";
    (void)!write(1, count.data(), count.size());
  };
  const std::string output = run(job).output;
  const size_t half = output.size() / 2;
  EXPECT_EQ(output.substr(0, half), output.substr(half));
  EXPECT_GE(std::atoi(output.c_str()), 3);
}

// ---- the terminal ----

TEST_F(RunChild, CtrlCReachesTheCommandOnce) { EXPECT_EQ(run_on_terminal("count-int", '\x03').code, 1); }

TEST_F(RunChild, CtrlZStopsTheJobAndFgContinuesIt) {
  const TerminalOutcome outcome = run_on_terminal("wait", '\x1a');
  EXPECT_EQ(outcome.stops, 1);
  EXPECT_EQ(outcome.code, 4);
}

TEST_F(RunChild, WhatTheCommandLeavesRunningIsNotWaitedFor) {
  const Outcome outcome = run_shell("sleep 60 >/dev/null 2>&1 & echo $!; exit 3");
  EXPECT_EQ(outcome.code, 3);
  const pid_t left = std::atoi(outcome.output.c_str());
  usleep(20'000);
  EXPECT_EQ(kill(left, 0), 0) << "it goes on";
  EXPECT_EQ(kill(left, SIGKILL), 0);
}

}  // namespace
}  // namespace sbpc::run_test
