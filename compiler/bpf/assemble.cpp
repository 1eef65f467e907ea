#include "bpf/assemble.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "bpf/disasm.h"
#include "bpf/opcode.h"
#include "target/actions.h"
#include "target/seccomp_data.h"

namespace sbpc::bpf {
namespace {

constexpr uint32_t kDataMax = 0xffff;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Reads one line from left to right. The first failure sticks; everything after it answers "no".
class Cursor {
 public:
  explicit Cursor(std::string_view line) : rest_(line.substr(0, line.find(';'))) { skip(); }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool failed() const { return !error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  void fail(std::string why) {
    if (!failed()) error_ = std::move(why);
  }

  [[nodiscard]] bool sees(char c) const { return !rest_.empty() && rest_.front() == c; }
  [[nodiscard]] bool sees_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  bool take(char c) {
    if (failed() || !sees(c)) return false;
    rest_.remove_prefix(1);
    skip();
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(fmt::format("expected `{}`{}", c, found()));
  }
  // The longest run of letters, digits, `_` and `.`; empty if there is none.
  std::string_view name() {
    size_t length = 0;
    while (length < rest_.size() && is_name(rest_[length])) ++length;
    std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    skip();
    return word;
  }
  uint32_t number(uint32_t max = 0xffffffffU) {
    std::string before(found());
    std::string_view word = name();
    bool hex = word.substr(0, 2) == "0x" || word.substr(0, 2) == "0X";
    if (hex) word.remove_prefix(2);
    uint64_t value = 0;
    auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value, hex ? 16 : 10);
    if (word.empty() || status != std::errc() || end != word.data() + word.size()) {
      fail("expected a number" + before);
      return 0;
    }
    if (value > max) fail(fmt::format("{} is too large: at most {} fits here", value, max));
    return static_cast<uint32_t>(value);
  }
  [[nodiscard]] std::string found() const {
    return rest_.empty() ? " at the end of the line" : fmt::format(" before `{}`", rest_);
  }
  // What is left, without reading it: for looking ahead.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  void skip() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  std::string_view rest_;
  std::string error_;
};

// A jump's target before all labels are known.
struct Target {
  uint32_t line = 0;  // instruction number, if `label` is empty
  std::string label;
};

struct Pending {
  size_t pc;
  uint32_t source_line;
  enum class Field : uint8_t { k, jt, jf } field;
  Target target;
};

class Assembler {
 public:
  explicit Assembler(bool big_endian) : big_endian_(big_endian) {}

  void line(std::string_view text, uint32_t number);
  Expected<Insns> finish();

 private:
  void prefix(Cursor& at);
  void insn(Cursor& at);
  void raw(Cursor& at);
  void operand(Cursor& at, Insn& insn, Operand kind);
  void location(Cursor& at, Insn& insn) const;
  void verdict(Cursor& at, Insn& insn);
  void target(Cursor& at, Pending::Field field);
  bool resolve(const Pending& pending);
  void fail(uint32_t line, std::string why) {
    if (!error_) error_ = Error{line, std::move(why)};
  }

