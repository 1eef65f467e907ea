// lsp.cpp: `sbpc lsp`: the language server on standard input and output. The protocol is lsp/server; here are the
// streams, and the threads on which files are checked and tests run while questions are answered.
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "diag/kinds/command_line.def"
#include "driver/exit_code.h"
#include "driver/files.h"
#include "driver/help.h"
#include "driver/lsp_world.h"
#include "driver/session.h"
#include "lsp/server.h"

namespace sbpc::driver {
namespace {

// The work that counts, beside the main thread, and at most one before it that has been told to stop: it does so
// between two stages, and nobody waits for it. What was found is fetched after the pipe has become readable.
template <class Found>
class Worker {
  // Of nice(2): a third of the share. With less it would end so late that the work after the next had to wait for it.
  static constexpr int kLessUrgent = 5;

 public:
  // Says what it finds as long as it is to go on.
  using Work = std::function<void(const std::function<bool()>& go_on, const std::function<void(Found)>& done)>;

  Worker() { open_ = ::pipe(pipe_.data()) == 0; }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    stop();
    for (Run& run : runs_) run.thread.join();
    for (const int fd : pipe_) ::close(fd);
  }

  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] bool can_start() const { return runs_.empty() || (runs_.size() == 1 && runs_.front().stopped); }
  [[nodiscard]] int ready_fd() const { return pipe_[0]; }
  // Only of work that is to be done again or that nobody wants: what it finds from now on, or has found, is dropped.
  // It gives way to the others.
  void stop() {
    if (runs_.empty() || runs_.back().stopped) return;
    runs_.back().stopped = true;
    const std::lock_guard lock(mutex_);
    const Run& run = runs_.back();
    if (run.thread_id == 0 || run.ended) return;
    const int urgency = ::getpriority(PRIO_PROCESS, 0);
    static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(run.thread_id), urgency + kLessUrgent));
  }

  void start(Work work) {
    Run& run = runs_.emplace_back();
    run.thread = std::thread([this, &run, work = std::move(work)] {
      {
        const std::lock_guard lock(mutex_);
        run.thread_id = ::gettid();
      }
      work([&run] { return !run.stopped; }, [this, &run](Found found) { put(run, std::move(found)); });
      put(run, std::nullopt);
    });
  }

  // What has been found since.
  [[nodiscard]] std::vector<Found> take() {
    std::array<char, 64> bytes{};
    static_cast<void>(::read(pipe_[0], bytes.data(), bytes.size()));
    const std::lock_guard lock(mutex_);
    std::vector<Found> found;
    for (auto run = runs_.begin(); run != runs_.end();) {
      for (Found& each : run->results) {
        if (!run->stopped) found.push_back(std::move(each));
      }
      run->results.clear();
      if (run->ended) run->thread.join();  // it has only to return
      run = run->ended ? runs_.erase(run) : std::next(run);
    }
    return found;
  }

 private:
  struct Run {
    std::thread thread;
    std::atomic<bool> stopped = false;
    pid_t thread_id = 0;         // guarded by mutex_
    bool ended = false;          // guarded by mutex_
    std::vector<Found> results;  // guarded by mutex_
  };

  // Without a result: the end.
  void put(Run& run, std::optional<Found> found) {
    const std::lock_guard lock(mutex_);
    if (found) run.results.push_back(std::move(*found));
    if (!found) run.ended = true;
    const char byte = 0;
    while (::write(pipe_[1], &byte, 1) < 0 && errno == EINTR) {
    }
  }

  std::array<int, 2> pipe_{-1, -1};
  bool open_ = false;
  std::mutex mutex_;
  std::list<Run> runs_;  // the latest last; the main thread's, but for what is guarded
};

class Loop {
 public:
  Loop(lsp::Server& server, const lsp::World& world) : server_(server), world_(world) {}
  [[nodiscard]] bool is_open() const { return checker_.is_open() && tester_.is_open(); }

  // What the process answers; nullopt: a stream failed.
  [[nodiscard]] std::optional<int> run() {
    while (!server_.exit_code()) {
      const bool busy = server_.has_work();
      if (!wait(busy ? 0 : -1)) return std::nullopt;
      if (server_.has_work()) server_.step();
      begin_work();
      for (const std::string& body : server_.take_output()) {
        if (!write_stdout(lsp::framed(body))) return std::nullopt;
      }
      if (at_end_ && !server_.has_work() && !server_.exit_code()) return kExitNo;  // the editor is gone without a word
    }
    return server_.exit_code();
  }

 private:
  void begin_work() {
    if (server_.job_is_stale()) checker_.stop();
    if (checker_.can_start()) {
      if (auto job = server_.take_job()) {
        checker_.start([this, job = std::move(*job)](const auto& go_on, const auto& done) mutable {
          lsp::run_job(world_, job, go_on, done);
        });
      }
    }
    if (server_.test_is_stale()) tester_.stop();
    if (!tester_.can_start()) return;
    if (auto test = server_.take_test()) {
      tester_.start([this, test = std::move(*test)](const auto& go_on, const auto& done) mutable {
        lsp::run_test_job(world_, test, go_on, done);
      });
    }
  }

  // Takes what has come; waits for something if there is nothing to do.
  bool wait(int milliseconds) {
    std::array<pollfd, 3> fds = {pollfd{checker_.ready_fd(), POLLIN, 0}, pollfd{tester_.ready_fd(), POLLIN, 0},
                                 pollfd{STDIN_FILENO, POLLIN, 0}};
    const bool listen = !at_end_ && !server_.is_full();
    if (at_end_) milliseconds = 0;
    if (::poll(fds.data(), listen ? 3 : 2, milliseconds) < 0) return errno == EINTR;
    if (fds[0].revents != 0) {
      for (lsp::Checked& checked : checker_.take()) server_.finish(std::move(checked));
    }
    if (fds[1].revents != 0) {
      for (lsp::TestDone& done : tester_.take()) server_.finish(std::move(done));
    }
    return !listen || fds[2].revents == 0 || read_some();
  }

  bool read_some() {
    static constexpr size_t kBytes = size_t{1} << 16;
    std::array<char, kBytes> bytes;
    const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    at_end_ = got == 0;
    framer_.feed({bytes.data(), static_cast<size_t>(got)});
    while (auto frame = framer_.next()) server_.receive(std::move(*frame));
    return true;
  }

  lsp::Server& server_;
  const lsp::World& world_;
  Worker<lsp::Checked> checker_;
  Worker<lsp::TestDone> tester_;
  lsp::Framer framer_;
  bool at_end_ = false;
};

}  // namespace

int command_lsp(Session& session) {
  if (!session.arguments.rest.empty())
    session.sink.report(diag::kinds::ExtraArgument, {}, session.arguments.rest.front());
  if (session.sink.has_errors()) return finish(session);
  LspWorld world(session);
  lsp::Server server(world, std::string(version_number()));
  Loop loop(server, world);
  if (!loop.is_open()) return kExitEnvironment;
  const auto code = loop.run();
  return code.value_or(kExitEnvironment);
}

}  // namespace sbpc::driver
