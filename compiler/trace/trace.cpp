// trace.cpp: which of the forms a line has; strace's prefixes, its two halves of a call, its signals.
#include "trace/trace.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "target/syscalls.h"
#include "trace/fields.h"
#include "trace/values.h"

namespace sbpc::trace {
namespace {

constexpr std::string_view kUnfinished = "<unfinished ...>";
constexpr std::string_view kDetached = "<detached ...>";  // strace was told to stop
constexpr std::string_view kResumed = " resumed>";
constexpr std::string_view kMessage = "strace: Process ";
constexpr std::string_view kAttached = " attached";
constexpr std::string_view kFrame = "> ";  // -k: " > /usr/lib/libc.so.6(write+0x13) [0x1234]"
// Bounds on what a hostile trace makes us keep. Processes in the middle of a call at once: the second halves of others
// are orphans, which are counted and told.
constexpr size_t kMostBegun = 65536;
// Processes whose mode and end are known: PID_MAX_LIMIT (include/linux/threads.h), so none is left out.
constexpr size_t kMostProcesses = size_t{1} << 22;
// Of a line; strace cuts strings at 32 characters. What is longer is no whole call and told as a line that is none.
constexpr size_t kMostBytes = size_t{1} << 16;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}
// 12:00:01, 12:00:01.123456, 1700000000.123456, 0.000123, +0.000123
bool is_time(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789:.+") == std::string_view::npos;
}
// 1234<nginx>: --decode-pids=comm
bool is_named_process(std::string_view text) {
  const size_t open = text.find('<');
  return open != std::string_view::npos && text.back() == '>' && is_digits(text.substr(0, open));
}
bool is_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

uint64_t decimal(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// What strace puts before a call.
struct Prefix {
  uint64_t process = 0;
  std::optional<uint32_t> nr;  // -n
  std::optional<uint64_t> ip;  // -i
  std::string_view rest;
};

// `[pid  12]`, `[ 257]`, `[00007f0011223344]`. False: not such a bracket.
bool bracket(std::string_view inner, Prefix& prefix) {
  inner = trim(inner);
  if (inner.starts_with("pid ")) {
    prefix.process = decimal(trim(inner.substr(4)));
  } else if (inner.size() >= 8 && is_hex(inner)) {
    uint64_t ip = 0;
    std::from_chars(inner.data(), inner.data() + inner.size(), ip, 16);
    prefix.ip = ip;
  } else if (!inner.empty() && inner.find_first_not_of('?') == std::string_view::npos) {
    return true;  // -i of a process that is gone
  } else if (is_digits(inner)) {
    prefix.nr = call_number(inner);
  } else {
    return false;
  }
  return true;
}

Prefix prefix_of(std::string_view line) {
  Prefix prefix;
  bool first = true;
  for (line = trim(line); !line.empty(); line = trim(line)) {
    if (line.front() == '[') {
      const size_t end = line.find(']');
      if (end == std::string_view::npos || !bracket(line.substr(1, end - 1), prefix)) break;
      line.remove_prefix(end + 1);
    } else if (line.starts_with("(+")) {  // -t with -r
      line.remove_prefix(std::min(line.find(')'), line.size() - 1) + 1);
    } else {
      const size_t space = line.find(' ');
      const std::string_view word = line.substr(0, space);
      if (space == std::string_view::npos || (!is_time(word) && !(first && is_named_process(word)))) break;
      if (first && (is_digits(word) || is_named_process(word))) prefix.process = decimal(word);
      line.remove_prefix(space);
    }
    first = false;
  }
  prefix.rest = line;
  return prefix;
}

bool is_call_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// A name, or `syscall_0x1a2` for what strace does not know.
void set_name(TracedCall& call, std::string_view name) {
  constexpr std::string_view unknown = "syscall_";
  if (!name.starts_with(unknown)) {
    call.name = name;
  } else {
    call.nr = call_number(name.substr(unknown.size()));
  }
}

// "audit: audit_lost=5 audit_rate_limit=0", "audit: backlog limit exceeded", "kauditd_printk_skb: 12 callbacks
// suppressed": kernel/audit.c, and the rate limit of printk.
bool tells_of_loss(std::string_view line) {
  constexpr std::string_view signs[] = {"audit_lost=", "audit: backlog limit exceeded", "audit: rate limit exceeded",
                                        "printk_skb: "};
  return std::ranges::any_of(signs, [&](std::string_view sign) { return line.find(sign) != std::string_view::npos; });
}

// Of the audit system's records those that tell of a call, whether they do or not.
bool is_call_record(std::string_view line) {
  constexpr std::string_view signs[] = {"type=SECCOMP ", "type=SYSCALL ", "type=1326 ", "type=1300 "};
  return std::ranges::any_of(signs, [&](std::string_view sign) { return line.find(sign) != std::string_view::npos; });
}

// Whether the line begins as a call does, whose end is not there. Records begin so, too: `audit(`.
bool is_cut_call(std::string_view line) {
  const std::string_view rest = prefix_of(line).rest;
  const size_t open = rest.find('(');
  const std::string_view name = rest.substr(0, open);
  return open != std::string_view::npos && is_call_name(name) && name != "audit";
}

// The numbers of strace's `%x32` names carry the bit; `name#64`, as strace writes an x86_64 call of a 32-bit process,
// does not occur in calls that a filter can tell apart.
std::optional<TracedCall> parse_call(std::string_view text, target::Abi abi) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos || !is_call_name(text.substr(0, open))) return std::nullopt;
  TracedCall call;
  call.abi = abi;
  set_name(call, text.substr(0, open));
  const std::string_view behind = text.substr(open + 1);
  const size_t close = closing_bracket(behind);
  if (close == std::string_view::npos) return std::nullopt;
  call.args = split_values(behind.substr(0, close), abi);
  call.text = text.substr(0, open + close + 2);
  std::string_view result = trim(behind.substr(close + 1));
  if (result.starts_with("=")) result = trim(result.substr(1));
  if (const size_t spent = result.rfind(" <"); spent != std::string_view::npos && result.back() == '>')
    result = trim(result.substr(0, spent));
  call.result = result;
  return call;
}

}  // namespace

