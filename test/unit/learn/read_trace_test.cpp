// What a trace as a whole tells, and why it may not be whole.
#include "learn/read_trace.h"

#include <gtest/gtest.h>

namespace sbpc::learn {
namespace {

TraceStory story(std::string_view text) {
  Observations seen;
  read_trace(seen, "t", text, target::Abi::x86_64);
  return seen.traces.back();
}
std::string cut(std::string_view text) {
  const TraceStory read = story(text);
  return read.cuts.empty() ? "" : read.cuts.front();
}

TEST(ReadTrace, WholeOnes) {
  EXPECT_EQ(cut("1 getpid() = 1\n1 exit_group(0) = ?\n1 +++ exited with 0 +++\n"), "");
  // A thread that dies with its process.
  EXPECT_EQ(cut("2 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>\n1 exit_group(0) = ?\n2 <... futex resumed>) = ?\n2 "
                "+++ exited with 0 +++\n1 +++ exited with 0 +++\n"),
            "");
  EXPECT_EQ(cut("2 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>\n1 exit_group(0) = ?\n2 +++ exited with 0 +++\n1 "
                "+++ exited with 0 +++\n"),
            "");
  // strace -f on a terminal names a process only while there are several.
  EXPECT_EQ(cut("vfork( <unfinished ...>\nstrace: Process 2 attached\n[pid     2] getpid() = 2\n[pid     2] +++ exited "
                "with 0 +++\n"
                "<... vfork resumed>) = 2\ngetpid() = 1\n+++ exited with 0 +++\n"),
            "");
}

// strace -qq leaves the ends out; calls that never return tell of them, and of those of threads.
TEST(ReadTrace, WholeOnesThatTellNoEnds) {
  EXPECT_EQ(cut("getpid() = 1\nexit_group(0) = ?\n"), "");
  EXPECT_EQ(cut("1 getpid() = 1\n1 exit_group(0 <unfinished ...>\n"), "");
  EXPECT_EQ(cut("getpid() = 1\npause() = ?\n"), "");  // of -ff: a thread
  EXPECT_EQ(cut("1 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[2]}, 88) = 2\n"
                "2 set_robust_list(0x7f, 24) = 0\n1 clone(child_stack=NULL, flags=0x3d0f00, parent_tid=[3]) = 3\n"
                "3 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>\n2 exit_group(0) = ?\n1 pause() = ?\n"),
            "");
  EXPECT_EQ(cut("1 vfork( <unfinished ...>\n2 execve(\"/x\", [\"x\"], NULL) = 0\n1 <... vfork resumed>) = 2\n"
                "2 exit_group(0) = ?\n1 exit_group(0) = ?\n"),
            "");
  EXPECT_EQ(cut("vfork( <unfinished ...>\n[pid 2] getpid() = 2\n[pid 2] exit_group(0) = ?\n"
                "<... vfork resumed>) = 2\nexit_group(0) = ?\n"),
            "");
}

// execve of a thread ends the others and takes the number of the first; -qqq leaves that line out, too.
TEST(ReadTrace, AThreadThatTakesItsProcessesNumber) {
  const std::string begin =
      "1 clone(child_stack=NULL, flags=CLONE_VM|CLONE_THREAD) = 2\n2 getpid() = 1\n1 pause( <unfinished ...>\n"
      "2 execve(\"/x\", [\"x\"], NULL <unfinished ...>\n";
  const std::string end = "1 <... execve resumed>) = 0\n1 exit_group(0) = ?\n";
  EXPECT_EQ(cut(begin + "1 <... pause resumed>) = ?\n1 +++ superseded by execve in pid 2 +++\n" + end +
                "1 +++ exited with 0 +++\n"),
            "");
  EXPECT_EQ(cut(begin + "1 <... pause resumed>) = ?\n" + end), "");
}

TEST(ReadTrace, CutOnes) {
  EXPECT_EQ(cut("1 getpid() = 1\n"),
            "it tells no end of a process: it was stopped, or made with `strace -qq`, which leaves ends out");
  EXPECT_EQ(cut("1 fork() = 2\n2 exit_group(0) = ?\n"), "it does not tell how 1 of its processes ended");
  EXPECT_EQ(cut("[pid 1] fork() = 2\n[pid 2] exit_group(0) = ?\nwait4(-1, NULL, 0, NULL) = 2\n"),
            "it does not tell how 1 of its processes ended");
  EXPECT_EQ(cut("exit_group(0) = ?\ngetpid() = 3\n"), "it does not tell how 1 of its processes ended");
  EXPECT_EQ(cut("1 read(3,  <detached ...>\n"), "line 1 says that lines are missing");
  EXPECT_EQ(cut("% time     calls syscall\n------ --------- -------\n100.00         2 getpid\n"),
            "its table of counts breaks off before the line `total`");
  EXPECT_EQ(cut("1 getpid() = 1\n1 openat(AT_FDCWD, \"/x"), "its last line, 2, breaks off");
  EXPECT_EQ(cut("1 getpid() = 1\n1 openat(AT_FDCWD, \"/x\n1 getpid() = 1\n"),
            "line 2 begins a call and does not end it");
  EXPECT_EQ(cut("1 getpid() = 1\n1 read(3,  <unfinished ...>\n"), "1 call is begun and not ended");
  EXPECT_EQ(cut("1 getpid() = 1\n1 <... read resumed>\"\", 1) = 0\n"),
            "1 call is ended that never began, the first in line 2");
  EXPECT_EQ(cut("1 getpid() = 1\n2 getpid() = 2\n1 +++ exited with 0 +++\n"),
            "it does not tell how 1 of its processes ended");
  EXPECT_EQ(cut("1 getpid() = 1\nstrace: Process 1 detached\n"), "line 2 says that lines are missing");
  EXPECT_EQ(cut("type=1326 audit(1.2:3): arch=c000003e syscall=257 code=0x50000\naudit: rate limit exceeded\n"),
            "line 2 says that lines are missing");
}

TEST(ReadTrace, AnUnknownArchIsNobodysCall) {
  Observations seen;
  read_trace(seen, "t",
             "type=1326 audit(1.2:3): arch=c0009026 syscall=0 code=0x50000\n"
             "type=1326 audit(1.2:3): arch=c000003e syscall=1 code=0x50000\n",
             target::Abi::x86_64);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "read"), nullptr);
  EXPECT_NE(seen.find(target::Abi::x86_64, "write"), nullptr);
  ASSERT_EQ(seen.contradictions.size(), 1U);
  EXPECT_EQ(seen.contradictions[0].text, "the arch `c0009026` is none that sbpc knows");
}

