// tasks.h: which of the processes and threads of a trace ended. For this folder only.
//
// strace tells an end by `+++ exited with 0 +++`, `+++ killed by SIGKILL +++`; with -qq by nothing. Then what is known
// is who called exit_group or exit, whose call did not return (`= ?`), and who is a thread of such a process: threads
// that run when their process exits make no line of their own.
// Tested by test/unit/learn/read_trace_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace sbpc::trace {

struct TracedCall;

class Tasks {
 public:
  // A call that returned, or never will. Its process is 0 if the line names none.
  void called(const TracedCall& call);
  // The first half of a call: `exit_group(0 `.
  void begun(std::string_view text, uint64_t task);
  // What stands behind `+++ `: "exited with 0 +++", "superseded by execve in pid 12 +++". Returns whoever goes on under
  // the number of the one that ended.
  std::optional<uint64_t> ended(std::string_view how, uint64_t task);

  // Made a call, and no `+++` line tells its end.
  [[nodiscard]] bool is_alive(uint64_t task) const { return alive_.contains(task); }
  // Its end follows from calls, in a trace without `+++` lines.
  [[nodiscard]] bool is_gone(uint64_t task) const;
  // Whether any end is told or follows.
  [[nodiscard]] bool tells_ends() const { return ends_ != 0 || is_any_gone_; }
  // Those that made calls and whose end is not told. Where only some lines name the task, it can't be told which: 1 if
  // the last line is none that ends a task, else 0.
  [[nodiscard]] size_t without_end() const;

 private:
  void add(uint64_t task);
  void made(uint64_t by, const TracedCall& call);
  void left(uint64_t task, bool with_threads);
  [[nodiscard]] uint64_t process_of(uint64_t task) const;

  std::set<uint64_t> alive_;
  std::map<uint64_t, uint64_t> processes_;  // of threads that were seen to be made
  std::set<uint64_t> gone_;                 // by what they called
  std::set<uint64_t> gone_processes_;       // with their threads
  size_t ends_ = 0;                         // `+++` lines
  bool is_any_gone_ = false;
  bool is_mixed_ = false;  // some lines name a task and some do not
  bool ends_now_ = false;  // the last line ended a task
};

}  // namespace sbpc::trace
