#include "import/minijail_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/number.h"
#include "base/text.h"
#include "describe/names.h"
#include "target/c_value.h"

namespace sbpc::importer {
namespace {

using target::Abi;

// The text up to `separator`, which goes too.
std::string_view take(std::string_view& text, std::string_view separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + separator.size(), text.size()));
  return part;
}

bool same(const Compare& a, const Compare& b) {
  return a.index == b.index && a.op == b.op && a.mask == b.mask && a.value == b.value && a.width == b.width;
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c >= 'A' && c <= 'Z');
}

// `arg0 == 1`: libminijail takes a comparison apart at its blanks (syscall_filter.c, compile_atom).
bool is_three_words(std::string_view text, std::string_view op) {
  text = trim(text);
  const size_t first = std::min(text.find(' '), text.size());
  const size_t last = std::min(text.rfind(' '), text.size());
  return first < last && trim(text.substr(first, last - first)) == op && text.find('\t') == std::string_view::npos;
}

// What `[arch=...]` compares with (arch.h, MINIJAIL_ARCH_NAME), as far as there are tables.
constexpr std::array<std::pair<std::string_view, Abi>, 16> kArchNames = {{{"x86_64", Abi::x86_64},
                                                                          {"x86", Abi::i386},
                                                                          {"arm64", Abi::aarch64},
                                                                          {"arm", Abi::arm},
                                                                          {"riscv64", Abi::riscv64},
                                                                          {"loong64", Abi::loongarch64},
                                                                          {"mips64", Abi::mips64},
                                                                          {"mipsel64", Abi::mipsel64},
                                                                          {"mips", Abi::mips},
                                                                          {"mipsel", Abi::mipsel},
                                                                          {"ppc64", Abi::ppc64},
                                                                          {"ppc", Abi::ppc},
                                                                          {"s390x", Abi::s390x},
                                                                          {"s390", Abi::s390},
                                                                          {"sparc64", Abi::sparc64},
                                                                          {"sparc", Abi::sparc}}};

constexpr std::array<std::pair<std::string_view, Abi>, 9> kAbiNames = {{{"x86_64", Abi::x86_64},
                                                                        {"amd64", Abi::x86_64},
                                                                        {"aarch64", Abi::aarch64},
                                                                        {"arm64", Abi::aarch64},
                                                                        {"riscv64", Abi::riscv64},
                                                                        {"i386", Abi::i386},
                                                                        {"x86", Abi::i386},
                                                                        {"armhf", Abi::arm},
                                                                        {"arm", Abi::arm}}};

struct Number {
  uint64_t value = 0;
  bool is_plain = true;  // libminijail reads it so, too
};

// Numbers as strtol(3) reads them with base 0; they fit the register, with or without sign. `08` is no such number;
// compile_seccomp_policy.py reads a decimal one (parser.py, DECIMAL_REGEX), and of `018` no number at all.
std::optional<Number> number_of(std::string_view piece, Abi abi) {
  const bool is_negative = piece.starts_with('-');
  std::string digits(piece.substr(is_negative ? 1 : 0));
  if (digits.starts_with("0b") || digits.starts_with("0o")) return std::nullopt;
  if (digits.starts_with("0X")) digits[1] = 'x';
  const bool is_decimal = digits.size() > 1 && digits[0] == '0' && digits[1] >= '8' && digits[1] <= '9';
  if (is_decimal) digits.erase(0, 1);
  const auto number = parse_c_number(digits);
  const uint64_t most = describe::mask_of(target::info(abi).register_bits);
  if (!number || *number > (is_negative ? most / 2 + 1 : most)) return std::nullopt;
  return Number{is_negative ? ~*number + 1 : *number, !is_decimal};
}

// A number, or a constant by its name.
std::optional<Number> single_constant(std::string_view piece, Abi abi) {
  if (piece.find_first_of("-0123456789") == 0) return number_of(piece, abi);
  const auto value = target::c_value(piece, abi);
  return value ? std::optional(Number{*value, true}) : std::nullopt;
}

bool is_identifier(std::string_view text) {
  return !text.empty() && (text.front() < '0' || text.front() > '9') &&
         std::ranges::all_of(text, [](char c) { return is_word_char(c) || c == '-' || c == '@'; });
}

