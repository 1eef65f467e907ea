// bpf/verify and bpf/interpret against the running kernel: it accepts what verify accepts, it answers what interpret
// answers.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "bpf/disasm.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "target/actions.h"
#include "unit/bpf/random_programs.h"

#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1UL << 4)
#endif

namespace sbpc::bpf {
namespace {

using testing::Random;

long install(const Insns& insns, unsigned long flags) {
  static_assert(sizeof(Insn) == sizeof(sock_filter));
  // The kernel copies the program; it does not write to it.
  sock_fprog program{static_cast<unsigned short>(insns.size()),
                     reinterpret_cast<sock_filter*>(const_cast<Insn*>(insns.data()))};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0 ? 0 : errno;
}

constexpr int kPatienceMs = 60'000;  // for a child that says nothing

// Runs `body` in a child; its output is what the child wrote to the descriptor, its status as from waitpid. A child
// that hangs in the kernel can't be killed, so nobody waits for it.
template <class Body>
std::pair<std::string, int> in_child(Body body, int patience_ms = kPatienceMs) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    body(ends[1]);
    _exit(0);
  }
  close(ends[1]);
  std::string output;
  char buffer[4096];
  pollfd readable{ends[0], POLLIN, 0};
  bool ended = false;
  while (!ended && poll(&readable, 1, patience_ms) == 1) {
    ssize_t got = read(ends[0], buffer, sizeof buffer);
    ended = got <= 0;
    if (!ended) output.append(buffer, static_cast<size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  if (!ended) kill(child, SIGKILL);
  waitpid(child, &status, ended ? 0 : WNOHANG);
  return {ended ? output : "hangs", status};
}

void put(int fd, const std::string& text) {
  if (write(fd, text.data(), text.size()) < 0) _exit(9);
}

bool kernel_takes_filters(std::string& why) {
  auto [output, status] = in_child(
      [](int fd) {
        long error = install({{kRetK, 0, 0, SECCOMP_RET_ALLOW}}, 0);
        put(fd, error == 0 ? "ok" : std::strerror(static_cast<int>(error)));
      },
      10'000);
  why = "the kernel takes no seccomp filters here: " + output;
  return output == "ok";
}

// Lets the kernel catch up. It frees a program later, in a work queue that runs at most 1,024 items at once; when all
// of these wait for one that frees JIT memory and that one waits for an item behind them (bpf_prog_pack_free, vfree,
// __purge_vmap_area_lazy), nothing on the machine can install a filter any more. Linux 6.18 was seen to lock up so, and
// a burst of programs is all it takes.
class Pace {
 public:
  // To be called before each installation. False: no more for now.
  bool may_install() {
    if (++installed_ % kBatch != 0) return true;
    for (int i = 0; i < 500; ++i) {
      std::optional<size_t> alive = programs_alive();
      if (!alive) return installed_ < kUnseen;
      if (*alive < kBatch) return true;
      usleep(10'000);
    }
    return false;
  }

 private:
  static constexpr uint32_t kBatch = 64;
  static constexpr uint32_t kUnseen = 512;  // installations, where nobody lets us see what is alive

  // Of the whole machine; only root may look.
  static std::optional<size_t> programs_alive() {
    std::ifstream areas("/proc/vmallocinfo");
    if (!areas) return std::nullopt;
    size_t count = 0;
    for (std::string line; std::getline(areas, line);) count += line.find("bpf_prog_alloc") != std::string::npos;
    return count;
  }
  uint32_t installed_ = 0;
};

// Asks for an installation on all threads while another thread has a filter of its own: the kernel then checks the
// program and, if it accepts it, gives up without installing it (ESRCH). So one process can ask about any number of
// programs.
void check_acceptance(int fd, uint32_t seed, uint32_t count) {
  std::thread other([] {
    install({{kRetK, 0, 0, SECCOMP_RET_ALLOW}}, 0);
    for (;;) pause();
  });
  other.detach();
  while (install({{kRetK, 0, 0, SECCOMP_RET_LOG}}, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH) !=
         ESRCH) {
    usleep(1000);
  }
  Random random(seed);
  Pace pace;
  uint32_t asked = 0;
  uint32_t accepted = 0;
  std::string report;
  for (; asked < count && report.empty() && pace.may_install(); ++asked) {
    Insns insns = testing::random_program(random, random.below(30));
    for (uint32_t changes = random.below(3); changes > 0 && insns.size() > 1; --changes) testing::mutate(random, insns);
    if (random.one_in(200)) insns.resize(4090 + random.below(9), Insn{kRetK, 0, 0, 0});
    long answer = install(insns, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
    std::optional<Error> refusal = kernel_refusal(insns);
    accepted += answer == ESRCH;
    if (refusal ? answer == EINVAL : answer == ESRCH) continue;
    report = std::string("kernel: ") + std::strerror(static_cast<int>(answer)) +
             ", verify: " + (refusal ? refusal->text : "accepted") + "\n" + disassemble(insns, false);
  }
  put(fd, report.empty() ? "accepted " + std::to_string(accepted) + " " + std::to_string(asked) : report);
}

void accept_what_verify_accepts(uint32_t programs) {
  std::string why;
  if (!kernel_takes_filters(why)) GTEST_SKIP() << why;
  auto [output, status] = in_child([programs](int fd) { check_acceptance(fd, 1, programs); });
  ASSERT_EQ(output.substr(0, 9), "accepted ") << output;
  // Both answers are frequent, or the test would say little.
  size_t length = 0;
  const long accepted = std::stol(output.substr(9), &length);
  const long asked = std::stol(output.substr(9 + length));
  EXPECT_GT(accepted, asked / 4);
  EXPECT_LT(accepted, asked * 3 / 4);
  ::testing::Test::RecordProperty("programs", std::to_string(asked));
}

TEST(Kernel, AcceptsWhatVerifyAccepts) { accept_what_verify_accepts(4000); }
TEST(Kernel, SlowAcceptsWhatVerifyAccepts) { accept_what_verify_accepts(20000); }

#if defined(__x86_64__)

constexpr uint32_t kFirstFreeNr = 2000;  // no system call has such a number: allowed, it answers ENOSYS
constexpr uint32_t kFreeNrs = 1U << 20;

// What the kernel answers to a call, and the instruction pointer it saw.
[[gnu::noipa]] long raw_call(uint32_t nr, const uint64_t (&args)[6], uint64_t* ip) {
  long result = 0;
  uint64_t seen = 0;
  register uint64_t r10 asm("r10") = args[3];
  register uint64_t r8 asm("r8") = args[4];
  register uint64_t r9 asm("r9") = args[5];
  asm volatile("lea 1f(%%rip), %1\n\tsyscall\n1:"
               : "=a"(result), "=&r"(seen)
               : "a"(uint64_t{nr}), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  *ip = seen;
  return result;
}

// Lets the process live under a random program: its own calls are allowed, every answer is an errno or an allow.
Insns livable(Random& random) {
  Insns insns = {{kLdAbs, 0, 0, 0}, {kJgeK, 1, 0, kFirstFreeNr}, {kRetK, 0, 0, SECCOMP_RET_ALLOW}};
  for (Insn insn : testing::random_program(random, random.below(60))) {
    if (insn.code == kRetK) insn.k = random.one_in(4) ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | insn.k % 4096;
    if (insn.code == 0x16) insn = {0x04, 0, 0, 7};  // ret a: only at the end, tamed
    insns.push_back(insn);
  }
  // Half of the programs end by showing what A is.
  if (random.one_in(2)) {
    insns.back() = {kAndK, 0, 0, 0xfff};
    insns.push_back({0x44, 0, 0, SECCOMP_RET_ERRNO});
    insns.push_back({0x16, 0, 0, 0});
  }
  return insns;
}

long expected_result(uint32_t word) {
  if ((word & 0xffff0000U) == SECCOMP_RET_ERRNO) return -static_cast<long>(word & 0xffffU);
  return -ENOSYS;
}

void check_answers(int fd, uint32_t seed, uint32_t calls) {
  Random random(seed);
  Insns insns = livable(random);
  if (kernel_refusal(insns)) return put(fd, "verify refuses its own program\n" + disassemble(insns, false));
  if (install(insns, 0) != 0) return put(fd, "the kernel refuses\n" + disassemble(insns, false));
  uint32_t made = 0;
  for (uint32_t i = 0; i < calls; ++i) {
    target::SeccompData data = testing::random_call(random);
    data.arch = AUDIT_ARCH_X86_64;
    data.nr = static_cast<int32_t>(kFirstFreeNr + static_cast<uint32_t>(data.nr) % kFreeNrs);
    uint64_t unused = 0;
    const uint64_t none[6] = {};
    raw_call(kFirstFreeNr - 1, none, &data.instruction_pointer);  // the address is that of the one syscall instruction
    uint32_t word = interpret(insns, data, false).word;
    if (word == SECCOMP_RET_KILL_THREAD) continue;  // a division by zero
    long result = raw_call(static_cast<uint32_t>(data.nr), data.args, &unused);
    ++made;
    if (result == expected_result(word)) continue;
    return put(fd, "nr " + std::to_string(data.nr) + ": kernel " + std::to_string(result) + ", interpreter " +
                       std::to_string(expected_result(word)) + "\n" + disassemble(insns, false));
  }
  put(fd, "made " + std::to_string(made));
}

void answer_what_interpret_answers(uint32_t seeds) {
  std::string why;
  if (!kernel_takes_filters(why)) GTEST_SKIP() << why;
  long made = 0;
  Pace pace;
  uint32_t seed = 0;
  for (; seed < seeds && pace.may_install(); ++seed) {
    auto [output, status] = in_child([seed](int fd) { check_answers(fd, seed, 600); });
    ASSERT_EQ(output.substr(0, 5), "made ") << "seed " << seed << ", status " << status << "\n" << output;
    made += std::stol(output.substr(5));
  }
  EXPECT_GT(made, long{seed} * 300);
  ::testing::Test::RecordProperty("calls", std::to_string(made));
}

TEST(Kernel, AnswersWhatInterpretAnswers) { answer_what_interpret_answers(100); }
TEST(Kernel, SlowAnswersWhatInterpretAnswers) { answer_what_interpret_answers(500); }

TEST(Kernel, EndsADivisionByZeroWithKillThread) {
  std::string why;
  if (!kernel_takes_filters(why)) GTEST_SKIP() << why;
  const Insns insns = {{kLdAbs, 0, 0, 0},
                       {kJgeK, 1, 0, kFirstFreeNr},
                       {kRetK, 0, 0, SECCOMP_RET_ALLOW},
                       {0x3c, 0, 0, 0},
                       {kRetK, 0, 0, SECCOMP_RET_ERRNO | 1}};
  target::SeccompData data;
  data.nr = kFirstFreeNr;
  EXPECT_EQ(interpret(insns, data, false).word, static_cast<uint32_t>(SECCOMP_RET_KILL_THREAD));
  auto [output, status] = in_child([&insns](int fd) {
    install(insns, 0);
    uint64_t ip = 0;
    const uint64_t none[6] = {};
    raw_call(kFirstFreeNr, none, &ip);
    put(fd, "survived");
  });
  EXPECT_EQ(output, "");
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

#endif

}  // namespace
}  // namespace sbpc::bpf
