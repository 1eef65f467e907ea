#include "import/minijail_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "describe/names.h"
#include "target/c_value.h"

namespace sbpc::importer {
namespace {

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
    }
    part = trim(part);
    goes_on = part.ends_with("\\");
    if (goes_on) part.remove_suffix(1);
    line.text += (line.text.empty() ? "" : " ") + std::string(trim(part));
    line.span = {file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }
  line.text = trim(line.text);
  return line;
}

std::optional<target::Verdict> minijail_action(std::string_view text) {
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
  if (found != actions.end()) return target::Verdict{found->second, 0};
  constexpr std::string_view word = "return";
  if (!text.starts_with(word)) return std::nullopt;
  const auto value = target::c_value(trim(text.substr(word.size())), target::host_abi());
  constexpr uint64_t kMostErrno = 4095;  // MAX_ERRNO, include/linux/err.h
  return value && *value <= kMostErrno ? std::optional(target::Verdict{Action::errno_, static_cast<uint16_t>(*value)})
                                       : std::nullopt;
}

bool MinijailParser::fail(std::string text) {
  if (error_.empty()) error_ = std::move(text);
  return false;
}

std::optional<std::vector<MinijailAnswer>> MinijailParser::read() {
  std::vector<MinijailAnswer> answers;
  std::string_view text = trim(text_);
  if (!text.starts_with("{")) {
    return one_filter(text, !is_denylist_, answers) ? std::optional(std::move(answers)) : std::nullopt;
  }
  if (!text.ends_with("}")) {
    fail("the `}` is missing");
    return std::nullopt;
  }
  for (text = text.substr(1, text.size() - 2); !trim(text).empty();) {
    if (!one_filter(trim(take(text, ",")), false, answers)) return std::nullopt;
  }
  return answers;
}

// `ACTION`, `CONDITIONS`, `CONDITIONS; ACTION`. The last is "ACTION if so" for compile_seccomp_policy.py, which alone
// takes `{ }`, lists of denials and other actions than `return`. Where that can be libminijail's, too, it is "allow if
// so, else ACTION", as minijail0.5 says.
bool MinijailParser::one_filter(std::string_view text, bool is_plain, std::vector<MinijailAnswer>& answers) {
  if (text.empty()) return fail("nothing stands right of the colon");
  if (const auto action = minijail_action(text)) {
    answers.push_back({{}, *action});
    return true;
  }
  if (text.starts_with("return")) return fail("`return` takes an error: `return EPERM`, or a number up to 4095");
  std::string_view rest = text;
  MinijailAnswer answer;
  if (!conditions(take(rest, ";"), answer.any)) return false;
  answer.verdict = {target::Action::allow, 0};
  rest = trim(rest);
  const auto action = rest.empty() ? std::nullopt : minijail_action(rest);
  if (!rest.empty() && !action) return fail(fmt::format("`{}` is no action", rest));
  const bool is_else = is_plain && action && action->action == target::Action::errno_;
  if (action && !is_else) answer.verdict = *action;
  answers.push_back(std::move(answer));
  if (is_else) answers.push_back({{}, *action});
  is_ambiguous_ = is_ambiguous_ || is_else;
  return true;
}

bool MinijailParser::conditions(std::string_view text, std::vector<AllOf>& any) {
  while (!trim(text).empty()) {
    std::string_view group = take(text, "||");
    AllOf all;
    do {
      const auto compare = atom(trim(take(group, "&&")));
      if (!compare) return false;
      all.push_back(*compare);
    } while (!trim(group).empty());
    any.push_back(std::move(all));
    if (any.size() > limits::kImportAlternatives)
      return fail(fmt::format("it has more than {} alternatives", limits::kImportAlternatives));
  }
  return !any.empty() || fail("a condition is missing");
}

std::optional<Compare> MinijailParser::atom(std::string_view text) {
  constexpr std::array<std::string_view, 8> ops = {"==", "!=", "<=", ">=", "<", ">", "&", "in"};
  const bool is_argument = text.size() > 4 && text.starts_with("arg") && text[3] >= '0' && text[3] <= '5' &&
                           (text[4] == ' ' || text[4] == '\t');
  if (!is_argument) {
    fail(fmt::format("`{}` is no comparison: `arg0 == 1`, with arg0 to arg5", text));
    return std::nullopt;
  }
  std::string_view rest = trim(text.substr(4));
  const auto op = std::ranges::find_if(ops, [&](std::string_view each) { return rest.starts_with(each); });
  if (op == ops.end()) {
    fail(fmt::format("`{}` has none of the operators == != < <= > >= & in", text));
    return std::nullopt;
  }
  const auto value = constant(trim(rest.substr(op->size())));
  if (!value) return std::nullopt;
  Compare compare;
  compare.index = static_cast<uint8_t>(text[3] - '0');
  const uint64_t whole = describe::mask_of(target::info(abi_).register_bits);
  compare.value = *value & whole;
  if (*op == "&" || *op == "in") {
    compare.mask = *op == "&" ? compare.value : ~*value & whole;
    compare.op = *op == "&" ? CompareOp::ne : CompareOp::eq;
    compare.value = 0;
    return compare;
  }
  constexpr std::array<CompareOp, 6> compares = {CompareOp::eq, CompareOp::ne, CompareOp::le,
                                                 CompareOp::ge, CompareOp::lt, CompareOp::gt};
  compare.op = compares[static_cast<size_t>(op - ops.begin())];
  return compare;
}

// `A|~B|0x10`: `~` is of the next term alone (util.c parse_constant).
std::optional<uint64_t> MinijailParser::constant(std::string_view text) {
  uint64_t value = 0;
  if (text.empty()) fail("a value is missing");
  for (bool first = true; first || !text.empty(); first = false) {
    std::string_view piece = trim(take(text, "|"));
    bool inverted = false;
    for (; piece.starts_with("~"); piece = trim(piece.substr(1))) inverted = !inverted;
    const auto number = target::c_value(piece, abi_);
    if (!number) {
      fail(fmt::format("`{}` is neither a number nor a constant of {}", piece, target::info(abi_).name));
      return std::nullopt;
    }
    value |= inverted ? ~*number : *number;
  }
  return value;
}

}  // namespace sbpc::importer
