// ask_kernel.cpp: the program as it is answers kills, traps and errnos by deed; what may run is asked again with its
// answers renamed, which tells allow, log, trace and notify apart. Tested by test/cli/test_in_kernel.test and
// test/unit/driver/ask_kernel_test.cpp.
#include "driver/ask_kernel.h"

#include <linux/filter.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "probe.h"
#include "probe_calls.h"

namespace sbpc::driver {
namespace {

constexpr int kPatienceMs = 20000;  // for all events together; they take microseconds

// Shared with the child. The strings are literals of this program, at the same address in both.
struct Board {
  const char* trouble;
  probe_verdict verdicts[];
};

class SharedBoard {
 public:
  explicit SharedBoard(size_t events) : size_(sizeof(Board) + events * sizeof(probe_verdict)) {
    void* memory = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    board_ = memory == MAP_FAILED ? nullptr : static_cast<Board*>(memory);
  }
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;
  ~SharedBoard() {
    if (board_ != nullptr) ::munmap(board_, size_);
  }
  [[nodiscard]] Board* get() const { return board_; }

 private:
  size_t size_;
  Board* board_ = nullptr;
};

struct ProbeQuestion {
  std::vector<sock_filter> insns;
  std::vector<probe_event> events;
};

// In the child.
void ask(const ProbeQuestion& question, Board& board) {
  board.trouble = probe_seccomp_refused();
  if (board.trouble != nullptr) return;
  probe_job job{PROBE_ACTIONS, question.insns.data(), question.insns.size(), question.events.data(),
                question.events.size()};
  board.trouble = probe_run(&job, board.verdicts);
  if (board.trouble != nullptr) return;
  std::vector<probe_verdict> renamed(question.events.size());
  job.mode = PROBE_WORDS;
  board.trouble = probe_run(&job, renamed.data());
  for (size_t i = 0; board.trouble == nullptr && i < renamed.size(); ++i) {
    if (board.verdicts[i].kind == PROBE_MAY_RUN) board.verdicts[i] = renamed[i];
  }
}

const char* wait_for(pid_t child) {
  for (int waited = 0; waited < kPatienceMs; ++waited) {
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) return status == 0 ? nullptr : "the process that asks the kernel has crashed";
    if (ended < 0 && errno != EINTR) return "the process that asks the kernel is lost";
    const timespec millisecond{0, 1000000};
    ::nanosleep(&millisecond, nullptr);
  }
  ::kill(child, SIGKILL);
  return "this kernel is stuck: installing a filter has not returned for 20 s";
}

}  // namespace

bool can_make_calls(target::Abi abi) {
  const uint32_t arch = target::info(abi).audit_arch;
  return PROBE_NATIVE_ARCH != 0 && (arch == PROBE_NATIVE_ARCH || arch == PROBE_COMPAT_ARCH);
}

KernelAnswers ask_kernel(const bpf::Insns& program, std::span<const target::SeccompData> events) {
  ProbeQuestion question;
  for (const bpf::Insn& insn : program) question.insns.push_back({insn.code, insn.jt, insn.jf, insn.k});
  for (const target::SeccompData& event : events) {
    probe_event& one = question.events.emplace_back(probe_event{event.arch, event.nr, {}});
    for (size_t i = 0; i < 6; ++i) one.args[i] = event.args[i];
  }
  SharedBoard shared(events.size());
  Board* board = shared.get();
  if (board == nullptr) return {"there is no memory for the answers", {}};
  const pid_t child = ::fork();
  if (child < 0) return {"no process can be started", {}};
  if (child == 0) {
    ask(question, *board);
    ::_exit(0);
  }
  const char* trouble = wait_for(child);
  if (trouble == nullptr) trouble = board->trouble;
  if (trouble != nullptr) return {trouble, {}};
  KernelAnswers answers;
  for (size_t i = 0; i < events.size(); ++i) {
    const probe_verdict& verdict = board->verdicts[i];
    answers.words.push_back(verdict.kind == PROBE_WORD ? std::optional(verdict.word) : std::nullopt);
  }
  return answers;
}

}  // namespace sbpc::driver