std::optional<TracedCall> Reader::line(std::string_view line) {
  line = trim(line.substr(0, kMostBytes));
  kind_ = line.empty() ? LineKind::blank : LineKind::unknown;
  ended_in_.reset();
  ++lines_;
  auto call = torn_.text.empty() || line.starts_with(kMessage) ? read(line) : read_torn(line);
  const bool tells = call && (call->nr || !call->name.empty());  // `syscall=unknown(600)` tells nothing
  if (!tells) return std::nullopt;
  kind_ = call->teller == Teller::signal ? LineKind::signal : LineKind::call;
  return call;
}

// strace -f without -o writes its messages between the halves of what it has begun:
//   clone3({flags=CLONE_VM|...}strace: Process 24258 attached
//    => {parent_tid=[24258]}, 88) = 24258
std::optional<TracedCall> Reader::read_torn(std::string_view line) {
  const Half begun = std::exchange(torn_, {});
  if (auto call = read(begun.text + ' ' + std::string(line)); call || kind_ == LineKind::half) return call;
  const Prefix prefix = prefix_of(begun.text);
  begin(prefix.rest, prefix.process, begun.line);
  kind_ = line.empty() ? LineKind::blank : LineKind::unknown;
  return read(line);
}

std::optional<TracedCall> Reader::read(std::string_view line) {
  const size_t message = line.find(kMessage);
  if (message != std::string_view::npos && line.ends_with(kAttached) &&
      line.substr(0, message).find('(') != std::string_view::npos) {
    kind_ = LineKind::half;
    torn_ = {std::string(line.substr(0, message)), lines_};
    return std::nullopt;
  }
  // First, as the strings in strace's lines may hold the text of any record.
  auto call = strace_line(line);
  if (call || kind_ != LineKind::unknown || is_cut_call(line)) return call;
  call = report_line(line);
  if (!call) call = audit_line(line, default_abi_);
  if (!call) {
    if (tells_of_loss(line)) {
      kind_ = LineKind::lost;
    } else if (is_call_record(line)) {
      kind_ = LineKind::broken;
    } else if (line.find("audit(") != std::string_view::npos) {
      kind_ = LineKind::message;
    }
  }
  return call;
}

