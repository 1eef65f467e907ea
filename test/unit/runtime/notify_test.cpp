// The supervisor's side: what comes in, what the caller gets, and that nobody hangs when the other side is gone.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

#include "child.h"

namespace sbpc::runtime_test {
namespace {

constexpr long kCall = SYS_getpgid;  // what the filter asks about
constexpr int kNobody = 4242;        // no thread has it
constexpr int kSeconds = 30;         // a test that hangs is a failure

void send_fd(int socket, int fd) {
  char byte = 0;
  iovec text{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(socket, &message, 0) != 1) _exit(9);
}

int receive_fd(int socket) {
  char byte = 0;
  iovec text{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1) return -1;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr) return -1;
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

struct Found {
  long results[4];
  int errors[4];
  int handled;  // signals
};

// A process whose getpgid is answered by whoever holds `listener`.
class Supervised {
 public:
  // `body` runs under the filter and writes what it found.
  explicit Supervised(const std::function<void(Found&)>& body, unsigned flags = 0) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    found_ =
        static_cast<Found*>(mmap(nullptr, sizeof(Found), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      alarm(kSeconds);
      sbp_installed installed{};
      sbp_program* program = load_program(deny(kCall, SECCOMP_RET_USER_NOTIF));
      if (sbp_install(program, SBP_NEW_LISTENER | flags, &installed, nullptr) != SBP_OK) _exit(8);
      send_fd(ends[1], installed.listener);
      close(installed.listener);
      close(ends[1]);
      body(*found_);
      _exit(0);
    }
    close(ends[1]);
    listener = receive_fd(ends[0]);
    close(ends[0]);
  }
  Supervised(const Supervised&) = delete;
  Supervised& operator=(const Supervised&) = delete;
  ~Supervised() {
    if (listener >= 0) close(listener);
    if (!ended_) end();
    munmap(found_, sizeof(Found));
  }

