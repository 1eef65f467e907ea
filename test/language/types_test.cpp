// "Types come from the system calls": widths, signs, positions and kinds of arguments and constants on the ABIs where
// they differ. Facts: the kernel's SYSCALL_DEFINEs and entry code; arch/*/include/uapi for values.
#include "diag/kinds/types.def"

#include <gtest/gtest.h>

#include "diag/kinds/names.def"
#include "language/compiled.h"

namespace sbpc::language {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

std::string on(std::string_view abi, std::string_view body) {
  return "policy p on " + std::string(abi) + " { kernel 6.12; default kill_process; " + std::string(body) + " }";
}

std::string answer_on(std::string_view abi, const std::string& rule, std::string_view call,
                      std::vector<uint64_t> args) {
  const auto compiled = compile(on(abi, rule));
  return compiled ? answer(*compiled, call, std::move(args)) : "no program";
}

Checked check_on(std::string_view abi, std::string_view body) { return check(on(abi, body)); }

bool notes(const Checked& checked, std::string_view text) {
  for (const diag::Diagnostic& one : checked.diagnostics) {
    for (const std::string& note : one.notes) {
      if (note.find(text) != std::string::npos) return true;
    }
  }
  return false;
}

constexpr uint64_t kHigh = uint64_t{1} << 32;
constexpr uint64_t kNewUser = 0x10000000;  // CLONE_NEWUSER

// ---- positions ----

TEST(Positions, ClonesFlagsAreSecondOnS390) {
  const std::string rule = "allow clone(flags lacks CLONE_NEWUSER);";
  EXPECT_EQ(answer_on("x86_64", rule, "clone", {kNewUser, 0}), "kill_process");
  EXPECT_EQ(answer_on("x86_64", rule, "clone", {0, kNewUser}), "allow");
  EXPECT_EQ(answer_on("s390x", rule, "clone", {kNewUser, 0}), "allow");
  EXPECT_EQ(answer_on("s390x", rule, "clone", {0, kNewUser}), "kill_process");
}

TEST(Positions, OnePointerMmapHasNoProt) {
  for (const char* abi : {"i386", "s390x", "s390", "m68k"}) {
    const Checked checked = check_on(abi, "allow mmap(prot lacks PROT_EXEC);");
    EXPECT_TRUE(checked.has(kinds::ArgumentNotOnAbi)) << abi << checked.text();
  }
  EXPECT_TRUE(notes(check_on("i386", "allow mmap(prot lacks PROT_EXEC);"), "mmap2"));
  EXPECT_FALSE(notes(check_on("s390x", "allow mmap(fd == -1);"), "pread64"));
  EXPECT_TRUE(notes(check_on("i386", "allow select(nfds == 5);"), "_newselect"));
  EXPECT_FALSE(notes(check_on("x86_64", "allow preadv(offset == 5);"), "pread64"));
  EXPECT_EQ(check_on("i386", "allow mmap2(prot lacks PROT_EXEC);").errors, 0U);
  EXPECT_EQ(check_on("x86_64", "allow mmap(prot lacks PROT_EXEC);").errors, 0U);
}

TEST(Positions, SixtyFourBitValuesTakeTwoRegisters) {
  const std::string rule = "allow pread64(pos == 0x1_0000_0002);";
  EXPECT_EQ(answer_on("x86_64", rule, "pread64", {0, 0, 0, 0x100000002}), "allow");
  EXPECT_EQ(answer_on("x86_64", rule, "pread64", {0, 0, 0, 2}), "kill_process");
  // i386: no padding, low word first. arm: the pair begins at an even register. mips o32 (big): padded, high word
  // first.
  EXPECT_EQ(answer_on("i386", rule, "pread64", {0, 0, 0, 2, 1}), "allow");
  EXPECT_EQ(answer_on("i386", rule, "pread64", {0, 0, 0, 1, 2}), "kill_process");
  EXPECT_EQ(answer_on("arm", rule, "pread64", {0, 0, 0, 0, 2, 1}), "allow");
  EXPECT_EQ(answer_on("arm", rule, "pread64", {0, 0, 0, 2, 1, 0}), "kill_process");
  EXPECT_EQ(answer_on("mips", rule, "pread64", {0, 0, 0, 0, 1, 2}), "allow");
  EXPECT_EQ(answer_on("mipsel", rule, "pread64", {0, 0, 0, 0, 2, 1}), "allow");
  EXPECT_EQ(answer_on("ppc", rule, "pread64", {0, 0, 0, 0, 1, 2}), "allow");
  EXPECT_EQ(answer_on("parisc", rule, "pread64", {0, 0, 0, 1, 2}), "allow");
}

TEST(Positions, FallocateHasTwoSplitValues) {
  const std::string rule = "allow fallocate(offset == 0x1_0000_0002, len == 0x3_0000_0004);";
  EXPECT_EQ(answer_on("x86_64", rule, "fallocate", {0, 0, 0x100000002, 0x300000004}), "allow");
  EXPECT_EQ(answer_on("i386", rule, "fallocate", {0, 0, 2, 1, 4, 3}), "allow");
  EXPECT_EQ(answer_on("arm", rule, "fallocate", {0, 0, 2, 1, 4, 3}), "allow");
  EXPECT_EQ(answer_on("ppc", rule, "fallocate", {0, 0, 1, 2, 3, 4}), "allow");
}

TEST(Positions, ArmHasCallsOfItsOwnForFadviseAndSyncFileRange) {
  EXPECT_EQ(answer_on("arm", "allow arm_fadvise64_64(advice == POSIX_FADV_DONTNEED);", "arm_fadvise64_64", {3, 4}),
            "allow");
  for (const char* name : {"arm_sync_file_range", "sync_file_range2"}) {
    const std::string rule = std::string("allow ") + name + "(flags == SYNC_FILE_RANGE_WRITE);";
    EXPECT_EQ(answer_on("arm", rule, "arm_sync_file_range", {3, 2}), "allow") << "the kernel has both names: " << name;
    EXPECT_EQ(answer_on("arm", rule, "arm_sync_file_range", {3, 4}), "kill_process") << name;
  }
  EXPECT_EQ(answer_on("i386", "allow fadvise64_64(advice == POSIX_FADV_DONTNEED);", "fadvise64_64", {3, 0, 0, 0, 0, 4}),
            "allow");
  EXPECT_EQ(answer_on("ppc", "allow sync_file_range2(flags == SYNC_FILE_RANGE_WRITE);", "sync_file_range2", {3, 2}),
            "allow");
  EXPECT_EQ(answer_on("i386", "allow sync_file_range(flags == SYNC_FILE_RANGE_WRITE);", "sync_file_range",
                      {3, 0, 0, 0, 0, 2}),
            "allow");
}

TEST(Positions, FanotifyMarksMaskIsSplit) {
  const std::string rule = "allow fanotify_mark(mask == FAN_OPEN);";
  EXPECT_EQ(answer_on("x86_64", rule, "fanotify_mark", {0, 0, 0x20}), "allow");
  EXPECT_EQ(answer_on("i386", rule, "fanotify_mark", {0, 0, 0x20, 0}), "allow");
  EXPECT_EQ(answer_on("i386", rule, "fanotify_mark", {0, 0, 0x20, 1}), "kill_process");
}

TEST(Positions, TheSeventhArgumentIsOnTheStack) {
  // mips o32 pads sync_file_range to seven words.
  EXPECT_TRUE(check_on("mips", "allow sync_file_range(flags == SYNC_FILE_RANGE_WRITE);").has(kinds::ArgumentNotOnAbi));
}

TEST(Positions, BackwardsClonesAgree) {
  // arch/*/Kconfig CLONE_BACKWARDS: tls is third or fifth, flags first everywhere but on s390.
  for (const char* abi : {"aarch64", "arm", "riscv64", "ppc64le", "mips64", "i386"}) {
    EXPECT_EQ(answer_on(abi, "allow clone(flags lacks CLONE_NEWUSER);", "clone", {kNewUser}), "kill_process") << abi;
  }
}

// ---- widths and signs ----

TEST(Widths, UpperBitsThatTheKernelIgnoresAreIgnored) {
  EXPECT_EQ(answer_on("x86_64", "allow write(fd == 1);", "write", {1 + kHigh}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow ioctl; errno(EPERM) ioctl(request == TIOCSTI);", "ioctl", {0, 0x5412 + kHigh}),
            "errno(1)");  // CVE-2019-10063
  EXPECT_EQ(answer_on("x86_64", "allow clone(flags lacks CLONE_NEWUSER);", "clone", {kNewUser + kHigh}),
            "kill_process");
  EXPECT_EQ(answer_on("x86_64", "allow socket(domain != AF_VSOCK);", "socket", {40 + kHigh}), "kill_process");
}

TEST(Widths, ModesAndOldIdsHaveSixteenBits) {
  EXPECT_EQ(answer_on("x86_64", "allow chmod(mode lacks S_ISUID);", "chmod", {0, 0x10000}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow chmod(mode == 0o644);", "chmod", {0, 0x10000 | 0644}), "allow");
  EXPECT_EQ(answer_on("i386", "allow setuid(uid == 7);", "setuid", {0x10007}), "allow");
  EXPECT_EQ(answer_on("i386", "allow setuid32(uid == 7);", "setuid32", {0x10007}), "kill_process");
  EXPECT_TRUE(check_on("x86_64", "allow chmod(mode == 0x10000);").has(kinds::ValueTooWide));
}

TEST(Widths, SizesAreTheAbisWord) {
  EXPECT_EQ(answer_on("x86_64", "allow write(count <= 0x1_0000_0000);", "write", {0, 0, kHigh}), "allow");
  EXPECT_TRUE(check_on("i386", "allow write(count <= 0x1_0000_0000);").has(kinds::ValueTooWide) ||
              check_on("i386", "allow write(count <= 0x1_0000_0000);").has(kinds::OutOfOrder));
}

TEST(Signs, DescriptorsAndPidsOrderAsSigned) {
  EXPECT_EQ(answer_on("x86_64", "allow write(fd < 3);", "write", {0xffffffff}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow write(fd >= 0);", "write", {0xffffffff}), "kill_process");
  EXPECT_EQ(answer_on("x86_64", "allow kill(pid > 0);", "kill", {0xffffffff}), "kill_process");
  EXPECT_EQ(answer_on("x86_64", "allow openat(dirfd == AT_FDCWD);", "openat", {0xffffff9c}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow openat(dirfd == AT_FDCWD);", "openat", {0xffffffffffffff9c}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow mmap(fd == -1);", "mmap", {0, 0, 0, 0, 0xffffffff}), "allow");
}

TEST(Signs, IdsAndSizesOrderAsUnsigned) {
  EXPECT_EQ(answer_on("x86_64", "allow setuid(uid >= 1000);", "setuid", {0xffffffff}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow write(count > 100);", "write", {0, 0, ~uint64_t{0}}), "allow");
  EXPECT_TRUE(check_on("x86_64", "allow setuid(uid >= -1);").has(kinds::OutOfOrder));
}

TEST(Raw, SlotsAreWholeRegisters) {
  EXPECT_EQ(answer_on("x86_64", "allow write($0 == 1);", "write", {1 + kHigh}), "kill_process");
  EXPECT_EQ(answer_on("x32", "allow write($0 == 1);", "write", {1 + kHigh}), "kill_process");
  EXPECT_TRUE(check_on("i386", "allow write($0 == 0x1_0000_0000);").has(kinds::ValueTooWide));
}

// ---- constants ----

TEST(Constants, OfAnotherArgumentNameTheRightOne) {
  const struct {
    const char* rule;
    const char* argument;
  } wrong[] = {
      {"allow mmap(flags has PROT_EXEC);", "prot"},
      {"allow mmap(prot has MAP_SHARED);", "flags"},
      {"allow socket(domain == SOCK_STREAM);", "type"},
      {"allow socket(type == AF_INET);", "domain"},
      {"allow kill(pid == SIGTERM);", "sig"},
      {"allow lseek(offset == SEEK_SET);", "whence"},
      {"allow setsockopt(level == SO_REUSEADDR);", "optname"},
      {"allow futex(val == FUTEX_WAKE, futex_op == FUTEX_WAKE);", "futex_op"},
  };
  for (const auto& one : wrong) {
    const Checked checked = check_on("x86_64", one.rule);
    EXPECT_TRUE(checked.has(kinds::WrongConstant)) << one.rule << checked.text();
    EXPECT_TRUE(notes(checked, "`" + std::string(one.argument) + "`")) << one.rule;
  }
}

// Flags of a call without such an argument mean nothing in a plain number.
TEST(Constants, NumbersTakeNoFlags) {
  for (const char* rule :
       {"allow futex(futex_op == FUTEX_WAKE, val == PROT_READ);", "allow lseek(offset == PROT_READ);",
        "allow futex(val == PROT_READ);", "allow futex(val3 == PROT_READ);", "allow io_setup(nr_events == SIGKILL);",
        "allow prctl(option == PR_SET_TIMERSLACK, arg2 == O_RDWR);", "allow fcntl(arg == PROT_EXEC);",
        "allow exit_group(status == EPERM);", "allow msgget(key == SIGKILL);",
        "allow futex(futex_op == FUTEX_WAKE, val in { 1, PROT_READ });", "allow listen(backlog == AF_UNIX);"})
    EXPECT_TRUE(check_on("x86_64", rule).has(kinds::WrongConstant)) << rule << check_on("x86_64", rule).text();
  for (const char* rule :
       {"allow futex(futex_op == FUTEX_WAKE, val == 0x7fffffff);", "allow lseek(offset == 0);",
        "allow listen(backlog <= SOMAXCONN);", "allow fcntl(arg == FD_CLOEXEC);", "allow umask(mask & S_IRWXO == 0);",
        "allow fsconfig(aux == AT_FDCWD);", "allow ioctl(arg == AF_UNIX);", "allow prctl(arg2 == SIGKILL);",
        "allow msgget(key == IPC_PRIVATE);", "allow futex(val == SIGKILL);"})
    EXPECT_EQ(check_on("x86_64", rule).errors, 0U) << rule << check_on("x86_64", rule).text();
  EXPECT_EQ(check_on("i386", "allow ipc(call & 0xffff == SHMAT, second lacks SHM_EXEC);").errors, 0U)
      << "the registers of a multiplexer hold another call's arguments";
}

TEST(Constants, FlagsOfTwoArgumentsDoNotMix) {
  const Checked checked = check_on("x86_64", "allow mmap(prot has PROT_EXEC | MAP_SHARED);");
  EXPECT_TRUE(checked.has(kinds::MixedTypes) || checked.has(kinds::WrongConstant)) << checked.text();
}

TEST(Constants, NumbersFitAnything) {
  EXPECT_EQ(check("const PLAIN = 4; " + on("x86_64", "allow mmap(prot lacks PLAIN, flags == 0x22);")).errors, 0U);
}

TEST(Constants, HaveTheirAbisValue) {
  // O_DIRECTORY is 0x10000 on x86_64, 0x4000 on arm; SIGUSR1 is 10, on mips 16; EDEADLK is 35, on mips 45;
  // MAP_ANONYMOUS is 0x20, on mips 0x800.
  EXPECT_EQ(answer_on("x86_64", "allow openat(flags has O_DIRECTORY);", "openat", {0, 0, 0x10000}), "allow");
  EXPECT_EQ(answer_on("arm", "allow openat(flags has O_DIRECTORY);", "openat", {0, 0, 0x4000}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow kill(sig == SIGUSR1);", "kill", {1, 10}), "allow");
  EXPECT_EQ(answer_on("mips64", "allow kill(sig == SIGUSR1);", "kill", {1, 16}), "allow");
  EXPECT_EQ(answer_on("mips64", "allow mmap(flags has MAP_ANONYMOUS);", "mmap", {0, 0, 0, 0x800}), "allow");
  EXPECT_EQ(answer_on("x86_64", "errno(EDEADLK) read;", "read", {}), "errno(35)");
  EXPECT_EQ(answer_on("mips64", "errno(EDEADLK) read;", "read", {}), "errno(45)");
  EXPECT_EQ(answer_on("sparc64", "errno(ENOSYS) read;", "read", {}), "errno(90)");
  EXPECT_EQ(answer_on("parisc", "errno(ENOSYS) read;", "read", {}), "errno(251)");
}

TEST(Constants, IoctlNumbersAreTheKernelsOnEachAbi) {
  // include/uapi/asm-generic/ioctl.h; arch/{mips,powerpc,sparc} have _IOC_WRITE = 4 and 13 bits of size.
  EXPECT_EQ(answer_on("x86_64", "allow ioctl(request == _IO('V', 1));", "ioctl", {0, 0x5601}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow ioctl(request == _IOW('V', 1, 4));", "ioctl", {0, 0x40045601}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow ioctl(request == _IOR('V', 1, 4));", "ioctl", {0, 0x80045601}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow ioctl(request == _IOWR('V', 1, 4));", "ioctl", {0, 0xc0045601}), "allow");
  EXPECT_EQ(answer_on("ppc64le", "allow ioctl(request == _IOW('V', 1, 4));", "ioctl", {0, 0x80045601}), "allow");
  EXPECT_EQ(answer_on("mips64", "allow ioctl(request == _IO('V', 1));", "ioctl", {0, 0x20005601}), "allow");
}

// ---- fields ----

TEST(Fields, EnumerationsAmongFlagsAreComparedUnderTheirMask) {
  for (const char* rule :
       {"allow open(flags has O_RDONLY);", "allow open(flags any O_WRONLY);", "allow mmap(flags has MAP_PRIVATE);",
        "allow futex(op has FUTEX_WAKE);", "allow socket(type has SOCK_STREAM);", "allow clone(flags has SIGCHLD);"}) {
    EXPECT_TRUE(check_on("x86_64", rule).has(kinds::FieldConstant)) << rule;
  }
  EXPECT_EQ(answer_on("x86_64", "allow mmap(flags & MAP_TYPE == MAP_PRIVATE);", "mmap", {0, 0, 0, 0x22}), "allow");
  EXPECT_EQ(answer_on("x86_64", "allow mmap(flags & MAP_TYPE == MAP_PRIVATE);", "mmap", {0, 0, 0, 0x23}),
            "kill_process");
  EXPECT_EQ(answer_on("x86_64", "allow futex(op & FUTEX_CMD_MASK == FUTEX_WAKE);", "futex", {0, 0x81}), "allow");
}

TEST(Fields, OnlyAdmitsNoValueThatWasNotWritten) {
  EXPECT_TRUE(check_on("x86_64", "allow openat(flags only O_CLOEXEC);").has(kinds::OnlyAdmits));
  EXPECT_TRUE(check_on("x86_64", "allow openat(flags only O_WRONLY | O_RDWR | O_CREAT);").has(kinds::OnlyAdmits));
  EXPECT_EQ(check_on("x86_64", "allow openat(flags only O_RDONLY | O_CLOEXEC);").errors, 0U);
  EXPECT_EQ(check_on("x86_64", "allow openat(flags only O_ACCMODE | O_CLOEXEC);").errors, 0U);
  EXPECT_EQ(check("const SAFE = O_RDONLY | O_CLOEXEC; " + on("x86_64", "allow openat(flags only SAFE);")).errors, 0U);
}

TEST(Fields, CompositeFlagsAreTestedWhole) {
  EXPECT_TRUE(check_on("x86_64", "allow openat(flags lacks O_TMPFILE);").has(kinds::CompositeFlag));
  EXPECT_TRUE(check_on("x86_64", "allow openat(flags any O_SYNC);").has(kinds::CompositeFlag));
  EXPECT_EQ(check_on("x86_64", "allow openat(!(flags has O_TMPFILE));").errors, 0U);
}

// ---- commands ----

TEST(Commands, TypeTheOtherArguments) {
  const char* right[] = {
      "allow fcntl(cmd == F_SETFD, arg == FD_CLOEXEC);",
      "allow fcntl(cmd == F_SETFL, arg only O_NONBLOCK | O_APPEND);",
      "allow prctl(option == PR_SET_PDEATHSIG, arg2 == SIGKILL);",
      "allow prctl(option == PR_SET_SECCOMP, arg2 == SECCOMP_MODE_FILTER);",
      "allow ioctl(request == TIOCGWINSZ);",
      "allow futex(op & FUTEX_CMD_MASK == FUTEX_WAIT);",
      "allow madvise(advice == MADV_DONTNEED);",
      "allow socket(domain == AF_INET, type & SOCK_TYPE_MASK == SOCK_STREAM, protocol == IPPROTO_TCP);",
      "allow socket(domain == AF_NETLINK, protocol == NETLINK_ROUTE);",
      "allow setsockopt(level == SOL_SOCKET, optname == SO_REUSEADDR);",
      "allow setsockopt(level == IPPROTO_TCP, optname == TCP_NODELAY);",
      "allow keyctl(operation == KEYCTL_READ);",
      "allow keyctl(operation == KEYCTL_READ, arg2 == KEY_SPEC_USER_KEYRING);",
      "allow bpf(cmd == BPF_MAP_CREATE);",
      "allow seccomp(operation == SECCOMP_SET_MODE_FILTER, flags only SECCOMP_FILTER_FLAG_TSYNC);",
  };
  for (const char* rule : right)
    EXPECT_EQ(check_on("x86_64", rule).errors, 0U) << rule << check_on("x86_64", rule).text();
}

TEST(Commands, MakeTheWrongConstantAnError) {
  const char* wrong[] = {
      "allow fcntl(cmd == F_SETFL, arg == FD_CLOEXEC);",
      "allow fcntl(cmd == F_SETFD, arg == O_NONBLOCK);",
      "allow prctl(option == PR_SET_PDEATHSIG, arg2 == SECCOMP_MODE_FILTER);",
      "allow socket(domain == AF_NETLINK, protocol == IPPROTO_TCP);",
      "allow setsockopt(level == IPPROTO_TCP, optname == SO_REUSEADDR);",
      "allow setsockopt(level == SOL_SOCKET, optname == TCP_NODELAY);",
      "allow seccomp(operation == SECCOMP_SET_MODE_FILTER, flags == SECCOMP_MODE_FILTER);",
      "allow keyctl(operation == KEYCTL_READ, arg2 == PROT_EXEC);",
      "allow prctl(option == PR_SET_NO_NEW_PRIVS, arg2 == SIGKILL);",
  };
  for (const char* rule : wrong)
    EXPECT_TRUE(check_on("x86_64", rule).has(kinds::WrongConstant)) << rule << check_on("x86_64", rule).text();
}

TEST(Commands, AreKnownByTheirValue) {
  const char* right[] = {
      "allow setsockopt(level == SOL_TCP, optname == TCP_NODELAY);",
      "allow setsockopt(level == 6, optname == TCP_NODELAY);",
      "allow setsockopt(level in { IPPROTO_TCP, SOL_TCP }, optname == TCP_NODELAY);",
      "allow setsockopt((level == SOL_TCP || level == 6) && optname == TCP_NODELAY);",
      "allow setsockopt(!(level != SOL_TCP) && optname == TCP_NODELAY);",
      "allow setsockopt(level != SOL_TCP || optname == TCP_NODELAY);",
      "allow setsockopt(level !in { SOL_TCP, 6 } || optname == TCP_NODELAY);",
      "allow setsockopt((level != SOL_TCP && level != 6) || optname == TCP_NODELAY);",
      "allow getsockopt(level == SOL_IP, optname == IP_TOS), getsockopt(level == SOL_IPV6, optname == IPV6_V6ONLY);",
  };
  for (const char* rule : right)
    EXPECT_EQ(check_on("x86_64", rule).errors, 0U) << rule << check_on("x86_64", rule).text();
  const char* wrong[] = {
      "allow setsockopt(level == SOL_TCP, optname == SO_REUSEADDR);",
      "allow setsockopt(level == 6, optname == SO_REUSEADDR);",
      "allow setsockopt(!(level !in { SOL_TCP }), optname == SO_REUSEADDR);",
      "allow setsockopt(level != SOL_TCP || optname == SO_REUSEADDR);",
      "allow setsockopt(level !in { SOL_TCP } || optname in { SO_REUSEADDR });",
  };
  for (const char* rule : wrong)
    EXPECT_TRUE(check_on("x86_64", rule).has(kinds::WrongConstant)) << rule << check_on("x86_64", rule).text();
  const std::string socket = "allow setsockopt(level == 0xffff, optname == SO_REUSEADDR);";
  EXPECT_EQ(check_on("mips64", socket).errors, 0U) << "SOL_SOCKET there";
}

// fcntl(fd, F_SETFD, 1 | 1 << 40) sets FD_CLOEXEC; F_SETLK reads a pointer.
TEST(Commands, DecideHowManyBitsAreRead) {
  constexpr uint64_t kFar = uint64_t{1} << 40;
  constexpr uint64_t kDupFd = 0, kSetFd = 2, kSetLk = 6;
  const char* conditions[] = {
      "cmd in { F_SETFD, F_DUPFD }, arg == 1",
      "(cmd == F_SETFD || cmd == F_DUPFD) && arg == 1",
      "cmd in { F_SETFD, 0 }, arg == 1",
      "cmd in 0..2, arg == 1",
      "cmd < 3, arg == 1",
      "$1 == 2, arg == 1",
      "!(cmd != F_SETFD || arg != 1)",
      "!(cmd != F_SETFD || !(arg == 1))",
      "!(cmd !in { F_SETFD } || arg !in { 1 })",
      "cmd in { F_SETFD, F_SETLK }, arg == 1",
      "cmd in { F_SETFD, F_SETLK }, arg in { 1, 0x1_0000_0000..0x2_0000_0000 }",
      "cmd != F_DUPFD, arg > 0, arg < 2",
      "cmd in { F_SETFD, F_SETLK }, arg has 1",
      "arg == 1",
  };
  for (const std::string condition : conditions) {
    const std::string rule = "allow fcntl; override errno(EPERM) fcntl(" + condition + ");";
    EXPECT_EQ(answer_on("x86_64", rule, "fcntl", {0, kSetFd, 1}), "errno(1)") << condition;
    EXPECT_EQ(answer_on("x86_64", rule, "fcntl", {0, kSetFd, 1 | kFar}), "errno(1)") << condition;
    EXPECT_EQ(answer_on("x86_64", rule, "fcntl", {0, kSetFd, 2}), "allow") << condition;
  }
  const std::string both = "allow fcntl; override errno(EPERM) fcntl(cmd in { F_SETFD, F_SETLK }, arg == 1);";
  EXPECT_EQ(answer_on("x86_64", both, "fcntl", {0, kSetLk, 1}), "errno(1)");
  EXPECT_EQ(answer_on("x86_64", both, "fcntl", {0, kSetLk, 1 | kFar}), "allow") << "another pointer";
  EXPECT_EQ(answer_on("x86_64", both, "fcntl", {0, kDupFd, 1}), "allow");
  const std::string needs = "allow fcntl; require fcntl(cmd != F_SETFD || arg != 1) else errno(EPERM);";
  EXPECT_EQ(answer_on("x86_64", needs, "fcntl", {0, kSetFd, 1 | kFar}), "errno(1)");
  EXPECT_EQ(answer_on("x86_64", needs, "fcntl", {0, kSetLk, 1}), "allow");
}

TEST(Commands, DecideHowManyBitsAreReadOfOtherCalls) {
  constexpr uint64_t kFar = uint64_t{1} << 40;
  const std::string read = "allow keyctl; override errno(EPERM) keyctl(operation == 11, arg2 == 5);";
  EXPECT_EQ(answer_on("x86_64", read, "keyctl", {11, 5 | kFar}), "errno(1)");
  const std::string exe =
      "allow prctl; override errno(EPERM) prctl(option == PR_SET_MM, arg2 == PR_SET_MM_EXE_FILE, "
      "arg3 == 5);";
  EXPECT_EQ(answer_on("x86_64", exe, "prctl", {35, 13 | kFar, 5 | kFar}), "errno(1)");
  EXPECT_EQ(answer_on("x86_64", exe, "prctl", {35, 12, 5}), "allow");
  const std::string any = "allow prctl; override errno(EPERM) prctl(arg3 == 5);";
  EXPECT_EQ(answer_on("x86_64", any, "prctl", {35, 13, 5 | kFar}), "errno(1)") << "PR_SET_MM_EXE_FILE: a descriptor";
  EXPECT_EQ(answer_on("x86_64", any, "prctl", {35, 12, 5 | kFar}), "allow") << "PR_SET_MM_AUXV: a pointer";
  // A number for FUTEX_REQUEUE, with flags beside it or without.
  const std::string requeue = "allow futex; override errno(EPERM) futex(timeout == NULL);";
  EXPECT_EQ(answer_on("x86_64", requeue, "futex", {0, 3, 0, kFar}), "errno(1)");
  EXPECT_EQ(answer_on("x86_64", requeue, "futex", {0, 3 | 128, 0, kFar}), "errno(1)");
  EXPECT_EQ(answer_on("x86_64", requeue, "futex", {0, 128, 0, kFar}), "allow");
  // A pointer keeps its width whatever the command.
  const std::string wait = "allow futex(futex_op == FUTEX_WAIT, timeout == NULL);";
  EXPECT_EQ(answer_on("x86_64", wait, "futex", {0, 0, 0, 0}), "allow");
  EXPECT_EQ(answer_on("x86_64", wait, "futex", {0, 0, 0, kFar}), "kill_process");
}

TEST(Commands, SetvalTakesAnIntWhichBigEndianReadsFromTheUpperHalf) {
  const char* rule = "allow semctl(cmd == SETVAL, arg == -1);";
  EXPECT_EQ(answer_on("x86_64", rule, "semctl", {0, 0, 16, 0xffffffff}), "allow");
  EXPECT_EQ(answer_on("x86_64", rule, "semctl", {0, 0, 16, 0xdeadbeefffffffff}), "allow");
  EXPECT_TRUE(check_on("s390x", rule).has(kinds::UpperHalf));
  EXPECT_TRUE(check_on("sparc64", "allow semctl(arg == 1);").has(kinds::UpperHalf));
  EXPECT_EQ(check_on("s390x", "allow semctl(cmd == GETALL, arg != NULL);").errors, 0U);
  EXPECT_EQ(check_on("s390", rule).errors, 0U);
}

TEST(Commands, LeaveOthersOpenWithoutAFixedCommand) {
  EXPECT_EQ(check_on("x86_64", "allow fcntl(arg == FD_CLOEXEC);").errors, 0U);
  EXPECT_EQ(check_on("x86_64", "allow fcntl(cmd in { F_SETFD, F_SETFL }, arg == FD_CLOEXEC);").errors, 0U);
}

// ---- pointers and names ----

TEST(Pointers, CompareWithNullOnly) {
  EXPECT_EQ(check_on("x86_64", "allow write(buf != NULL), read(buf == NULL);").errors, 0U);
  EXPECT_TRUE(check_on("x86_64", "allow write(buf == 1);").has(kinds::PointerCompared));
  EXPECT_TRUE(check_on("x86_64", "allow openat(pathname in { 1, 2 });").has(kinds::PointerCompared));
}

TEST(Names, AreTheManPagesAndTheKernels) {
  EXPECT_EQ(check_on("x86_64", "allow openat(dirfd == AT_FDCWD);").errors, 0U);
  EXPECT_EQ(check_on("x86_64", "allow openat(dfd == AT_FDCWD);").errors, 0U);
}

TEST(Names, ACallThatOneAbiLacksIsSkippedAndOneThatAllLackIsAnError) {
  EXPECT_EQ(check_on("x86_64, aarch64", "allow open, openat;").errors, 0U);
  EXPECT_TRUE(check_on("aarch64", "allow open;").has(kinds::CallOnNoAbi));
}

}  // namespace
}  // namespace sbpc::language