target::Abi Reader::abi_of(uint64_t process) const {
  const auto mode = modes_.find(named(process));
  return mode == modes_.end() ? default_abi_ : mode->second;
}

// [ Process PID=123 runs in 32 bit mode. ]: the line itself names the process only while there are several.
void Reader::note_mode(std::string_view line, bool is_named) {
  const size_t pid = line.find("PID=");
  const size_t runs = line.find(" runs in ");
  if (pid == std::string_view::npos || runs == std::string_view::npos || modes_.size() > kMostProcesses) return;
  const uint64_t process = decimal(line.substr(pid + 4));
  if (!is_named) unnamed_ = process;
  const std::string_view mode = line.substr(runs + 9);
  const target::Family family = target::info(default_abi_).family;
  const uint8_t bits = mode.starts_with("64") ? 64 : 32;
  for (const target::AbiInfo& row : target::abis()) {
    const bool fits = mode.starts_with("x32") ? row.abi == target::Abi::x32
                                              : row.register_bits == bits && row.abi != target::Abi::x32;
    if (row.family == family && fits) {
      modes_[process] = row.abi;
      return;
    }
  }
}

// strace says nothing of a new process that runs in the mode of the one that made it (src/strace.c, alloctcb(): the
// mode of the call that it looked at last). A process whose first line with its number ends a call is no new one.
void Reader::note_fork(std::string_view rest, uint64_t process) {
  constexpr std::string_view makers[] = {"clone", "clone3", "fork", "vfork"};
  const bool is_new = process != 0 && !tasks_.is_alive(process) && !rest.starts_with("<... ");
  if (is_new && forked_in_ && modes_.size() <= kMostProcesses) modes_.try_emplace(process, *forked_in_);
  if (std::ranges::find(makers, rest.substr(0, rest.find('('))) != std::end(makers))
    forked_in_ = abi_is_told(process) ? std::optional(abi_of(process)) : std::nullopt;
}

std::optional<TracedCall> Reader::signal(std::string_view line, uint64_t process) const {
  const Fields fields(line);
  const auto number = fields.find("si_syscall");
  if (!number) return std::nullopt;
  TracedCall call;
  call.teller = Teller::signal;
  call.process = process;
  call.abi = abi_of(process);
  call.text = line;
  if (number->starts_with("__NR_")) {
    set_name(call, number->substr(5));
  } else {
    call.nr = call_number(*number);
  }
  fields.set_arch("si_arch", call);
  if (const auto address = fields.find("si_call_addr")) call.ip = parse_number(*address);
  return call;
}

// The first half of the call that is resumed. strace -f without -o names the process only while there are several, so
// that a call may begin with it and end without it, or the reverse.
std::map<uint64_t, Reader::Half>::iterator Reader::first_half(std::string_view name, uint64_t process) {
  const auto is_it = [&](const auto& entry) {
    const std::string_view text = entry.second.text;
    return text.starts_with(name) && text.substr(name.size()).starts_with("(");
  };
  if (const auto own = begun_.find(process); own != begun_.end()) {
    // Behind a number (`[ 41] socket(`), too. Another call's second half has lost its first.
    const bool is_same = own->second.text.find(std::string(name) + "(") != std::string::npos;
    return is_same ? own : begun_.end();
  }
  if (name == "execve" || name == "execveat") {  // a thread's, which has the number of its process now; see event()
    const auto other = std::ranges::find_if(begun_, is_it);
    if (other != begun_.end()) return other;
  }
  const auto unnamed = begun_.find(0);
  if (process != 0) return unnamed != begun_.end() && is_it(*unnamed) ? unnamed : begun_.end();
  return begun_.size() == 1 && is_it(*begun_.begin()) ? begun_.begin() : begun_.end();
}

void Reader::begin(std::string_view rest, uint64_t process, uint64_t line) {
  tasks_.begun(rest, process);
  if (begun_.size() < kMostBegun || begun_.contains(process)) begun_[process] = {std::string(rest), line};
}