  [[nodiscard]] sbp_call receive() const {
    sbp_call call{};
    sbp_error error{};
    EXPECT_EQ(sbp_notify_receive(listener, kSeconds * 1000, &call, &error), SBP_OK) << error.text;
    return call;
  }
  const Found& end() {
    EXPECT_EQ(wait_for(pid_), 0);
    ended_ = true;
    return *found_;
  }
  int kill_it() {
    kill(pid_, SIGKILL);
    ended_ = true;
    return wait_for(pid_);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const Found& found() const { return *found_; }

  int listener = -1;

 private:
  pid_t pid_ = 0;
  Found* found_ = nullptr;
  bool ended_ = false;
};

void ask(Found& found, int at, long argument = 0) {
  errno = 0;
  found.results[at] = syscall(kCall, argument);
  found.errors[at] = errno;
}

bool refused_here() {
  if (sbp_supported(SBP_FLAG, SBP_NEW_LISTENER) == 0) return true;
  return in_child<int>([](int& ok) {
           ok = sbp_install(load_program({ret(kAllow)}), 0, nullptr, nullptr) == SBP_OK;
         }).found == 0;
}
#define NEEDS_LISTENERS() \
  if (refused_here()) GTEST_SKIP() << "this kernel or sandbox refuses seccomp, or has no listeners"

TEST(Notify, TheCallComesInAndTheAnswerGoesOut) {
  NEEDS_LISTENERS();
  Supervised child([](Found& found) {
    ask(found, 0, 0x12345678);
    ask(found, 1);
    ask(found, 2);
  });
  const sbp_call call = child.receive();
  EXPECT_EQ(call.nr, kCall);
  EXPECT_STREQ(sbp_arch_name(call.arch), sizeof(void*) == 8 ? sbp_arch_name(call.arch) : "i386");
  EXPECT_EQ(call.args[0], 0x12345678U);
  EXPECT_EQ(call.tid, child.pid());
  EXPECT_NE(call.instruction_pointer, 0U);
  EXPECT_EQ(sbp_notify_valid(child.listener, call.id), 1);
  errno = 77;
  EXPECT_EQ(sbp_notify_return(child.listener, call.id, 99, nullptr), SBP_OK);
  EXPECT_EQ(errno, 77);
  EXPECT_EQ(sbp_notify_valid(child.listener, call.id), 0);
  EXPECT_EQ(sbp_notify_fail(child.listener, child.receive().id, EACCES, nullptr), SBP_OK);
  EXPECT_EQ(sbp_notify_continue(child.listener, child.receive().id, nullptr), SBP_OK);
  const Found& found = child.end();
  EXPECT_EQ(found.results[0], 99);
  EXPECT_EQ(found.results[1], -1);
  EXPECT_EQ(found.errors[1], EACCES);
  EXPECT_EQ(found.results[2], getpgrp());
}

TEST(Notify, DescriptorsAreHandedOver) {
  NEEDS_LISTENERS();
  Supervised child([](Found& found) {
    ask(found, 0);
    char byte = 0;
    found.results[1] = read(static_cast<int>(found.results[0]), &byte, 1) == 1 ? byte : -1;
    ask(found, 2);
    found.results[3] = fcntl(77, F_GETFD);
  });
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  sbp_error error{};
  sbp_call call = child.receive();
  int number = -1;
  const sbp_add_fd answer{ends[0], -1, 0, 1};
  ASSERT_EQ(sbp_notify_add_fd(child.listener, call.id, &answer, &number, &error), SBP_OK) << error.text;
  call = child.receive();
  const sbp_add_fd placed{ends[0], 77, 1, 0};
  int at = -1;
  EXPECT_EQ(sbp_notify_add_fd(child.listener, call.id, &placed, &at, &error), SBP_OK) << error.text;
  EXPECT_EQ(at, 77);
  const sbp_add_fd closed{9999, -1, 0, 0};
  EXPECT_EQ(sbp_notify_add_fd(child.listener, call.id, &closed, nullptr, &error), SBP_E_REFUSED);
  EXPECT_EQ(error.sys_errno, EBADF);
  EXPECT_EQ(sbp_notify_return(child.listener, call.id, 5, nullptr), SBP_OK);
  const Found& found = child.end();
  EXPECT_EQ(found.results[0], number);
  EXPECT_EQ(found.results[1], 'x');
  EXPECT_EQ(found.results[2], 5);
  EXPECT_EQ(found.results[3], FD_CLOEXEC);
  close(ends[0]);
  close(ends[1]);
}

TEST(Notify, ACallThatIsGoneIsToldApart) {
  NEEDS_LISTENERS();
  Supervised child([](Found& found) { ask(found, 0); });
  const sbp_call call = child.receive();
  child.kill_it();
  sbp_error error{};
  EXPECT_EQ(sbp_notify_valid(child.listener, call.id), 0);
  EXPECT_EQ(sbp_notify_return(child.listener, call.id, 0, &error), SBP_E_GONE);
  EXPECT_NE(std::strstr(error.text, "needs no answer any more"), nullptr) << error.text;
  EXPECT_EQ(sbp_notify_continue(child.listener, call.id, nullptr), SBP_E_GONE);
  const sbp_add_fd add{0, -1, 0, 0};
  EXPECT_EQ(sbp_notify_add_fd(child.listener, call.id, &add, nullptr, nullptr), SBP_E_GONE);
  char buffer[8];
  size_t got = 9;
  const sbp_read read{call.instruction_pointer, buffer, sizeof buffer};
  EXPECT_EQ(sbp_notify_read(child.listener, &call, &read, &got, nullptr), SBP_E_GONE);
  EXPECT_EQ(got, 0U);
  sbp_call next{};
  EXPECT_EQ(sbp_notify_receive(child.listener, kSeconds * 1000, &next, &error), SBP_E_CLOSED) << error.text;
}

TEST(Notify, WaitingEnds) {
  NEEDS_LISTENERS();
  std::array<int, 2> hold{};
  ASSERT_EQ(pipe(hold.data()), 0);
  Supervised child([&](Found&) {
    char byte = 0;
    close(hold[1]);
    if (read(hold[0], &byte, 1) != 0) _exit(7);
  });
  sbp_call call{};
  sbp_error error{};
  EXPECT_EQ(sbp_notify_receive(child.listener, 1, &call, &error), SBP_E_TIMEOUT);
  EXPECT_EQ(sbp_notify_receive(child.listener, 0, &call, &error), SBP_E_TIMEOUT);
  close(hold[0]);
  close(hold[1]);
  child.end();  // Linux 6.1 counts who has not been waited for
  EXPECT_EQ(sbp_notify_receive(child.listener, -1, &call, &error), SBP_E_CLOSED) << error.text;
}

// Who holds the listener dies while a call waits: that call and those after it fail, and nobody hangs.
TEST(Notify, ASupervisorThatDies) {
  NEEDS_LISTENERS();
  Supervised child([](Found& found) {
    ask(found, 0);
    ask(found, 1);
  });
  const pid_t supervisor = fork();
  if (supervisor == 0) {
    sbp_call call{};
    _exit(sbp_notify_receive(child.listener, kSeconds * 1000, &call, nullptr) == SBP_OK ? 0 : 1);
  }
  close(child.listener);
  child.listener = -1;
  EXPECT_EQ(wait_for(supervisor), 0);
  const Found& found = child.end();
  for (int i = 0; i < 2; i++) {
    EXPECT_EQ(found.results[i], -1);
    EXPECT_EQ(found.errors[i], ENOSYS);
  }
}

void count_signal(Found& found) {
  static Found* shared = nullptr;
  shared = &found;
  struct sigaction action {};
  action.sa_handler = [](int) { shared->handled = shared->handled + 1; };
  sigaction(SIGUSR1, &action, nullptr);
}

// Without wait_killable a handled signal takes the call back.
TEST(Notify, ASignalInterruptsTheCall) {
  NEEDS_LISTENERS();
  Supervised child([](Found& found) {
    count_signal(found);
    ask(found, 0);
  });
  const sbp_call call = child.receive();
  kill(child.pid(), SIGUSR1);
  for (int i = 0; i < 10'000 && sbp_notify_valid(child.listener, call.id) == 1; i++) usleep(1000);
  EXPECT_EQ(sbp_notify_return(child.listener, call.id, 3, nullptr), SBP_E_GONE);
  const Found& found = child.end();
  EXPECT_EQ(found.results[0], -1);
  EXPECT_EQ(found.errors[0], EINTR);
  EXPECT_EQ(found.handled, 1);
}

TEST(Notify, WhatKeepsItFromWaitingAndHandingOverIsSaid) {
  NEEDS_LISTENERS();
  Supervised child([](Found& found) { ask(found, 0); });
  sbp_error error{};
  const sbp_call call = child.receive();
  const sbp_add_fd closed{9998, -1, 0, 0};
  EXPECT_EQ(sbp_notify_add_fd(child.listener, call.id, &closed, nullptr, &error), SBP_E_REFUSED);
  EXPECT_EQ(error.sys_errno, EBADF);
  EXPECT_STREQ(error.text, "the descriptor that is to be handed over is not open here (EBADF): open it first");
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};
  sigaction(SIGALRM, &action, &before);
  itimerval soon{{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, nullptr);
  sbp_call next{};
  EXPECT_EQ(sbp_notify_receive(child.listener, kSeconds * 1000, &next, &error), SBP_E_TIMEOUT);
  EXPECT_EQ(error.sys_errno, EINTR);
  EXPECT_STREQ(error.text, "a signal came before a call did: wait again, or end");
  sigaction(SIGALRM, &before, nullptr);
  EXPECT_EQ(sbp_notify_return(child.listener, call.id, 0, &error), SBP_OK) << error.text;
  child.end();
}

TEST(Notify, WaitKillableKeepsTheCall) {
  NEEDS_LISTENERS();
  if (sbp_supported(SBP_FLAG, SBP_WAIT_KILLABLE) == 0) GTEST_SKIP() << "kernel without wait_killable (before 5.19)";
  Supervised child(
      [](Found& found) {
        count_signal(found);
        ask(found, 0);
      },
      SBP_WAIT_KILLABLE);
  const sbp_call call = child.receive();
  kill(child.pid(), SIGUSR1);
  usleep(20'000);  // long enough for a kernel that is wrong to take the call back; a right one never does
  EXPECT_EQ(sbp_notify_return(child.listener, call.id, 3, nullptr), SBP_OK);
  const Found& found = child.end();
  EXPECT_EQ(found.results[0], 3);
  EXPECT_EQ(found.handled, 1);
}

TEST(Notify, MemoryIsReadUpToWhereItEnds) {
  NEEDS_LISTENERS();
  const long page = sysconf(_SC_PAGESIZE);
  auto* const pages = static_cast<char*>(
      mmap(nullptr, static_cast<size_t>(3 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char* const text = pages + page - 3;  // crosses into the second page
  std::strcpy(text, "/srv/data");
  ASSERT_EQ(mprotect(pages + 2 * page, static_cast<size_t>(page), PROT_NONE), 0);
  Supervised child([&](Found& found) {
    ask(found, 0, static_cast<long>(reinterpret_cast<intptr_t>(text)));
    ask(found, 1, static_cast<long>(reinterpret_cast<intptr_t>(pages + 2 * page - 4)));
    ask(found, 2, 8);
  });
  sbp_error error{};
  std::array<char, 64> buffer{};
  size_t got = 0;
  const auto read_argument = [&](const sbp_call& call) {
    const sbp_read read{call.args[0], buffer.data(), buffer.size()};
    const sbp_status status = sbp_notify_read(child.listener, &call, &read, &got, &error);
    EXPECT_EQ(sbp_notify_return(child.listener, call.id, 0, nullptr), SBP_OK);
    return status;
  };
  EXPECT_EQ(read_argument(child.receive()), SBP_OK) << error.text;
  EXPECT_EQ(got, buffer.size());
  EXPECT_STREQ(buffer.data(), "/srv/data");
  EXPECT_EQ(read_argument(child.receive()), SBP_OK) << error.text;
  EXPECT_EQ(got, 4U);
  EXPECT_EQ(read_argument(child.receive()), SBP_E_REFUSED);
  EXPECT_EQ(error.sys_errno, EFAULT);
  EXPECT_EQ(got, 0U);
  child.end();
}

TEST(Notify, MistakesOfTheCallerAreErrors) {
  sbp_error error{};
  sbp_call call{};
  call.tid = kNobody;
  EXPECT_EQ(sbp_notify_receive(-1, 0, nullptr, &error), SBP_E_ARGUMENT);
  for (const int negative : {-1, -7}) {  // for ever: poll() leaves them out
    EXPECT_EQ(sbp_notify_receive(negative, -1, &call, &error), SBP_E_REFUSED);
    EXPECT_EQ(error.sys_errno, EBADF);
  }
  EXPECT_EQ(sbp_notify_receive(9999, 0, &call, &error), SBP_E_REFUSED);
  EXPECT_NE(std::strstr(error.text, "is the descriptor the listener"), nullptr) << error.text;
  EXPECT_EQ(sbp_notify_return(9999, 1, 0, &error), SBP_E_REFUSED);
  EXPECT_EQ(error.sys_errno, EBADF);
  EXPECT_EQ(sbp_notify_fail(9999, 1, 0, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_notify_fail(9999, 1, 4096, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_notify_add_fd(9999, 1, nullptr, nullptr, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_notify_read(9999, &call, nullptr, nullptr, &error), SBP_E_ARGUMENT);
  EXPECT_EQ(sbp_notify_valid(9999, 1), 0);
  const int file = open("/dev/null", O_RDWR | O_CLOEXEC);
  EXPECT_EQ(sbp_notify_return(file, 1, 0, &error), SBP_E_REFUSED);
  EXPECT_EQ(error.sys_errno, ENOTTY);
  EXPECT_EQ(sbp_notify_continue(file, 1, &error), SBP_E_REFUSED) << "not a kernel that is too old";
  EXPECT_NE(std::strstr(error.text, "is the descriptor the listener"), nullptr) << error.text;
  const sbp_add_fd closed{9998, -1, 0, 0};
  EXPECT_EQ(sbp_notify_add_fd(file, 1, &closed, nullptr, &error), SBP_E_REFUSED);
  EXPECT_EQ(error.sys_errno, ENOTTY);
  close(file);
}

}  // namespace
}  // namespace sbpc::runtime_test
