// SBP_TSYNC: all threads or none, and the thread that stands in the way is named.
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>

#include "child.h"

namespace sbpc::runtime_test {
namespace {

constexpr uint32_t kErrno7 = SECCOMP_RET_ERRNO | 7;

// Threads that wait, then each looks whether it is filtered.
class Crew {
 public:
  Crew(int size, bool first_diverges) {
    pthread_barrier_init(&ready_, nullptr, static_cast<unsigned>(size) + 1);
    pthread_barrier_init(&go_, nullptr, static_cast<unsigned>(size) + 1);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    threads_.resize(static_cast<size_t>(size));
    diverge_ = first_diverges;
    for (pthread_t& thread : threads_) {
      if (pthread_create(&thread, &attributes, &Crew::work, this) != 0) _exit(8);
    }
    pthread_barrier_wait(&ready_);
  }
  // How many threads saw the filter.
  int look() {
    pthread_barrier_wait(&go_);
    for (pthread_t thread : threads_) pthread_join(thread, nullptr);
    return filtered_;
  }
  [[nodiscard]] pid_t diverged() const { return diverged_; }

 private:
  static void* work(void* self) {
    static_cast<Crew*>(self)->run();
    return nullptr;
  }
  void run() {
    if (diverge_.exchange(false)) {
      const sock_filter own[] = {ret(kAllow)};
      if (sbp_install_array({own, 1}, 0, nullptr, nullptr) != SBP_OK) _exit(9);
      diverged_ = static_cast<pid_t>(syscall(SYS_gettid));
    }
    pthread_barrier_wait(&ready_);
    pthread_barrier_wait(&go_);
    if (syscall(SYS_getppid) == -1 && errno == 7 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) filtered_++;
  }

  pthread_barrier_t ready_{}, go_{};
  std::vector<pthread_t> threads_;
  std::atomic<bool> diverge_{false};
  std::atomic<pid_t> diverged_{0};
  std::atomic<int> filtered_{0};
};

struct Synced {
  sbp_status status;
  sbp_error error;
  int filtered;
  pid_t diverged;
  long filters;  // of the thread that called
};

ChildResult<Synced> sync(int threads, bool diverge, unsigned flags) {
  return in_child<Synced>([=](Synced& out) {
    Crew crew(threads, diverge);
    const Insns insns = deny(SYS_getppid, kErrno7);
    out.status = sbp_install_array(array_of(insns), flags, nullptr, &out.error);
    out.filters = proc_status("Seccomp_filters");
    out.diverged = crew.diverged();
    out.filtered = crew.look();
  });
}

#define SKIP_WITHOUT_TSYNC()                                                                    \
  if (sbp_supported(SBP_FLAG, SBP_TSYNC | SBP_NEW_LISTENER) == 0 || proc_status("Seccomp") < 0) \
  GTEST_SKIP() << "this kernel or sandbox refuses seccomp"

TEST(Threads, WithoutTsyncOnlyThisOne) {
  SKIP_WITHOUT_TSYNC();
  auto child = sync(4, false, 0);
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.status, SBP_OK);
  EXPECT_EQ(child.found.filters, 1);
  EXPECT_EQ(child.found.filtered, 0);
}

TEST(Threads, TsyncReachesAThousand) {
  SKIP_WITHOUT_TSYNC();
  auto child = sync(1000, false, SBP_TSYNC);
  ASSERT_TRUE(child.exited()) << "status " << child.status;
  EXPECT_EQ(child.found.status, SBP_OK) << child.found.error.text;
  EXPECT_EQ(child.found.filtered, 1000);
}

TEST(Threads, TsyncWithListenerReachesAll) {
  SKIP_WITHOUT_TSYNC();
  auto child = sync(4, false, SBP_TSYNC | SBP_NEW_LISTENER);
  EXPECT_EQ(child.found.status, SBP_OK) << child.found.error.text;
  EXPECT_EQ(child.found.filtered, 4);
}

TEST(Threads, ADivergedThreadIsNamedAndNobodyIsFiltered) {
  SKIP_WITHOUT_TSYNC();
  auto child = sync(8, true, SBP_TSYNC);
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.status, SBP_E_THREAD);
  EXPECT_GT(child.found.diverged, 0);
  EXPECT_EQ(child.found.error.tid, child.found.diverged);
  EXPECT_NE(std::string(child.found.error.text).find("thread " + std::to_string(child.found.diverged)),
            std::string::npos);
  EXPECT_EQ(child.found.filters, 0);
  EXPECT_EQ(child.found.filtered, 0);
}

TEST(Threads, WithAListenerTheDivergedThreadIsUnknown) {
  SKIP_WITHOUT_TSYNC();
  auto child = sync(8, true, SBP_TSYNC | SBP_NEW_LISTENER);
  ASSERT_TRUE(child.exited());
  EXPECT_EQ(child.found.status, SBP_E_THREAD) << child.found.error.text;
  EXPECT_EQ(child.found.error.tid, 0);
  EXPECT_EQ(child.found.filtered, 0);
}

}  // namespace
}  // namespace sbpc::runtime_test
