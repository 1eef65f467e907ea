// sbp_pledge(): its errors, and for each promise a call that it grants and one that it does not, in the kernel.
//
// What seccomp-scopes tests of its port, and where that port differs (std.pledge's head says how).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <termios.h>

#include <cerrno>
#include <functional>
#include <string>

#include "runtime/child.h"

namespace sbpc::runtime_test {
namespace {

bool can_pledge() { return sbp_supported(SBP_FLAG, SBP_TSYNC) == 1; }
#define NEEDS_PLEDGE() \
  if (!can_pledge()) GTEST_SKIP() << "this kernel or sandbox refuses seccomp"

struct Result {
  int value;
  int reason;  // errno
};
Result pledge(const char* promises, const char* execpromises = nullptr) {
  errno = 0;
  const int value = sbp_pledge(promises, execpromises);
  return {value, errno};
}

// What a process answers that pledges and then acts.
struct Ended {
  Result pledged;
  long acted;  // what the action returned; -1000 if it did not come back
};
ChildResult<Ended> act(const char* promises, long (*action)()) {
  return in_child<Ended>([&](Ended& found) {
    found.acted = -1000;
    found.pledged = pledge(promises);
    if (found.pledged.value == 0) found.acted = action();
  });
}

struct Row {
  const char* name;
  const char* with;     // promises that grant it
  const char* without;  // and those that do not: the process dies of SIGSYS
  long (*action)();     // 0 if it went well
};

long fails(long value) { return value < 0 ? errno : 0; }

const Row kRows[] = {
    {"write", "stdio", "", [] { return fails(syscall(SYS_write, 2, "", 0)); }},
    {"mmap", "stdio", "",
     [] {
       return fails(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1
                                                                                                                  : 0);
     }},
    {"uname", "stdio", "rpath",
     [] {
       utsname name{};
       return fails(uname(&name));
     }},
    {"open to read", "stdio rpath", "stdio wpath cpath", [] { return fails(open("/dev/null", O_RDONLY | O_CLOEXEC)); }},
    {"open to write", "stdio wpath", "stdio rpath cpath", [] { return fails(open("/dev/null", O_WRONLY)); }},
    {"open for both", "stdio rpath wpath", "stdio rpath cpath", [] { return fails(open("/dev/null", O_RDWR)); }},
    {"mkdir", "stdio cpath", "stdio rpath wpath",
     [] { return mkdirat(-1, "x", 0700) < 0 && errno == EBADF ? 0L : 1L; }},
    {"tmpfile", "stdio tmppath", "stdio rpath",
     [] { return fails(open("/tmp", O_RDWR | O_TMPFILE | O_EXCL, 0600)) == EPERM ? 1L : 0L; }},
    {"stat", "stdio rpath", "stdio",
     [] {
       struct stat status {};
       return fails(stat("/", &status));
     }},
    {"inet", "stdio inet", "stdio unix", [] { return fails(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }},
    {"unix", "stdio unix", "stdio inet", [] { return fails(socket(AF_UNIX, SOCK_STREAM, 0)); }},
    {"raw sockets", "stdio bpf", "stdio inet unix dns route",
     [] {
       (void)socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
       return 0L;
     }},
    {"chmod", "stdio fattr", "stdio rpath wpath cpath",
     [] { return fchmod(-1, 0600) < 0 && errno == EBADF ? 0L : 1L; }},
    {"chown", "stdio chown", "stdio fattr", [] { return fchown(-1, 0, 0) < 0 && errno == EBADF ? 0L : 1L; }},
    {"flock", "stdio flock", "stdio rpath", [] { return syscall(SYS_flock, -1, 0) < 0 && errno != ENOSYS ? 0L : 1L; }},
    {"fork", "stdio proc", "stdio exec",
     [] {
       const pid_t pid = fork();
       if (pid == 0) _exit(0);
       return fails(pid);
     }},
    {"exec", "stdio exec", "stdio proc",
     [] { return execve("/nonexistent", nullptr, nullptr) < 0 && errno == ENOENT ? 0L : 1L; }},
    {"terminal", "stdio tty", "stdio rpath",
     [] {
       termios mode{};
       return tcsetattr(-1, TCSANOW, &mode) < 0 && errno == EBADF ? 0L : 1L;
     }},
    {"sendmsg", "stdio sendfd", "stdio recvfd",
     [] {
       msghdr message{};
       return sendmsg(-1, &message, 0) < 0 && errno == EBADF ? 0L : 1L;
     }},
    {"recvmsg", "stdio recvfd", "stdio sendfd",
     [] {
       msghdr message{};
       return recvmsg(-1, &message, 0) < 0 && errno == EBADF ? 0L : 1L;
     }},
    {"setuid", "stdio id", "stdio proc", [] { return fails(setuid(getuid())); }},
    {"executable memory", "stdio prot_exec", "stdio rpath",
     [] {
       return fails(mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1
                                                                                                                 : 0);
     }},
};

class Promise : public testing::TestWithParam<Row> {};

TEST_P(Promise, GrantsItAndNothingElseDoes) {
  NEEDS_PLEDGE();
  const Row& row = GetParam();
  const auto granted = act(row.with, row.action);
  EXPECT_EQ(granted.found.pledged.value, 0) << granted.found.pledged.reason;
  EXPECT_TRUE(granted.exited()) << granted.status;
  EXPECT_EQ(granted.found.acted, 0);
  const auto denied = act(row.without, row.action);
  EXPECT_EQ(denied.found.pledged.value, 0) << denied.found.pledged.reason;
  EXPECT_EQ(denied.signal(), SIGSYS) << denied.status;
  EXPECT_EQ(denied.found.acted, -1000);
}

std::string row_name(const testing::TestParamInfo<Row>& info) {
  std::string name;
  for (const char* c = info.param.name; *c != '\0'; ++c) name += *c == ' ' ? '_' : *c;
  return name;
}
INSTANTIATE_TEST_SUITE_P(Each, Promise, testing::ValuesIn(kRows), row_name);

TEST(Pledge, UnknownPromisesAreInvalid) {
  struct Found {
    Result word, part, longer, exec, empty;
  };
  const auto child = in_child<Found>([](Found& found) {
    found.word = pledge("stdio rpth");
    found.part = pledge("std");
    found.longer = pledge("stdio,rpath");
    found.exec = pledge(nullptr, "stdio nothing");
    found.empty = pledge(nullptr, nullptr);
  });
  ASSERT_TRUE(child.exited());
  for (const Result& result : {child.found.word, child.found.part, child.found.longer, child.found.exec}) {
    EXPECT_EQ(result.value, -1);
    EXPECT_EQ(result.reason, EINVAL);
  }
  EXPECT_EQ(child.found.empty.value, 0);
}

TEST(Pledge, OnlyNarrows) {
  NEEDS_PLEDGE();
  struct Found {
    Result first, wider, other, same, narrower, back, narrowest, after;
    long filters;
  };
  const auto child = in_child<Found>([](Found& found) {
    found.first = pledge("stdio  rpath wpath ");
    found.wider = pledge("stdio rpath wpath inet");
    found.other = pledge("stdio inet");
    found.same = pledge("wpath rpath stdio");
    found.narrower = pledge("stdio rpath");
    found.filters = proc_status("Seccomp_filters");
    found.back = pledge("stdio rpath wpath");
    found.narrowest = pledge("rpath");
    found.after = pledge("");  // `seccomp` itself is gone with stdio: not killed, but told
  });
  ASSERT_TRUE(child.exited()) << child.status;
  EXPECT_EQ(child.found.first.value, 0) << child.found.first.reason;
  for (const Result& result : {child.found.wider, child.found.other, child.found.back, child.found.after}) {
    EXPECT_EQ(result.value, -1);
    EXPECT_EQ(result.reason, EPERM);
  }
  EXPECT_EQ(child.found.same.value, 0);
  EXPECT_EQ(child.found.narrower.value, 0);
  EXPECT_EQ(child.found.narrowest.value, 0);
  EXPECT_EQ(child.found.filters, 2) << "the same promises again install nothing";
}

TEST(Pledge, TheSecondOneIsInForce) {
  NEEDS_PLEDGE();
  const auto child = in_child<Ended>([](Ended& found) {
    found.pledged = pledge("stdio rpath");
    if (open("/dev/null", O_RDONLY) < 0) return;
    found.pledged = pledge("stdio");
    found.acted = open("/dev/null", O_RDONLY);
  });
  EXPECT_EQ(child.found.pledged.value, 0);
  EXPECT_EQ(child.signal(), SIGSYS);
}

TEST(Pledge, AFilterOfOnesOwnMayFollow) {
  NEEDS_PLEDGE();
  struct Followed {
    sbp_status status;
    sbp_installed installed;
    long acted;
  };
  auto child = in_child<Followed>([](Followed& found) {
    if (pledge("stdio").value != 0) _exit(9);
    const Insns own = deny(SYS_getpid, SECCOMP_RET_ERRNO | 7);
    found.status = sbp_install_array(array_of(own), 0, &found.installed, nullptr);
    found.acted = fails(syscall(SYS_getpid));
  });
  ASSERT_TRUE(child.exited()) << "status " << child.status;
  EXPECT_EQ(child.found.status, SBP_OK);
  EXPECT_EQ(child.found.installed.no_new_privs, SBP_NNP_WAS_SET);
  EXPECT_EQ(child.found.acted, 7);
}

TEST(Pledge, ExecpromisesAreThePromises) {
  NEEDS_PLEDGE();
  struct Found {
    Result for_then_only, fewer, more, unknown;
    long filters;  // after the refused ones
    Result same;
  };
  const auto child = in_child<Found>([](Found& found) {
    found.for_then_only = pledge(nullptr, "stdio");
    found.fewer = pledge("stdio exec", "stdio");
    found.more = pledge("stdio exec", "stdio exec rpath");
    found.unknown = pledge("stdio exec", "stdio exec everything");
    found.filters = proc_status("Seccomp_filters");
    found.same = pledge("stdio exec", "exec stdio");
  });
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.for_then_only.reason, ENOTSUP);
  EXPECT_EQ(child.found.fewer.reason, ENOTSUP);
  EXPECT_EQ(child.found.more.reason, ENOTSUP);
  EXPECT_EQ(child.found.unknown.reason, EINVAL);
  EXPECT_EQ(child.found.filters, 0);
  EXPECT_EQ(child.found.same.value, 0);
}

// What is promised for after an exec that cannot be: the usual way to say "and nothing is started".
TEST(Pledge, WithoutExecAnyExecpromisesHold) {
  NEEDS_PLEDGE();
  struct Found {
    Result none, other, unknown;
  };
  const auto child = in_child<Found>([](Found& found) {
    found.none = pledge("stdio rpath", "");
    found.other = pledge("stdio", "stdio exec inet");
    found.unknown = pledge("stdio", "everything");
    syscall(SYS_execve, "/bin/true", nullptr, nullptr);
  });
  EXPECT_EQ(child.signal(), SIGSYS) << "execve kills";
  EXPECT_EQ(child.found.none.value, 0);
  EXPECT_EQ(child.found.other.value, 0);
  EXPECT_EQ(child.found.unknown.reason, EINVAL);
}

TEST(Pledge, HoldsOnEveryThread) {
  NEEDS_PLEDGE();
  const auto child = in_child<Ended>([](Ended& found) {
    static volatile bool go = false;
    pthread_t thread{};
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          while (!go) usleep(1000);
          (void)socket(AF_INET, SOCK_STREAM, 0);
          return nullptr;
        },
        nullptr);
    found.pledged = pledge("stdio");
    go = true;
    pthread_join(thread, nullptr);
    found.acted = 1;
  });
  EXPECT_EQ(child.found.pledged.value, 0);
  EXPECT_EQ(child.signal(), SIGSYS);
  EXPECT_EQ(child.found.acted, 0);
}

// The port takes socket's type for its family, and refuses O_CLOEXEC.
TEST(Pledge, FamiliesAreFamilies) {
  NEEDS_PLEDGE();
  EXPECT_EQ(act("stdio inet", [] { return long{socket(44 /* AF_XDP */, SOCK_RAW, 0)}; }).signal(), SIGSYS);
  EXPECT_EQ(act("stdio inet", [] { return long{socket(AF_PACKET, SOCK_STREAM, 0)}; }).signal(), SIGSYS);
  EXPECT_TRUE(act("stdio rpath", [] { return fails(open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY)); }).exited());
}

}  // namespace
}  // namespace sbpc::runtime_test