// `arch=x86_64,arm; KEY=VALUE` between brackets: the ABIs of `abis` for which it holds; nullopt: it is not written so.
std::optional<AbiSet> metadata_abis(std::string_view inside, AbiSet abis) {
  std::vector<std::string_view> keys;
  do {
    std::string_view values = take(inside, ";");
    const std::string_view key = trim(take(values, "="));
    if (!is_identifier(key) || trim(values).empty() || trim(values).ends_with(',') ||
        std::ranges::find(keys, key) != keys.end())
      return std::nullopt;
    keys.push_back(key);
    AbiSet listed;
    while (!values.empty()) {
      const std::string_view value = trim(take(values, ","));
      if (!is_identifier(value)) return std::nullopt;
      const auto found = std::ranges::find(kArchNames, value, &std::pair<std::string_view, Abi>::first);
      if (found != kArchNames.end()) listed.add(found->second);
    }
    if (key == "arch") abis = abis & listed;
  } while (!trim(inside).empty());
  return abis;
}

}  // namespace

bool MinijailAnswer::operator==(const MinijailAnswer& other) const {
  return verdict == other.verdict && std::ranges::equal(any, other.any, [](const AllOf& a, const AllOf& b) {
           return std::ranges::equal(a, b, same);
         });
}

std::optional<MinijailLine> MinijailLines::next() {
  if (at_ >= text_.size()) return std::nullopt;
  MinijailLine line;
  const size_t begin = at_;
  for (bool goes_on = true; goes_on && at_ < text_.size();) {
    const size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view part = text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());
    if (const size_t hash = part.find('#'); hash != std::string_view::npos) {
      line.comment = trim(part.substr(hash + 1));
      part = part.substr(0, hash);
      line.is_commented = line.is_commented || !line.text.empty() || !trim(part).empty();
    }
    part = trim(part);
    goes_on = part.ends_with("\\");
    line.is_open = goes_on && at_ >= text_.size();
    if (goes_on) part.remove_suffix(1);
    line.text += (line.text.empty() ? "" : " ") + std::string(trim(part));
    line.span = {file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }
  line.text = trim(line.text);
  return line;
}

std::optional<MinijailAction> minijail_action(std::string_view text) {
  using target::Action;
  constexpr std::array<std::pair<std::string_view, Action>, 9> actions = {{{"1", Action::allow},
                                                                           {"allow", Action::allow},
                                                                           {"kill", Action::kill_thread},
                                                                           {"kill-thread", Action::kill_thread},
                                                                           {"kill-process", Action::kill_process},
                                                                           {"trap", Action::trap},
                                                                           {"trace", Action::trace},
                                                                           {"log", Action::log},
                                                                           {"user-notify", Action::notify}}};
  text = trim(text);
  const auto found = std::ranges::find(actions, text, &std::pair<std::string_view, Action>::first);
  if (found != actions.end()) return MinijailAction{{found->second, 0}};
  if (parse_c_number(text) == 1) return MinijailAction{{Action::allow, 0}};  // 0x1
  constexpr std::string_view word = "return";
  if (!text.starts_with(word) || text.size() == word.size() || is_word_char(text[word.size()])) return std::nullopt;
  const auto number = single_constant(trim(text.substr(word.size())), target::host_abi());
  if (!number) return std::nullopt;
  // Both readers hand on 16 bits of it (bpf.h, set_bpf_ret_errno; bpf.py, ReturnErrno), but to libminijail -1 is a sign
  // that there is no number (syscall_filter.c, compile_errno).
  const bool is_sign = static_cast<uint32_t>(number->value) == 0xffffffffU;
  return MinijailAction{{Action::errno_, static_cast<uint16_t>(number->value & target::kMaxData)},
                        number->is_plain && !is_sign};
}

std::optional<target::Verdict> minijail_default(std::string_view text) {
  using target::Action;
  const auto action = minijail_action(text);
  if (!action) return std::nullopt;
  switch (action->verdict.action) {
    case Action::kill_process:
    case Action::kill_thread:
    case Action::trap:
    case Action::notify: return action->verdict;
    case Action::errno_:
    case Action::trace:
    case Action::log:
    case Action::allow: break;
  }
  return std::nullopt;
}

bool MinijailParser::fail(std::string text) {
  if (error_.empty()) error_ = std::move(text);
  return false;
}

