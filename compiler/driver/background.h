// background.h: work on another thread while this one goes on, and its result. WebAssembly has one thread: there the
// work is done when it is asked for.
//
// Tested by test/cli/import_*.test.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>
#ifndef __EMSCRIPTEN__
#include <future>
#include <thread>
#endif

namespace sbpc::driver {

#ifdef __EMSCRIPTEN__

inline size_t processors() { return 1; }

template <class Result>
class Background {
 public:
  explicit Background(std::function<Result()> work) : work_(std::move(work)) {}
  [[nodiscard]] Result get() { return work_(); }

 private:
  std::function<Result()> work_;
};

#else

inline size_t processors() { return std::thread::hardware_concurrency(); }  // 0: not known

template <class Result>
class Background {
 public:
  // What `work` refers to must outlive this: the destructor waits for its end. Where the system grants no thread it
  // runs in get().
  explicit Background(std::function<Result()> work)
      : future_(std::async(std::launch::async | std::launch::deferred, std::move(work))) {}
  [[nodiscard]] Result get() { return future_.get(); }  // once

 private:
  std::future<Result> future_;
};

#endif

template <class Result>
using Work = std::function<Result(size_t part)>;

// The results of all parts, in their order; that of the first is found on this thread. At least one part.
template <class Result>
std::vector<Result> at_once(size_t parts, const Work<Result>& work) {
  std::deque<Background<Result>> running;
  for (size_t i = 1; i < parts; ++i) running.emplace_back([&work, i] { return work(i); });
  std::vector<Result> results;
  results.push_back(work(0));
  for (Background<Result>& one : running) results.push_back(one.get());
  return results;
}

}  // namespace sbpc::driver
