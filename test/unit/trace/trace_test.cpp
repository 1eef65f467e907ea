// Every form of a line, and lines that tell of no call.
#include "trace/trace.h"

#include <gtest/gtest.h>

#include "trace/values.h"

namespace sbpc::trace {
namespace {

using target::Abi;

TracedCall read(std::string_view line, Abi abi = Abi::x86_64) {
  Reader reader(abi);
  const auto call = reader.line(line);
  EXPECT_TRUE(call.has_value()) << line;
  return call.value_or(TracedCall());
}

// openat(-100, "...", 0x80000) = 3 in each of strace's dresses.
TEST(Strace, AllItsPrefixesAndStyles) {
  for (const char* line : {
           "openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "9876  openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "9876<nginx> openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "[pid  9876] openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "12:00:01 openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "12:00:01.123456 openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "1700000000.123456 openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "     0.000123 openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3 <0.000010>",
           "     0.000123 (+     0.000008) openat(AT_FDCWD, \"x\", O_RDONLY|O_CLOEXEC) = 3",
           "[pid 9876]      0.000123 openat(AT_FDCWD, \"/etc/ld.so.cache\", O_RDONLY|O_CLOEXEC) = 3",
           "9876 [ 257] openat(-100, \"/etc/ld.so.cache\", 0x80000) = 3",
           "9876 [00007f0011223344] openat(0xffffff9c, 0x7f1ba9cdb0b1, 0x80000, 0) = 0x3",
           "openat(-100 /* AT_FDCWD */, \"/etc/ld.so.cache\", 0x80000 /* O_RDONLY|O_CLOEXEC */) = 3",
           "9876 12:00:01 openat(AT_FDCWD</srv/a, b>, \"a, (b\\\" }\", O_RDONLY|O_CLOEXEC) = 3</etc/x> <0.000010>",
       }) {
    const TracedCall call = read(line);
    EXPECT_EQ(call.name, "openat") << line;
    ASSERT_GE(call.args.size(), 3U) << line;
    EXPECT_EQ(static_cast<uint32_t>(call.args[0].number.value_or(0)), 0xffffff9cU) << line;
    EXPECT_EQ(call.args[2].number, 0x80000U) << line;
    if (std::string_view(line).find("9876") != std::string_view::npos) EXPECT_EQ(call.process, 9876U) << line;
    EXPECT_EQ(call.result[call.result[0] == '0' ? 2 : 0], '3') << line;
  }
}

TEST(Strace, UnfinishedCallsAreJoined) {
  Reader reader(Abi::x86_64);
  EXPECT_FALSE(reader.line("15 read(3,  <unfinished ...>"));
  EXPECT_FALSE(reader.line("16 write(1, \"x\", 1 <unfinished ...>"));
  EXPECT_EQ(reader.unfinished(), 2U);
  const auto read = reader.line("15 <... read resumed>\"abc\", 10) = 3");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "read");
  ASSERT_EQ(read->args.size(), 3U);
  EXPECT_EQ(read->args[0].number, 3U);
  EXPECT_TRUE(read->args[1].is_memory);
  EXPECT_EQ(read->args[2].number, 10U);
  const auto write = reader.line("16 <... write resumed>)     = 1");
  ASSERT_TRUE(write);
  EXPECT_EQ(write->args.size(), 3U);
  EXPECT_EQ(reader.unfinished(), 0U);
  EXPECT_FALSE(reader.line("17 <... futex resumed>) = 0"));  // its beginning is not in the trace
  EXPECT_FALSE(reader.line("18 socket(AF_UNIX <unfinished ...>"));
  EXPECT_FALSE(reader.line("18 <... read resumed>, SOCK_STREAM, 0) = 3"));  // another call's
  EXPECT_EQ(reader.kind(), LineKind::orphan);
}

TEST(Strace, ArgumentsMayBeNamed) {
  const TracedCall call = read("clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f00) = 5");
  ASSERT_EQ(call.args.size(), 3U);
  EXPECT_EQ(call.args[1].name, "flags");
  EXPECT_EQ(call.args[1].number, 0x200011U);
  EXPECT_EQ(call.args[0].number, 0U);
}

TEST(Strace, ValuesAsItPrintsThem) {
  const auto number = [](std::string_view text) { return split_values(text, Abi::x86_64).at(0).number; };
  EXPECT_EQ(number("0644"), 0644U);
  EXPECT_EQ(number("S_IFREG|0644"), 0100644U);
  EXPECT_EQ(number("NULL"), 0U);
  EXPECT_EQ(number("-1"), ~uint64_t{0});
  EXPECT_EQ(number("3<TCP:[127.0.0.1:80->127.0.0.1:40]>"), 3U);
  EXPECT_EQ(number("TCSETSW or SNDCTL_TMR_STOP"), 0x5403U);
  EXPECT_EQ(number("MADE_UP or TCSETSW"), 0x5403U);
  EXPECT_EQ(number("_IOC(_IOC_READ|_IOC_WRITE, 0x54, 0x30, 0x4)"), 0xc0045430U);
  EXPECT_EQ(number("_IOC(_IOC_NONE, 0x54, 0x30, 0)"), 0x5430U);
  EXPECT_EQ(number("_IOC(_IOC_READ, 0x54, 0x30)"), std::nullopt);
  EXPECT_EQ(number("_IOC(_IOC_READ, 0x54, 0x30, 0xffff)"), std::nullopt);
  EXPECT_EQ(number("MADE_UP"), std::nullopt);
  EXPECT_EQ(number("~[RTMIN RT_1]"), std::nullopt);
  EXPECT_EQ(number("\"x\"..."), std::nullopt);
  EXPECT_EQ(split_values("[{a=1, b=\"],)\"}], {x=[1, 2]}, 5", Abi::x86_64).size(), 3U);
  EXPECT_TRUE(split_values("", Abi::x86_64).empty());
}

TEST(Strace, TheSignalOfAFilterIsACall) {
  const TracedCall call = read(
      "12 --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f11, si_syscall=__NR_mount, "
      "si_arch=AUDIT_ARCH_I386} ---");
  EXPECT_EQ(call.name, "mount");
  EXPECT_EQ(call.abi, Abi::i386);
  EXPECT_EQ(call.ip, 0x7f11U);
  EXPECT_EQ(call.process, 12U);
}

TEST(Strace, ModesOfProcessesAreKept) {
  Reader reader(Abi::x86_64);
  EXPECT_FALSE(reader.line("[ Process PID=77 runs in 32 bit mode. ]"));
  EXPECT_EQ(reader.line("77 getpid() = 77")->abi, Abi::i386);
  EXPECT_EQ(reader.line("78 getpid() = 78")->abi, Abi::x86_64);
  EXPECT_FALSE(reader.line("[ Process PID=77 runs in x32 mode. ]"));
  EXPECT_EQ(reader.line("77 getpid() = 77")->abi, Abi::x32);
}

TEST(Strace, ModesOfLinesThatNameNoProcess) {
  Reader reader(Abi::x86_64);
  EXPECT_EQ(reader.line("execve(\"./a\", [\"./a\"], 0x7ff) = 0")->abi, Abi::x86_64);
  EXPECT_FALSE(reader.line("[ Process PID=77 runs in 32 bit mode. ]"));
  EXPECT_EQ(reader.line("getpid() = 77")->abi, Abi::i386);
  EXPECT_TRUE(reader.line("fork() = 78")->abi_is_told);
  EXPECT_FALSE(reader.line("strace: Process 78 attached"));
  EXPECT_EQ(reader.line("[pid 78] getpid() = 78")->abi, Abi::i386);
  EXPECT_EQ(reader.line("[pid 77] getpid() = 77")->abi, Abi::i386);
  EXPECT_FALSE(reader.line("[pid 78] +++ exited with 0 +++"));
  EXPECT_FALSE(reader.line("[ Process PID=77 runs in 64 bit mode. ]"));
  EXPECT_EQ(reader.line("getpid() = 77")->abi, Abi::x86_64);
}

TEST(Strace, AChildOfAnotherModeIsNotTheParent) {
  Reader reader(Abi::x86_64);
  EXPECT_FALSE(reader.line("waitpid(-1, strace: Process 78 attached"));
  EXPECT_FALSE(reader.line(" <unfinished ...>"));
  EXPECT_FALSE(reader.line("[pid 78] [ Process PID=78 runs in 32 bit mode. ]"));
  EXPECT_EQ(reader.line("[pid 78] fork() = 79")->abi, Abi::i386);
  EXPECT_EQ(reader.line("[pid 79] getpid() = 79")->abi, Abi::i386);
  EXPECT_EQ(reader.line("[pid 77] <... waitpid resumed>NULL, 0) = 78")->abi, Abi::x86_64);
  EXPECT_EQ(reader.line("[pid 77] getpid() = 77")->abi, Abi::x86_64);
}

TEST(Strace, StringsHoldNoRecords) {
  Reader reader(Abi::x86_64);
  EXPECT_EQ(reader.line("read(3, \"type=1326 audit(: syscall=101 \", 131072) = 30")->name, "read");
  EXPECT_EQ(reader.line("write(1, \"sbp: denied call ptrace (101) on x86_64: args 0x0\", 48) = 48")->name, "write");
  EXPECT_FALSE(reader.line("read(3, \"type=1326 audit(: syscall=101 "));
  EXPECT_EQ(reader.kind(), LineKind::broken);
  EXPECT_FALSE(reader.line("made_up(3, \"type=1326 audit(: syscall=101 "));
  EXPECT_FALSE(reader.line("<... read resumed>\"type=1326 audit(: syscall=101 \", 30) = 30"));
  EXPECT_EQ(reader.kind(), LineKind::orphan);
}

TEST(Strace, LinesWithoutACall) {
  for (const char* line : {"",
                           " ",
                           "+++ exited with 0 +++",
                           "1 +++ killed by SIGSYS (core dumped) +++",
                           "--- SIGCHLD {si_signo=SIGCHLD} ---",
                           "strace: Process 12 attached",
                           "read(3, \"abc",
                           "(",
                           ")",
                           "= 3",
                           "read",
                           "12 [",
                           "[pid",
                           "123",
                           "x(y]) = 0",
                           "% time     seconds  usecs/call     calls    errors syscall",
                           "type=1326",
                           "audit: syscall=",
                           "type=SECCOMP audit(1.2:3): arch=x86_64 syscall=unknown(600)",
                           "syscall_zz(1) = 0"}) {
    Reader reader(Abi::x86_64);
    EXPECT_FALSE(reader.line(line)) << line;
  }
}

TEST(Strace, WhatALineIs) {
  Reader reader(Abi::x86_64);
  const auto kind = [&](std::string_view line) {
    static_cast<void>(reader.line(line));
    return reader.kind();
  };
  EXPECT_EQ(kind("  "), LineKind::blank);
  EXPECT_EQ(kind("7 getpid() = 7"), LineKind::call);
  EXPECT_EQ(kind("8 [  39] getpid() = 8"), LineKind::call);
  EXPECT_EQ(kind("7 read(3,  <unfinished ...>"), LineKind::half);
  EXPECT_EQ(kind("9 <... read resumed>\"\", 1) = 0"), LineKind::orphan);
  EXPECT_EQ(kind("7 --- SIGCHLD {si_signo=SIGCHLD} ---"), LineKind::signal);
  EXPECT_EQ(kind("strace: Process 12 attached"), LineKind::message);
  EXPECT_EQ(kind("strace: Process 12 detached"), LineKind::lost);
  EXPECT_EQ(kind("audit: audit_lost=5 audit_rate_limit=0 audit_backlog_limit=64"), LineKind::lost);
  EXPECT_EQ(kind("type=PATH msg=audit(1.2:3): item=0 name=\"/etc/x\""), LineKind::message);
  EXPECT_EQ(kind("type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=41 a0=2 a1=1 a2=0 a3=0"), LineKind::call);
  EXPECT_EQ(kind("7 read(3, \"abc"), LineKind::broken);
  EXPECT_EQ(reader.unfinished(), 1U);
  EXPECT_EQ(reader.tasks().without_end(), 2U);  // nobody's end is told
  EXPECT_EQ(kind("7 +++ exited with 0 +++"), LineKind::end);
  EXPECT_EQ(reader.unfinished(), 0U);
  EXPECT_EQ(reader.tasks().without_end(), 1U);
  EXPECT_EQ(kind("8     0.000245 [????????????????] +++ exited with 0 +++"), LineKind::end);  // -r -i
  EXPECT_EQ(reader.tasks().without_end(), 0U);
}

TEST(Strace, NumbersBesideNames) {
  const TracedCall call = read("[  56] openat(AT_FDCWD, \"x\", O_RDONLY) = 3");
  EXPECT_EQ(call.name, "openat");
  EXPECT_EQ(call.numbered, 56U);
  EXPECT_EQ(call.nr, std::nullopt);
}

TEST(Audit, RecordsOfTheKernel) {
  for (const char* line : {"type=SECCOMP msg=audit(1700000000.123:456): auid=1000 uid=0 gid=0 ses=2 subj=unconfined "
                           "pid=99 comm=\"a b=1 syscall=3\" "
                           "exe=\"/bin/x\" sig=31 arch=c000003e syscall=257 compat=0 ip=0x7f001122 code=0x80000000",
                           "type=1326 audit(1700000000.123:456): auid=4294967295 uid=0 pid=99 comm=\"x\" sig=31 "
                           "arch=c000003e syscall=257 compat=0 "
                           "ip=0x7f001122 code=0x80000000",
                           "[  120.456789] audit: type=1326 audit(1700000000.123:456): pid=99 sig=31 arch=c000003e "
                           "syscall=257 compat=0 ip=0x7f001122 "
                           "code=0x80000000",
                           "Nov 27 12:00:00 host kernel: audit: type=1326 audit(1.2:3): pid=99 comm=\"x\" sig=31 "
                           "arch=0xc000003e syscall=257 compat=0 "
                           "ip=0x7f001122 code=0x80000000"}) {
    const TracedCall call = read(line, Abi::aarch64);
    EXPECT_EQ(call.nr, 257U) << line;
    EXPECT_EQ(call.abi, Abi::x86_64) << line;
    EXPECT_EQ(call.ip, 0x7f001122U) << line;
    EXPECT_EQ(call.answered, 0x80000000U) << line;
    EXPECT_EQ(call.process, 99U) << line;
  }
}

TEST(Audit, OtherAbisAndInterpretedRecords) {
  EXPECT_EQ(read("type=1326 audit(1.2:3): arch=40000003 syscall=5 code=0x50000").abi, Abi::i386);
  EXPECT_EQ(read("type=1326 audit(1.2:3): arch=c000003e syscall=1073741824 code=0x50000").abi, Abi::x32);
  EXPECT_EQ(read("type=1326 audit(1.2:3): arch=c00000b7 syscall=56 code=0x50000").abi, Abi::aarch64);
  const TracedCall named =
      read("type=SECCOMP msg=audit(27.11.2026 12:00:00.1:2) : arch=x86_64 syscall=mount compat=0 ip=0x7f code=kill");
  EXPECT_EQ(named.name, "mount");
  EXPECT_EQ(named.answered, std::nullopt);
  const std::pair<const char*, uint32_t> codes[] = {
      {"errno", 0x50000}, {"kill-process", 0x80000000}, {"kill-thread", 0}, {"log", 0x7ffc0000}, {"trap", 0x30000}};
  for (const auto& [code, word] : codes) {
    EXPECT_EQ(read(std::string("type=SECCOMP msg=audit(1:2) : arch=x86_64 syscall=mount code=") + code).answered, word);
  }
  const TracedCall call = read(
      "type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=41 success=no exit=-1 a0=2 a1=80001 a2=0 a3=7f items=0");
  EXPECT_EQ(call.registers[0], 2U);
  EXPECT_EQ(call.registers[1], 0x80001U);
  EXPECT_EQ(call.registers[3], 0x7fU);
  EXPECT_EQ(call.registers[4], std::nullopt);
}

TEST(Audit, AnUnknownArchIsNotTheDefault) {
  for (const char* arch : {"c0009026", "0xdeadbeef", "zzz", "1c000003e", "AUDIT_ARCH_VAX"}) {
    const TracedCall call = read(std::string("type=1326 audit(1.2:3): arch=") + arch + " syscall=1");
    EXPECT_EQ(call.unknown_arch, arch);
    EXPECT_TRUE(call.abi_is_told);
  }
  EXPECT_EQ(read("sbp: denied call 40 on 0xdeadbeef: args unknown, ip 0x0, data 0").unknown_arch, "0xdeadbeef");
  EXPECT_EQ(read("type=1326 audit(1.2:3): syscall=1").unknown_arch, "");
}

TEST(Audit, NumbersHave32Bits) {
  EXPECT_EQ(read("type=1326 audit(1.2:3): arch=c000003e syscall=-1").nr, 0xffffffffU);
  EXPECT_EQ(read("type=1326 audit(1.2:3): arch=c000003e syscall=4294967295").nr, 0xffffffffU);
  for (const char* number : {"4294967296", "99999999999999", "99999999999999999999999", "-2147483649"}) {
    Reader reader(Abi::x86_64);
    EXPECT_FALSE(reader.line(std::string("type=1326 audit(1.2:3): arch=c000003e syscall=") + number)) << number;
    EXPECT_FALSE(reader.line(std::string("sbp: denied call ") + number + " on i386: args unknown")) << number;
  }
}

TEST(Strace, CallsThatDidNotReturn) {
  Reader reader(Abi::x86_64);
  EXPECT_FALSE(reader.line("7 openat(AT_FDCWD, \"/x\", O_RDWR <unfinished ...>"));
  EXPECT_FALSE(reader.line("8 getppid( <unfinished ...>"));
  ASSERT_EQ(reader.begun().size(), 2U);
  EXPECT_EQ(reader.begun()[0].args.size(), 3U);
  EXPECT_EQ(reader.begun()[0].args[2].number, 2U);
  EXPECT_FALSE(reader.ended_in());
  EXPECT_FALSE(reader.line("8 +++ killed by SIGSYS +++"));
  ASSERT_TRUE(reader.ended_in());
  EXPECT_EQ(reader.ended_in()->name, "getppid");
  EXPECT_EQ(reader.ended_in()->process, 8U);
  EXPECT_FALSE(reader.line("9 +++ exited with 0 +++"));
  EXPECT_FALSE(reader.ended_in());
  EXPECT_EQ(reader.unfinished(), 1U);
}

// strace -X verbose: a comment behind each part.
TEST(Strace, CommentsBetweenFlags) {
  const TracedCall call =
      read("socket(0x1 /* AF_UNIX */, 0x1 /* SOCK_STREAM */|0x80800 /* SOCK_CLOEXEC|SOCK_NONBLOCK */, 0) = 3</tmp/*x>");
  ASSERT_EQ(call.args.size(), 3U);
  EXPECT_EQ(call.args[0].number, 1U);
  EXPECT_EQ(call.args[1].number, 0x80801U);
  EXPECT_EQ(read("fchdir(3</srv/*x>) = 0").args[0].number, 3U);
}

// strace -f without -o: its messages stand within a call.
TEST(Strace, MessageWithinACall) {
  constexpr std::string_view first = "clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}strace: Process 58 attached";
  Reader reader(Abi::x86_64);
  EXPECT_FALSE(reader.line(first));
  EXPECT_EQ(reader.kind(), LineKind::half);
  EXPECT_EQ(reader.unfinished(), 1U);
  ASSERT_EQ(reader.begun().size(), 1U);
  EXPECT_EQ(reader.begun()[0].name, "clone3");
  EXPECT_FALSE(reader.line("strace: Process 59 attached"));
  const auto whole = reader.line(" => {parent_tid=[58]}, 88) = 58");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->name, "clone3");
  EXPECT_EQ(whole->args.size(), 2U);
  EXPECT_EQ(reader.unfinished(), 0U);