std::optional<std::vector<MinijailAnswer>> MinijailParser::read() {
  std::vector<MinijailAnswer> answers;
  std::string_view text = trim(text_);
  if (!text.starts_with("{")) return one_filter(text, true, answers) ? std::optional(std::move(answers)) : std::nullopt;
  is_plain_ = false;
  if (!text.ends_with("}")) {
    fail("the `}` is missing");
    return std::nullopt;
  }
  text = text.substr(1, text.size() - 2);
  for (bool is_last = false; !is_last;) {
    is_last = text.find(',') == std::string_view::npos;
    if (!answers.empty() && answers.back().any.empty()) {
      fail("nothing can stand behind an answer that always holds: compile_seccomp_policy.py refuses it");
      return std::nullopt;
    }
    if (!one_filter(trim(take(text, ",")), false, answers)) return std::nullopt;
  }
  return answers;
}

// `ACTION`, `CONDITIONS`, `CONDITIONS; ACTION`.
bool MinijailParser::one_filter(std::string_view text, bool is_line, std::vector<MinijailAnswer>& answers) {
  if (text.empty()) return fail(is_line ? "nothing stands right of the colon" : "an answer is missing in `{ }`");
  if (const auto action = minijail_action(text)) {
    is_plain_ = is_plain_ && action->is_plain && (text == "1" || text.starts_with("return"));
    if (!suits_list(action->verdict)) return false;
    answers.push_back({{}, action->verdict});
    return true;
  }
  if (text.starts_with("return")) return fail("`return` takes an error: `return EPERM`, or a number as C writes it");
  std::string_view action_text = text;
  rest_ = take(action_text, ";");
  action_text = trim(action_text);
  MinijailAnswer answer;
  answer.verdict = {target::Action::allow, 0};
  if (!conditions(answer.any)) return false;
  if (!action_text.empty()) {
    const auto action = minijail_action(action_text);
    if (!action) return fail(fmt::format("`{}` is no action", action_text));
    if (!suits_list(action->verdict)) return false;
    const bool is_else = action_text.starts_with("return");
    is_plain_ = is_plain_ && action->is_plain && is_else;
    is_ambiguous_ = is_line && !is_denylist_ && is_else;
    answer.verdict = action->verdict;
  }
  answers.push_back(std::move(answer));
  return true;
}

bool MinijailParser::suits_list(target::Verdict verdict) {
  return !is_denylist_ || verdict.action == target::Action::errno_ ||
         fail("a @denylist answers errors alone: `return EPERM`");
}

bool MinijailParser::eat(std::string_view word) {
  rest_ = trim(rest_);
  const bool found = rest_.starts_with(word);
  if (found) rest_.remove_prefix(word.size());
  return found;
}

bool MinijailParser::conditions(std::vector<AllOf>& any) {
  do {
    AllOf all;
    do {
      const auto compare = atom();
      if (!compare) return false;
      all.push_back(*compare);
    } while (eat("&&"));
    any.push_back(std::move(all));
    if (any.size() > limits::kImportAlternatives)
      return fail(fmt::format("it has more than {} alternatives", limits::kImportAlternatives));
  } while (eat("||"));
  return trim(rest_).empty() || fail(fmt::format("`{}` stands behind the conditions", trim(rest_)));
}

std::optional<Compare> MinijailParser::atom() {
  constexpr std::array<std::string_view, 8> ops = {"==", "!=", "<=", ">=", "<", ">", "&", "in"};
  rest_ = trim(rest_);
  const std::string_view whole = rest_;
  const bool is_argument =
      rest_.size() > 4 && rest_.starts_with("arg") && rest_[3] >= '0' && rest_[3] <= '5' && !is_word_char(rest_[4]);
  if (!is_argument) {
    if (rest_.empty())
      fail("a condition is missing");
    else
      fail(fmt::format("`{}` is no comparison: `arg0 == 1`, with arg0 to arg5", trim(rest_)));
    return std::nullopt;
  }
  Compare compare;
  compare.index = static_cast<uint8_t>(rest_[3] - '0');
  rest_.remove_prefix(4);
  const auto op = std::ranges::find_if(ops, [&](std::string_view each) { return eat(each); });
  if (op == ops.end() || (*op == "in" && !rest_.empty() && is_word_char(rest_.front()))) {
    fail(fmt::format("`{}` has none of the operators == != < <= > >= & in", whole));
    return std::nullopt;
  }
  const auto said = value(0);
  if (!said) return std::nullopt;
  is_plain_ = is_plain_ && is_three_words(whole.substr(0, whole.size() - rest_.size()), *op);
  const uint64_t bits = describe::mask_of(target::info(abi_).register_bits);
  compare.value = *said & bits;
  if (*op == "&" || *op == "in") {
    compare.mask = *op == "&" ? compare.value : ~*said & bits;
    compare.op = *op == "&" ? CompareOp::ne : CompareOp::eq;
    compare.value = 0;
    return compare;
  }
  constexpr std::array<CompareOp, 6> compares = {CompareOp::eq, CompareOp::ne, CompareOp::le,
                                                 CompareOp::ge, CompareOp::lt, CompareOp::gt};
  compare.op = compares[static_cast<size_t>(op - ops.begin())];
  return compare;
}