  bool big_endian_;
  Insns insns_;
  std::map<std::string, size_t, std::less<>> labels_;
  std::vector<Pending> pending_;
  std::optional<Error> error_;
  uint32_t line_ = 0;
};

void Assembler::line(std::string_view text, uint32_t number) {
  line_ = number;
  Cursor at(text);
  while (!at.failed() && at.rest().find(':') != std::string_view::npos) prefix(at);
  if (!at.failed() && !at.at_end()) insn(at);
  if (!at.failed() && !at.at_end()) at.fail("nothing more can stand" + at.found());
  if (at.failed()) fail(number, at.error());
}

// `7:` or `label:`
void Assembler::prefix(Cursor& at) {
  if (at.sees_digit()) {
    uint32_t pc = at.number();
    if (!at.failed() && pc != insns_.size()) at.fail(fmt::format("this is instruction {}, not {}", insns_.size(), pc));
  } else {
    std::string label(at.name());
    if (label.empty()) return at.fail("expected a label" + at.found());
    if (!labels_.emplace(label, insns_.size()).second) at.fail(fmt::format("the label `{}` is already taken", label));
  }
  at.expect(':');
}

// How the operand of a mnemonic shared by several rows begins: `ld #1`, `ld M[1]`, `add x`, `ret a`.
bool starts(const Cursor& at, Operand kind) {
  std::string_view rest = at.rest();
  size_t length = 0;
  while (length < rest.size() && is_name(rest[length])) ++length;
  std::string_view word = rest.substr(0, length);
  switch (kind) {
    case Operand::none: return true;
    case Operand::word: return at.sees('[');
    case Operand::imm:
    case Operand::branch: return at.sees('#');
    case Operand::len: return word == "len";
    case Operand::mem: return word == "M";
    case Operand::x:
    case Operand::branchx: return word == "x";
    case Operand::jump: return true;
    case Operand::verdict: return word != "a";
    case Operand::a: return word == "a";
  }
  CHECK(false);
}

void Assembler::insn(Cursor& at) {
  std::string mnemonic(at.name());
  if (mnemonic == ".insn") return raw(at);
  bool known = false;
  for (const OpcodeInfo& row : opcodes()) {
    if (row.mnemonic != mnemonic) continue;
    known = true;
    if (!starts(at, row.operand)) continue;
    Insn made;
    made.code = row.code;
    operand(at, made, row.operand);
    insns_.push_back(made);
    return;
  }
  if (!known)
    return at.fail(mnemonic.empty() ? "expected an instruction" + at.found()
                                    : fmt::format("`{}` is no instruction", mnemonic));
  at.fail(fmt::format("`{}` has no such operand{}", mnemonic, at.found()));
}

void Assembler::raw(Cursor& at) {
  Insn made;
  made.code = static_cast<uint16_t>(at.number(0xffff));
  at.expect(',');
  made.jt = static_cast<uint8_t>(at.number(kMaxJump));
  at.expect(',');
  made.jf = static_cast<uint8_t>(at.number(kMaxJump));
  at.expect(',');
  made.k = at.number();
  insns_.push_back(made);
}

void Assembler::operand(Cursor& at, Insn& insn, Operand kind) {
  switch (kind) {
    case Operand::none: return;
    case Operand::word: return location(at, insn);
    case Operand::imm:
      at.expect('#');
      insn.k = at.number();
      return;
    case Operand::len:
    case Operand::x:
    case Operand::a: at.name(); return;
    case Operand::mem:
      at.name();
      at.expect('[');
      insn.k = at.number();
      at.expect(']');
      return;
    case Operand::jump: return target(at, Pending::Field::k);
    case Operand::branch:
    case Operand::branchx:
      if (kind == Operand::branchx) at.name();
      if (kind == Operand::branch) {
        at.expect('#');
        insn.k = at.number();
      }
      at.expect(',');
      target(at, Pending::Field::jt);
      at.expect(',');
      return target(at, Pending::Field::jf);
    case Operand::verdict: return verdict(at, insn);
  }
  CHECK(false);
}

// `[nr]`, `[args[2].lo]`, or a byte offset: `[65]`
void Assembler::location(Cursor& at, Insn& insn) const {
  at.expect('[');
  if (at.sees_digit()) {
    insn.k = at.number();
    return at.expect(']');
  }
  size_t end = at.rest().rfind(']');
  if (end == std::string_view::npos) return at.fail("expected `]`");
  std::string_view wanted = at.rest().substr(0, end);
  for (int i = 0; i < target::kWordCount; ++i) {
    auto word = static_cast<target::Word>(i);
    if (word_name(word) != wanted) continue;
    insn.k = target::word_offset(word, big_endian_);
    while (!at.at_end()) {  // over the name's own brackets
      if (!at.take('[') && !at.take(']')) at.name();
    }
    return;
  }
  at.fail(fmt::format("seccomp_data has no word `{}`", wanted));
}

// `allow`, `errno(38)`, `#0x7fff0001`
void Assembler::verdict(Cursor& at, Insn& insn) {
  if (at.take('#')) {
    insn.k = at.number();
    return;
  }
  std::string word(at.name());
  std::optional<target::Action> action = target::find_action(word);
  if (!action) return at.fail(fmt::format("`{}` is no action", word));
  target::Verdict made{*action, 0};
  const target::ActionData data = target::info(*action).data;
  if (at.sees('(') && data != target::ActionData::none) {
    at.expect('(');
    made.data = static_cast<uint16_t>(at.number(kDataMax));
    at.expect(')');
  } else if (data == target::ActionData::required) {
    at.fail(fmt::format("`{}` takes a number in parentheses", word));
  }
  insn.k = target::encode(made);
}

void Assembler::target(Cursor& at, Pending::Field field) {
  Target made;
  if (at.sees_digit()) {
    made.line = at.number();
  } else {
    made.label = std::string(at.name());
    if (made.label.empty()) at.fail("expected a line number or a label" + at.found());
  }
  pending_.push_back({insns_.size(), line_, field, std::move(made)});
}

bool Assembler::resolve(const Pending& pending) {
  size_t to = pending.target.line;
  if (!pending.target.label.empty()) {
    auto found = labels_.find(pending.target.label);
    if (found == labels_.end()) {
      fail(pending.source_line, fmt::format("there is no label `{}`", pending.target.label));
      return false;
    }
    to = found->second;
  }
  if (to <= pending.pc) {
    fail(pending.source_line, fmt::format("instruction {} jumps back to {}: jumps go forward only", pending.pc, to));
    return false;
  }
  size_t offset = to - pending.pc - 1;
  Insn& insn = insns_[pending.pc];
  if (pending.field == Pending::Field::k) {
    insn.k = static_cast<uint32_t>(offset);
    return true;
  }
  if (offset > kMaxJump) {
    fail(pending.source_line,
         fmt::format("instruction {} can't reach {}: a branch spans at most 255 instructions", pending.pc, to));
    return false;
  }
  (pending.field == Pending::Field::jt ? insn.jt : insn.jf) = static_cast<uint8_t>(offset);
  return true;
}

Expected<Insns> Assembler::finish() {
  for (const Pending& pending : pending_) {
    if (error_ || !resolve(pending)) break;
  }
  if (error_) return tl::unexpected(*error_);
  return std::move(insns_);
}

}  // namespace

Expected<Insns> assemble(std::string_view text, bool big_endian) {
  Assembler assembler(big_endian);
  uint32_t number = 1;
  while (!text.empty()) {
    size_t end = text.find('\n');
    assembler.line(text.substr(0, end), number++);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return assembler.finish();
}

}  // namespace sbpc::bpf