TEST(ReadTrace, TablesOfCounts) {
  Observations seen;
  read_trace(seen, "t",
             "% time     seconds  usecs/call     calls    errors syscall\n"
             "------ ----------- ----------- --------- --------- ----------------\n"
             " 24.29    0.000342          17        19         2 mmap\n"
             "------ ----------- ----------- --------- --------- ----------------\n"
             "100.00    0.001408          12        19         2 total\n",
             target::Abi::x86_64);
  EXPECT_TRUE(seen.traces[0].is_table);
  ASSERT_NE(seen.find(target::Abi::x86_64, "mmap"), nullptr);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "mmap")->count, 19U);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "mmap")->first.line, 3U);
}

// strace -C: the log has counted already.
TEST(ReadTrace, ATableBehindALogIsPassedOver) {
  Observations seen;
  read_trace(seen, "t",
             "1 getpid() = 1\n1 +++ exited with 0 +++\n"
             "% time     seconds  usecs/call     calls    errors syscall\n"
             "------ ----------- ----------- --------- --------- ----------------\n"
             "100.00    0.000342          17         1           getpid\n"
             "------ ----------- ----------- --------- --------- ----------------\n"
             "100.00    0.000342          12         1           total\n"
             "2 getppid() = 1\n2 +++ exited with 0 +++\n",
             target::Abi::x86_64);
  EXPECT_TRUE(seen.traces[0].cuts.empty());
  EXPECT_EQ(seen.traces[0].unreadable, 0U);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "getpid")->count, 1U);
  ASSERT_NE(seen.find(target::Abi::x86_64, "getppid"), nullptr);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "getppid")->first.line, 8U);
}

// A record's last number may lack digits where the line has no end: it is not learned.
TEST(ReadTrace, ALastRecordWithoutAnEnd) {
  const std::string whole = "type=SYSCALL msg=audit(1:2): arch=c000003e syscall=39 a0=0 a1=0 a2=0 a3=0 items=0\n";
  const std::string torn = "type=SYSCALL msg=audit(1:3): arch=c000003e syscall=41 a0=1";
  EXPECT_EQ(cut(whole + torn), "its last line, 2, breaks off");
  EXPECT_EQ(cut(whole + torn + "\n"), "");
  EXPECT_EQ(cut(whole + torn + " a1=1 a2=0 a3=7f items=0 ppid=1"), "");
  Observations seen;
  read_trace(seen, "t", whole + torn, target::Abi::x86_64);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "socket"), nullptr);
}

// Calls that never returned were made all the same.
TEST(ReadTrace, CallsWithoutAnEndAreLearned) {
  Observations seen;
  read_trace(seen, "t",
             "2 futex(0x1, FUTEX_WAIT, 1, NULL <unfinished ...>\n1 getpid() = 1\n2 +++ killed by SIGKILL +++\n"
             "1 read(3,  <unfinished ...>\n",
             target::Abi::x86_64);
  ASSERT_NE(seen.find(target::Abi::x86_64, "futex"), nullptr);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "futex")->first.line, 1U);
  ASSERT_NE(seen.find(target::Abi::x86_64, "read"), nullptr);
  EXPECT_EQ(seen.find(target::Abi::x86_64, "read")->first.line, 4U);
}

TEST(ReadTrace, LinesThatTellNothingAreCounted) {
  const TraceStory read = story("1 getpid() = 1\nhello\nworld\n1 +++ exited with 0 +++\n");
  EXPECT_EQ(read.unreadable, 2U);
  EXPECT_EQ(read.first_unreadable.line, 2U);
  EXPECT_TRUE(read.cuts.empty());
}

}  // namespace
}  // namespace sbpc::learn