// `A|~B|0x10`, `~(A | B)`: `~` is of the next term alone (parser.py parse_value, util.c parse_constant).
std::optional<uint64_t> MinijailParser::value(uint32_t depth) {
  uint64_t whole = 0;
  if (depth > limits::kImportDepth) {
    fail(fmt::format("its value has more than {} open brackets", limits::kImportDepth));
    return std::nullopt;
  }
  do {
    const bool inverted = eat("~");
    const bool is_group = eat("(");
    const auto term = is_group ? value(depth + 1) : single();
    if (!term) return std::nullopt;
    if (is_group && !eat(")")) {
      fail("a `)` is missing");
      return std::nullopt;
    }
    whole |= inverted ? ~*term : *term;
    rest_ = trim(rest_);
  } while (!rest_.starts_with("||") && eat("|"));
  return whole;
}

std::optional<uint64_t> MinijailParser::single() {
  rest_ = trim(rest_);
  size_t end = rest_.starts_with('-') ? 1 : 0;
  while (end < rest_.size() && is_word_char(rest_[end])) ++end;
  const std::string_view piece = rest_.substr(0, end);
  const auto number = single_constant(piece, abi_);
  if (number) {
    is_plain_ = is_plain_ && number->is_plain;
    rest_.remove_prefix(end);
  } else if (piece.empty()) {
    fail("a value is missing");
  } else if (piece.find_first_not_of("-0123456789") == 0) {
    fail(fmt::format("`{}` is neither a number nor a constant of {}", piece, target::info(abi_).name));
  } else {
    fail(fmt::format("`{}` is no number of {} bits as C writes them", piece, target::info(abi_).register_bits));
  }
  return number ? std::optional(number->value) : std::nullopt;
}

std::optional<Abi> minijail_abi(std::string_view path) {
  const size_t slash = path.rfind('/');
  const std::string_view file = path.substr(slash + 1);  // npos + 1 is 0
  const auto in_file = [&](const auto& row) { return file.find(row.first) != std::string_view::npos; };
  auto found = std::ranges::find_if(kAbiNames, in_file);
  if (found == kAbiNames.end() && slash != std::string_view::npos) {
    const std::string_view above = path.substr(0, slash);
    found = std::ranges::find(kAbiNames, above.substr(above.rfind('/') + 1), &std::pair<std::string_view, Abi>::first);
  }
  return found != kAbiNames.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<MinijailNames> minijail_names(std::string_view text, AbiSet abis) {
  text = trim(text);
  MinijailNames read;
  const bool is_list = text.starts_with("{") && text.ends_with("}");
  if (is_list) text = text.substr(1, text.size() - 2);
  if (trim(text).ends_with(',')) return std::nullopt;
  read.is_plain = !is_list;
  while (!text.empty()) {
    const size_t bracket = text.find('[');
    const size_t comma =
        std::min(text.find(',', bracket == std::string_view::npos || bracket > text.find(',') ? 0 : text.find(']')),
                 text.size());
    std::string_view name = trim(text.substr(0, comma));
    AbiSet own = abis;
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (const size_t open = name.find('['); open != std::string_view::npos) {
      const std::string_view inside = trim(name.substr(open + 1));
      const auto listed =
          inside.ends_with("]") ? metadata_abis(inside.substr(0, inside.size() - 1), own) : std::nullopt;
      if (!listed) return std::nullopt;
      own = *listed;
      read.is_plain = false;
      name = trim(name.substr(0, open));
    }
    if (name.empty() || !std::ranges::all_of(name, is_word_char)) return std::nullopt;
    read.names.push_back({std::string(name), own});
  }
  if (read.names.empty() || (!is_list && read.names.size() != 1)) return std::nullopt;
  return read;
}

}  // namespace sbpc::importer
