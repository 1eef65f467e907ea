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
  EXPECT_EQ(cut("1 getpid() = 1\n"), "");  // strace -qq tells no ends
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

TEST(ReadTrace, CutOnes) {
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

TEST(ReadTrace, LinesThatTellNothingAreCounted) {
  const TraceStory read = story("1 getpid() = 1\nhello\nworld\n1 +++ exited with 0 +++\n");
  EXPECT_EQ(read.unreadable, 2U);
  EXPECT_EQ(read.first_unreadable.line, 2U);
  EXPECT_TRUE(read.cuts.empty());
}

}  // namespace
}  // namespace sbpc::learn