// A call in two pieces: `<unfinished ...>` and `<... NAME resumed>`.
std::optional<TracedCall> Reader::halves(std::string_view rest, uint64_t process) {
  for (const std::string_view ending : {kUnfinished, kDetached}) {
    if (!rest.ends_with(ending)) continue;
    kind_ = ending == kDetached ? LineKind::lost : LineKind::half;
    begin(trim(rest.substr(0, rest.size() - ending.size())), process, lines_);
    return std::nullopt;
  }
  constexpr std::string_view dots = "<... ";
  const size_t resumed = rest.find(kResumed);
  kind_ = LineKind::orphan;
  if (resumed == std::string_view::npos) return std::nullopt;
  const auto begun = first_half(rest.substr(dots.size(), resumed - dots.size()), process);
  if (begun == begun_.end()) return std::nullopt;
  const std::string joined = begun->second.text + std::string(rest.substr(resumed + kResumed.size()));
  begun_.erase(begun);
  return parse_call(joined, abi_of(process));
}

// What `read(3, ` tells of a call that did not return.
std::optional<TracedCall> Reader::first_half_alone(const Half& half, uint64_t process) const {
  auto call = parse_call(half.text + ')', abi_of(process));
  if (!call || (!call->nr && call->name.empty())) return std::nullopt;
  call->process = process;
  call->abi_is_told = abi_is_told(process);
  call->line = half.line;
  call->text = half.text + ' ' + std::string(kUnfinished);
  return call;
}

size_t Reader::unfinished() const {
  const auto open = std::ranges::count_if(begun_, [&](const auto& half) { return !tasks_.is_gone(half.first); });
  return static_cast<size_t>(open) + (torn_.text.empty() ? 0 : 1);
}

std::vector<TracedCall> Reader::begun() const {
  std::vector<TracedCall> calls;
  for (const auto& [process, half] : begun_) {
    if (auto call = first_half_alone(half, process)) calls.push_back(std::move(*call));
  }
  const Prefix torn = prefix_of(torn_.text);
  if (auto call = first_half_alone({std::string(torn.rest), torn_.line}, torn.process))
    calls.push_back(std::move(*call));
  return calls;
}

// What is no call.
std::optional<TracedCall> Reader::event(std::string_view rest, uint64_t process) {
  if (rest.starts_with(kFrame)) kind_ = LineKind::message;
  if (rest.starts_with("[ Process ")) note_mode(rest, process != 0);
  if (rest.starts_with("[ Process ") || rest.starts_with("strace: ")) {
    kind_ = rest.ends_with(" detached") ? LineKind::lost : LineKind::message;
  } else if (rest.starts_with("+++ ")) {
    kind_ = LineKind::end;
    if (const auto begun = begun_.find(process); begun != begun_.end()) {
      ended_in_ = first_half_alone(begun->second, process);
      begun_.erase(begun);
    }
    // A thread's execve ends the others, and it takes the number of the first.
    const auto other = begun_.find(tasks_.ended(rest.substr(4), process).value_or(process));
    if (other != begun_.end()) {
      begun_[process] = std::move(other->second);
      begun_.erase(other);
    }
    if (process != 0) modes_.erase(process);
  } else if (rest.starts_with("--- ")) {
    kind_ = LineKind::signal;
    if (rest.starts_with("--- SIGSYS")) return signal(rest, process);
  }
  return std::nullopt;
}

std::optional<TracedCall> Reader::strace_line(std::string_view line) {
  const Prefix prefix = prefix_of(line);
  const std::string_view rest = prefix.rest;
  const bool is_halved = rest.starts_with("<... ") || rest.ends_with(kUnfinished) || rest.ends_with(kDetached);
  if (!is_halved && (rest.starts_with("[ ") || rest.starts_with("strace: ") || rest.starts_with("+++ ") ||
                     rest.starts_with("--- ") || rest.starts_with(kFrame)))
    return event(rest, prefix.process);
  note_fork(rest, prefix.process);
  auto call = is_halved ? halves(rest, prefix.process) : parse_call(rest, abi_of(prefix.process));
  if (!call && !is_halved && target::find_call(rest.substr(0, std::min(rest.find('('), rest.size()))))
    kind_ = LineKind::broken;
  if (!call) return std::nullopt;
  call->abi_is_told = abi_is_told(prefix.process);
  call->process = prefix.process;
  call->ip = prefix.ip;
  call->numbered = prefix.nr;
  if (!call->nr && call->name.empty()) call->nr = prefix.nr;
  tasks_.called(*call);
  return call;
}

}  // namespace sbpc::trace
