#include "trace/tasks.h"

#include <algorithm>
#include <charconv>

#include "trace/trace.h"

namespace sbpc::trace {
namespace {

// Processes that are kept apart: PID_MAX_LIMIT (include/linux/threads.h), so none of a true trace is left out.
constexpr size_t kMostTasks = size_t{1} << 22;
constexpr std::string_view kMakers[] = {"clone", "clone3"};  // of threads
constexpr uint64_t kCloneThread = 0x10000;                   // include/uapi/linux/sched.h

std::optional<uint64_t> number(std::string_view text, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

// By name, or by number: `flags=0x3d0f00` of -X raw.
bool makes_thread(const TracedCall& call) {
  if (call.text.find("CLONE_THREAD") != std::string::npos) return true;
  constexpr std::string_view key = "flags=0x";
  const size_t at = call.text.find(key);
  if (at == std::string::npos) return false;
  return (number(std::string_view(call.text).substr(at + key.size()), 16).value_or(0) & kCloneThread) != 0;
}

}  // namespace

void Tasks::add(uint64_t task) {
  is_mixed_ = is_mixed_ || (!alive_.empty() && (*alive_.begin() == 0) != (task == 0));
  if (alive_.size() < kMostTasks) alive_.insert(task);
  ends_now_ = false;
}

uint64_t Tasks::process_of(uint64_t task) const {
  const auto process = processes_.find(task);
  return process == processes_.end() ? task : process->second;
}

void Tasks::left(uint64_t task, bool with_threads) {
  is_any_gone_ = true;
  ends_now_ = true;
  gone_.insert(task);
  if (with_threads) gone_processes_.insert(process_of(task));
}

void Tasks::made(uint64_t by, const TracedCall& call) {
  const auto task = number(call.result, 10).value_or(0);
  if (task == 0 || processes_.size() >= kMostTasks) return;
  processes_.erase(task);
  if (makes_thread(call)) processes_[task] = process_of(by);
}

void Tasks::called(const TracedCall& call) {
  add(call.process);
  if (call.result == "?") {
    left(call.process, call.name == "exit_group");
  } else if (call.process == 0) {
    gone_.erase(0);  // one process's trace behind another's
    gone_processes_.erase(0);
  }
  if (std::ranges::find(kMakers, call.name) != std::end(kMakers)) made(call.process, call);
}

void Tasks::begun(std::string_view text, uint64_t task) {
  if (!text.starts_with("exit_group(") && !text.starts_with("exit(")) return;
  add(task);
  left(task, text.starts_with("exit_group("));
}

std::optional<uint64_t> Tasks::ended(std::string_view how, uint64_t task) {
  constexpr std::string_view superseded = "superseded by execve in pid ";
  alive_.erase(task);
  ends_now_ = true;
  if (!how.starts_with(superseded)) {
    ++ends_;
    return std::nullopt;
  }
  ends_now_ = false;
  const auto other = number(how.substr(superseded.size()), 10);
  if (other) alive_.erase(*other);
  return other;
}

bool Tasks::is_gone(uint64_t task) const {
  return ends_ == 0 && (gone_.contains(task) || gone_processes_.contains(process_of(task)));
}

size_t Tasks::without_end() const {
  if (is_mixed_) return ends_now_ ? 0 : 1;
  return static_cast<size_t>(std::ranges::count_if(alive_, [&](uint64_t task) { return !is_gone(task); }));
}

}  // namespace sbpc::trace
