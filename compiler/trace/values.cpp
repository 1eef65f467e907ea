#include "trace/values.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "target/c_value.h"
#include "target/syscalls.h"

namespace sbpc::trace {
namespace {

constexpr size_t kMostValues = 16;  // a call has six arguments, some more are printed in parts

// Walks over a text and tells which characters stand outside of strings, comments and brackets.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The next character outside of strings and comments, or npos. `depth` is the number of brackets open before it.
  size_t next() {
    while (at_ < text_.size()) {
      const size_t here = at_++;
      const char c = text_[here];
      if (c == '"') {
        skip_string();
      } else if (c == '/' && at_ < text_.size() && text_[at_] == '*') {
        const size_t end = text_.find("*/", at_ + 1);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (c == '<' && here > 0 && is_word(text_[here - 1])) {
        skip_decoration();
      } else {
        return here;
      }
    }
    return std::string_view::npos;
  }

 private:
  static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  }
  void skip_string() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        ++at_;
        return;
      }
    }
  }
  // `3</etc/passwd>`, `4<TCP:[127.0.0.1:80->127.0.0.1:4000]>`: up to the `>` before what can follow a value.
  void skip_decoration() {
    for (size_t end = text_.find('>', at_); end != std::string_view::npos; end = text_.find('>', end + 1)) {
      const char after = end + 1 < text_.size() ? text_[end + 1] : ',';
      if (after == ',' || after == ')' || after == ' ' || after == ']' || after == '}') {
        at_ = end + 1;
        return;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool opens(char c) { return c == '(' || c == '[' || c == '{'; }
bool closes(char c) { return c == ')' || c == ']' || c == '}'; }

// "0x1 /* SOCK_STREAM */|0x80800 /* SOCK_CLOEXEC|SOCK_NONBLOCK */" -> "0x1 |0x80800 ": as strace -X verbose writes
// flags.
std::string without_comments(std::string_view text) {
  std::string kept;
  for (size_t comment = text.find("/*"); comment != std::string_view::npos; comment = text.find("/*")) {
    kept += text.substr(0, comment);
    const size_t end = text.find("*/", comment + 2);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return kept.append(text);
}

// "3</etc/x>" -> "3"; "[128 => 16]" stays.
std::string_view bare(std::string_view text) {
  if (const size_t arrow = text.find(" => "); arrow != std::string_view::npos && !text.empty() && !opens(text.front()))
    text = trim(text.substr(0, arrow));
  text = trim(text);
  const size_t decoration = text.find('<');
  if (decoration != std::string_view::npos && decoration > 0 && text.back() == '>') text = text.substr(0, decoration);
  return text;
}

// `_IOC(_IOC_READ|_IOC_WRITE, 0x54, 0x30, 0x4)`: a command of ioctl that strace has no name for. The layout is that of
// include/uapi/asm-generic/ioctl.h, which mips, ppc, parisc and sparc do not share: there it stays text.
std::optional<uint64_t> ioctl_number(std::string_view text, target::Abi abi) {
  using Family = target::Family;
  const Family family = target::info(abi).family;
  const bool other = family == Family::mips || family == Family::mipsel || family == Family::ppc ||
                     family == Family::ppcle || family == Family::parisc || family == Family::sparc;
  constexpr std::string_view begin = "_IOC(";
  if (other || !text.starts_with(begin) || text.back() != ')') return std::nullopt;
  text = text.substr(begin.size(), text.size() - begin.size() - 1);
  uint64_t parts[4] = {};
  for (size_t i = 0; i < 4; ++i) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view word = trim(text.substr(0, comma));
    if (i == 0) {
      constexpr uint64_t kWrite = 1, kRead = 2;
      parts[0] = (word.find("_IOC_WRITE") != std::string_view::npos ? kWrite : 0) |
                 (word.find("_IOC_READ") != std::string_view::npos ? kRead : 0);
    } else {
      const auto number = parse_number(word);
      constexpr uint64_t most[] = {3, 0xff, 0xff, 0x3fff};
      if (!number || *number > most[i]) return std::nullopt;
      parts[i] = *number;
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return text.empty() ? std::optional(parts[0] << 30U | parts[3] << 16U | parts[1] << 8U | parts[2]) : std::nullopt;
}

// `htons(ETH_P_ALL)`: the protocol of a packet socket.
std::optional<uint64_t> swapped_number(std::string_view text, target::Abi abi) {
  const auto value = target::joined_c_value(text, abi);
  if (!value || *value > 0xffff) return std::nullopt;
  const bool is_swapped = target::info(abi).endian == target::Endian::little;
  return is_swapped ? (*value & 0xffU) << 8U | *value >> 8U : *value;
}

// `SIGRT_5`, as strace calls the kernel's signals from 32 on (ASM_SIGRTMIN).
std::optional<uint64_t> real_time_signal(std::string_view text) {
  constexpr std::string_view begin = "SIGRT_";
  constexpr uint64_t first = 32;
  constexpr uint64_t most = 96;  // mips has the most, 128
  const auto number = text.starts_with(begin) ? parse_number(text.substr(begin.size())) : std::nullopt;
  return number && *number <= most ? std::optional(first + *number) : std::nullopt;
}

std::optional<uint64_t> number_of(std::string_view text, target::Abi abi) {
  if (const auto signal = real_time_signal(text)) return signal;
  constexpr std::string_view htons = "htons(";
  if (text.starts_with(htons) && text.back() == ')')
    return swapped_number(text.substr(htons.size(), text.size() - htons.size() - 1), abi);
  if (text.starts_with("_IOC(")) return ioctl_number(text, abi);
  // One number with several names: `TCSETSW or SNDCTL_TMR_STOP`.
  constexpr std::string_view between = " or ";
  for (;;) {
    const size_t end = std::min(text.find(between), text.size());
    const auto value = target::joined_c_value(text.substr(0, end), abi);
    if (value) return *value;
    if (end == text.size()) return std::nullopt;
    text.remove_prefix(end + between.size());
  }
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
  });
}

Value value_of(std::string_view text, target::Abi abi) {
  Value value;
  const size_t equals = text.find('=');
  if (equals != std::string_view::npos && is_name(text.substr(0, equals)) && !(text[0] >= '0' && text[0] <= '9')) {
    value.name = text.substr(0, equals);
    text = trim(text.substr(equals + 1));
  }
  value.text = text;
  if (text.empty()) return value;
  value.is_memory = text.front() == '"' || text.front() == '{' || text.front() == '[' || text.front() == '&';
  if (value.is_memory) return value;
  // A decoration may hold what looks like a comment: `3</srv/*>`.
  const bool is_decorated = text.back() == '>' && text.find('<') < text.find("/*");
  value.number = is_decorated ? number_of(bare(text), abi) : number_of(bare(without_comments(text)), abi);
  return value;
}

}  // namespace

size_t closing_bracket(std::string_view text) {
  Scanner scanner(text);
  size_t depth = 0;
  for (size_t at = scanner.next(); at != std::string_view::npos; at = scanner.next()) {
    if (opens(text[at])) ++depth;
    if (!closes(text[at])) continue;
    if (depth == 0) return text[at] == ')' ? at : std::string_view::npos;
    --depth;
  }
  return std::string_view::npos;
}

std::vector<Value> split_values(std::string_view text, target::Abi abi) {
  std::vector<Value> values;
  if (trim(text).empty()) return values;
  Scanner scanner(text);
  size_t depth = 0;
  size_t begin = 0;
  for (size_t at = scanner.next(); at != std::string_view::npos && values.size() < kMostValues; at = scanner.next()) {
    if (opens(text[at])) ++depth;
    if (closes(text[at]) && depth > 0) --depth;
    if (text[at] != ',' || depth != 0) continue;
    values.push_back(value_of(trim(text.substr(begin, at - begin)), abi));
    begin = at + 1;
  }
  if (values.size() < kMostValues) values.push_back(value_of(trim(text.substr(begin)), abi));
  return values;
}

}  // namespace sbpc::trace
