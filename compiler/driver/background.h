// background.h: work on another thread while this one goes on, and its result. WebAssembly has one thread: there the
// work is done when it is asked for.
//
// Tested by test/cli/import_*.test.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
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

}  // namespace sbpc::driver