  EXPECT_FALSE(reader.line("[pid 7] clone(child_stack=NULL, flags=SIGCHLDstrace: Process 60 attached"));
  EXPECT_FALSE(reader.line(" <unfinished ...>"));
  const auto other = reader.line("[pid 60] getpid() = 60");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->name, "getpid");
  const auto resumed = reader.line("[pid 7] <... clone resumed>, child_tidptr=0x7f) = 60");
  ASSERT_TRUE(resumed);
  EXPECT_EQ(resumed->name, "clone");

  EXPECT_FALSE(reader.line(first));
  EXPECT_EQ(reader.line("[pid 58] getpid() = 58").value_or(TracedCall()).name, "getpid");
  EXPECT_EQ(reader.unfinished(), 1U);
}

TEST(Strace, CallWithoutItsEnd) {
  Reader reader(Abi::x86_64);
  EXPECT_FALSE(reader.line("openat(AT_FDCWD, \"/etc"));
  EXPECT_EQ(reader.kind(), LineKind::broken);
  EXPECT_FALSE(reader.line("hello(world"));
  EXPECT_EQ(reader.kind(), LineKind::unknown);
}

TEST(Report, OfTheRunTimeLibrary) {
  const TracedCall call = read(
      "sbp: denied call openat (257) on x86_64: args 0xffffff9c 0x7ffd 0x2 0x0 0x0 0x0, ip 0x7f12, data 7: no writing");
  EXPECT_EQ(call.nr, 257U);
  EXPECT_EQ(call.registers[0], 0xffffff9cU);
  EXPECT_EQ(call.registers[2], 2U);
  EXPECT_EQ(call.ip, 0x7f12U);
  const TracedCall bare = read("x: sbp: denied call 40 on i386: args unknown, ip 0x0, data 0");
  EXPECT_EQ(bare.nr, 40U);
  EXPECT_EQ(bare.abi, Abi::i386);
  EXPECT_EQ(bare.registers[0], std::nullopt);
}

}  // namespace
}  // namespace sbpc::trace
