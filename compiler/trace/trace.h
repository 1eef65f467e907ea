// trace.h: one line of a trace -> the call it tells of. strace, audit and kernel logs, our own SIGSYS report.
//
//   1234 [ 257] 12:00:01.5 openat(AT_FDCWD</srv>, "x", O_RDONLY|O_CLOEXEC) = 3</srv/x> <0.00001>
//   type=1326 audit(1.2:3): ... sig=31 arch=c000003e syscall=257 compat=0 ip=0x7f12 code=0x80000000
//   sbp: denied call openat (257) on x86_64: args 0xffffff9c 0x7ffd 0x0 0x0 0x0 0x0, ip 0x7f12, data 0
//   --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f12, si_syscall=__NR_openat,
//   si_arch=AUDIT_ARCH_X86_64} ---
// Of strace: any of -f, -t, -tt, -ttt, -r, -T, -n, -i, -y, -X raw|abbrev|verbose, -e raw=all; unfinished and resumed
// lines are joined. Never fails: a line that tells of no call gives nothing. Tested by test/unit/trace/trace_test.cpp,
// fuzzed by test/fuzz/trace_fuzz.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "target/abi.h"
#include "trace/tasks.h"

namespace sbpc::trace {

// An argument as the trace has it.
struct Value {
  std::string name;                // "flags" where the trace says so (strace's clone), else empty
  std::string text;                // "AT_FDCWD", "0x3", "\"/etc/x\"", "{st_mode=...}"
  std::optional<uint64_t> number;  // what the register held, where the text tells
  bool is_memory = false;          // a string or a structure: the register held some pointer that is not NULL
};

// What tells of the call.
enum class Teller : uint8_t {
  strace,   // a call that was made
  signal,   // strace's SIGSYS: the call is one that a filter denied, and stood in the trace before
  seccomp,  // an audit record or a report of ours: a filter denied or logged the call
  audit,    // an audit record of a call that was made
};

struct TracedCall {
  Teller teller = Teller::strace;
  target::Abi abi{};
  bool abi_is_told = false;  // by the line, or by an earlier one of the process
  std::string unknown_arch;  // what the line tells where that is no ABI of ours; `abi` says nothing then
  std::string name;          // of the call; empty where only the number is told
  std::optional<uint32_t> nr;
  std::optional<uint32_t> numbered;                  // what strace -n says, beside the name
  std::vector<Value> args;                           // in the order that strace prints: the signature's
  std::array<std::optional<uint64_t>, 6> registers;  // told as registers instead
  std::optional<uint64_t> ip;
  std::optional<uint32_t> answered;  // the SECCOMP_RET_* word of an audit line's `code`
  std::string result;                // of strace: "3", "-1 ENOENT (No such file or directory)"; of audit "-1 ENOSYS"
  uint64_t process = 0;              // 0: not told
  uint64_t line = 0;                 // 1-based, of its first half, where the second one is not there
  std::string text;                  // the call as the line writes it, prefixes left out
};

// What a line was.
enum class LineKind : uint8_t {
  blank,
  call,
  half,     // of a call: the other half is in another line
  orphan,   // the second half of a call whose first one is not there
  end,      // a process exited or was killed
  signal,   // one was delivered
  message,  // of strace or the audit system, about other things than calls
  lost,     // says that lines are missing here
  broken,   // begins as a call does, and its end is not there
  unknown,
};

// Whether an audit record of a call breaks off within what is read of it: the last field of the line is one of those,
// and the rest of it may be in no line.
[[nodiscard]] bool ends_within_call(std::string_view record);

class Reader {
 public:
  // `abi`: what lines are taken for that do not tell.
  explicit Reader(target::Abi abi) : default_abi_(abi) {}

  // nullopt: no call, or the first half of one.
  [[nodiscard]] std::optional<TracedCall> line(std::string_view line);
  [[nodiscard]] LineKind kind() const { return kind_; }  // of the last line
  // Calls that were begun and never ended, by processes whose end is not told: the trace was cut.
  [[nodiscard]] size_t unfinished() const;
  // What the first halves of calls tell that never ended; and that of the one that the process of the last line ended
  // in.
  [[nodiscard]] std::vector<TracedCall> begun() const;
  [[nodiscard]] std::optional<TracedCall> ended_in() const { return ended_in_; }
  [[nodiscard]] const Tasks& tasks() const { return tasks_; }

 private:
  std::optional<TracedCall> read(std::string_view line);
  std::optional<TracedCall> read_torn(std::string_view line);
  void begin(std::string_view rest, uint64_t process, uint64_t line);
  std::optional<TracedCall> strace_line(std::string_view line);
  struct Half {
    std::string text;  // up to `<unfinished ...>`
    uint64_t line = 0;
  };
  std::map<uint64_t, Half>::iterator first_half(std::string_view name, uint64_t process);
  std::optional<TracedCall> halves(std::string_view rest, uint64_t process);
  std::optional<TracedCall> event(std::string_view rest, uint64_t process);
  std::optional<TracedCall> signal(std::string_view line, uint64_t process) const;
  [[nodiscard]] uint64_t named(uint64_t process) const { return process == 0 ? unnamed_ : process; }
  [[nodiscard]] target::Abi abi_of(uint64_t process) const;
  [[nodiscard]] bool abi_is_told(uint64_t process) const { return modes_.contains(named(process)); }
  [[nodiscard]] std::optional<TracedCall> first_half_alone(const Half& half, uint64_t process) const;
  void note_mode(std::string_view line, bool is_named);
  void note_fork(std::string_view rest, uint64_t process);

  target::Abi default_abi_;
  uint64_t lines_ = 0;
  std::map<uint64_t, Half> begun_;         // by process
  Half torn_;                              // a line whose end stands behind a message of strace
  std::map<uint64_t, target::Abi> modes_;  // by process: what "runs in 32 bit mode" said of it or of its maker
  uint64_t unnamed_ = 0;                   // the process of lines that name none, where a mode line told it
  std::optional<target::Abi> forked_in_;   // the mode of the last call that makes a process
  Tasks tasks_;
  LineKind kind_ = LineKind::blank;
  std::optional<TracedCall> ended_in_;
};

}  // namespace sbpc::trace
