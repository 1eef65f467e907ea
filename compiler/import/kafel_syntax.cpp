#include "import/kafel_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "diag/kinds/import.def"

namespace sbpc::importer {
namespace {

using target::Action;
using Op = KafelNode::Op;

constexpr size_t kMostArgs = 6;  // of seccomp_data

struct ActionWord {
  std::string_view word;
  Action action;
  bool takes_number;
};
constexpr std::array<ActionWord, 10> kActions = {{{"ALLOW", Action::allow, false},
                                                  {"LOG", Action::log, false},
                                                  {"USER_NOTIF", Action::notify, false},
                                                  {"KILL_PROCESS", Action::kill_process, false},
                                                  {"KILL_THREAD", Action::kill_thread, false},
                                                  {"KILL", Action::kill_thread, false},
                                                  {"DENY", Action::kill_thread, false},
                                                  {"ERRNO", Action::errno_, true},
                                                  {"TRAP", Action::trap, true},
                                                  {"TRACE", Action::trace, true}}};

const ActionWord* find_action(const KafelToken& token) {
  const auto found = std::ranges::find_if(kActions, [&](const ActionWord& row) { return token.is(row.word); });
  return found == kActions.end() ? nullptr : &*found;
}

// A name that is no word of the language.
bool is_name(const KafelToken& token) {
  constexpr std::array<std::string_view, 6> words = {"SYSCALL", "USE", "POLICY", "DEFAULT", "ON", "define"};
  return token.kind == KafelToken::Kind::name && find_action(token) == nullptr &&
         std::ranges::find(words, token.text) == words.end();
}

void add_comment(std::string& whole, const std::string& more) {
  if (!more.empty()) whole += (whole.empty() ? "" : "\n") + more;
}

}  // namespace

bool KafelParser::fail(std::string note) {
  const bool is_cut = next().kind == KafelToken::Kind::end;
  sink_.report(diag::kinds::ImportBadSyntax, next().span, std::string_view("a Kafel policy"))
      .note(is_cut ? "the text ends here; " + note : std::move(note));
  return false;
}

bool KafelParser::misses_comma(std::string_view where) {
  return fail(fmt::format("a comma seems to be missing before `{}`: it stands {}", next().text, where));
}

std::nullopt_t KafelParser::none(std::string note) {
  fail(std::move(note));
  return std::nullopt;
}

bool KafelParser::skip(std::string_view sign) {
  if (!next().is(sign)) return false;
  take();
  return true;
}
bool KafelParser::expect(std::string_view sign) { return skip(sign) || fail(fmt::format("`{}` is expected", sign)); }

bool KafelParser::starts_action() const { return find_action(next()) != nullptr; }

std::optional<KafelProgram> KafelParser::read() {
  if (next().kind == KafelToken::Kind::end) fail("a policy has at least one statement");
  while (!sink_.has_errors() && next().kind != KafelToken::Kind::end) {
    if (!statement()) return std::nullopt;
  }
  return sink_.has_errors() ? std::nullopt : std::optional(std::move(program_));
}

bool KafelParser::statement() {
  if (next().is("#")) return definition();
  if (next().is("POLICY")) return policy();
  if (!next().is("DEFAULT")) return entries(program_.main);
  if (program_.otherwise) return fail("there is one DEFAULT only");
  take();
  target::Verdict verdict;
  if (!action(verdict)) return false;
  program_.otherwise = verdict;
  return true;
}

// # define NAME NUMBER
bool KafelParser::definition() {
  take();
  if (!next().is("define")) return fail("`#define NAME NUMBER` and `#include \"FILE\"` begin with `#`");
  take();
  if (!is_name(next())) return fail("`#define` takes a name and a number");
  const std::string_view name = take().text;
  if (next().kind != KafelToken::Kind::number) return fail("`#define` takes a name and a number");
  const auto [known, is_new] = constants_.emplace(name, next().number);
  if (!is_new && known->second != next().number)
    return fail(fmt::format("`{}` is defined with another value already", name));
  take();
  return true;
}

bool KafelParser::policy() {
  const std::string comment = take().comment;
  if (!is_name(next())) return fail("a policy has a name: `POLICY name { ... }`");
  const bool is_known =
      std::ranges::find(program_.policies, next().text, &KafelPolicy::name) != program_.policies.end();
  if (is_known) return fail(fmt::format("there is a policy `{}` already", next().text));
  KafelPolicy made;
  made.name = take().text;
  if (!expect("{")) return false;
  if (!next().is("}") && !entries(made.entries)) return false;
  if (starts_action() || next().is("USE"))
    return misses_comma("between what a policy lists: `ALLOW { ... }, USE other`");
  if (!expect("}")) return false;
  if (!made.entries.empty() && made.entries.front().comment.empty()) made.entries.front().comment = comment;
  program_.policies.push_back(std::move(made));
  return true;
}

bool KafelParser::entries(std::vector<KafelEntry>& entries) {
  do {
    if (!entry(entries.emplace_back())) return false;
  } while (skip(","));
  return true;
}

bool KafelParser::entry(KafelEntry& entry) {
  entry.comment = next().comment;
  if (next().is("USE")) {
    take();
    const auto found = std::ranges::find(program_.policies, next().text, &KafelPolicy::name);
    if (!is_name(next()) || found == program_.policies.end()) return fail("`USE` takes a policy that stands before it");
    entry.use = static_cast<size_t>(found - program_.policies.begin());
    take();
    return true;
  }
  if (!starts_action())
    return fail(
        "an action is expected (ALLOW, DENY, KILL, KILL_PROCESS, LOG, USER_NOTIF, ERRNO(n), TRAP(n), TRACE(n)), or "
        "USE, POLICY, DEFAULT, #define");
  if (!action(entry.verdict)) return false;
  if (!next().is("{")) return fail("behind an action stand its calls: `ALLOW { read, write }`");
  take();
  if (skip("}")) return true;
  do {
    if (++filters_ > limits::kImportRules) {
      sink_.report(diag::kinds::ImportTooLarge, next().span,
                   fmt::format("it has more than {} rules", limits::kImportRules));
      return false;
    }
    const size_t begin = at_;
    if (!filter(entry.filters.emplace_back())) return false;
    if (is_name(next()) || next().is("SYSCALL")) return misses_comma("between calls");
    if (!next().is(",") && !next().is("}")) return fail("behind a call stands `,`, `}`, or its condition in braces");
    for (size_t i = begin; i <= at_; ++i) add_comment(entry.filters.back().comment, tokens_[i].own_comment);
  } while (skip(","));
  return expect("}");
}

// ALLOW, ERRNO(1)
bool KafelParser::action(target::Verdict& verdict) {
  const ActionWord* row = find_action(next());
  if (row == nullptr)
    return fail("an action is expected: ALLOW, DENY, KILL, KILL_PROCESS, LOG, USER_NOTIF, ERRNO(n), TRAP(n), TRACE(n)");
  take();
  verdict = {row->action, 0};
  if (!row->takes_number) return true;
  if (!expect("(")) return false;
  const KafelToken& number = next();
  if (number.kind != KafelToken::Kind::number || number.number > target::kMaxData)  // parser.y, action
    return fail("it takes a number from 0 to 65535");
  if (row->action == Action::errno_ && number.number > target::kMaxErrno)
    sink_.report(diag::kinds::ImportErrno, number.span, number.number);
  const uint16_t most = row->action == Action::errno_ ? target::kMaxErrno : target::kMaxData;
  verdict.data = static_cast<uint16_t>(std::min<uint64_t>(number.number, most));
  take();
  return expect(")");
}

bool KafelParser::filter(KafelFilter& filter) {
  filter.comment = next().comment;
  filter.span = next().span;
  if (skip("SYSCALL")) {
    if (!expect("[")) return false;
    if (next().kind != KafelToken::Kind::number) return fail("`SYSCALL[n]` takes a number");
    filter.number = static_cast<uint32_t>(take().number);
    if (!expect("]")) return false;
  } else {
    if (!is_name(next())) return fail("a call is expected: its name, or `SYSCALL[n]`");
    filter.name = take().text;
    const auto constant = constants_.find(filter.name);
    if (constant != constants_.end()) filter.number = static_cast<uint32_t>(constant->second);
  }
  if (next().is("(") && !arguments(filter)) return false;
  if (next().is("ON") && !guard(filter)) return false;
  if (!skip("{") || skip("}")) return true;
  const auto condition = any(filter, 0);
  if (!condition) return false;
  if (!is_condition(filter, *condition)) return fail("a condition compares: `fd == 1`");
  if (is_name(next())) return misses_comma("between comparisons of which one has to hold; `&&` where both have to");
  return expect("}");
}

bool KafelParser::arguments(KafelFilter& filter) {
  take();
  filter.declares = true;
  if (skip(")")) return true;
  do {
    if (!is_name(next())) return fail("between parentheses stand names of arguments");
    if (std::ranges::find(filter.args, next().text) != filter.args.end())
      return fail("this argument has been named already");
    if (filter.args.size() == kMostArgs) return fail("a call has at most 6 arguments");
    filter.args.push_back(take().text);
  } while (skip(","));
  return expect(")");
}

// ON x86_64, ON { x86_64, aarch64 }
bool KafelParser::guard(KafelFilter& filter) {
  take();
  const bool is_list = skip("{");
  do {
    if (!is_name(next())) return fail("`ON` takes an architecture, or several in braces");
    filter.arches.push_back(take().text);
  } while (is_list && skip(","));
  return !is_list || expect("}");
}

std::optional<size_t> KafelParser::joined(KafelFilter& filter, KafelNode node) {
  if (filter.nodes.size() > limits::kImportAlternatives * 4) {
    sink_.report(diag::kinds::ImportTooLarge, node.span,
                 fmt::format("the rule's condition has more than {} parts", limits::kImportAlternatives * 4));
    return std::nullopt;
  }
  filter.nodes.push_back(node);
  return filter.nodes.size() - 1;
}

std::optional<size_t> KafelParser::any(KafelFilter& filter, size_t depth) {
  auto left = all(filter, depth);
  while (left && (next().is(",") || next().is("||"))) {
    if (!is_condition(filter, *left)) break;
    const Span span = take().span;
    const auto right = all(filter, depth);
    if (!right) return std::nullopt;
    if (!is_condition(filter, *right)) return none("a condition compares: `fd == 1`");
    left = joined(filter, {Op::or_, 0, {}, *left, *right, span});
  }
  return left;
}

std::optional<size_t> KafelParser::all(KafelFilter& filter, size_t depth) {
  auto left = primary(filter, depth);
  while (left && next().is("&&")) {
    if (!is_condition(filter, *left)) return none("`&&` joins comparisons");
    const Span span = take().span;
    const auto right = primary(filter, depth);
    if (!right) return std::nullopt;
    if (!is_condition(filter, *right)) return none("`&&` joins comparisons");
    left = joined(filter, {Op::and_, 0, {}, *left, *right, span});
  }
  return left;
}

std::optional<size_t> KafelParser::primary(KafelFilter& filter, size_t depth) {
  if (next().is("!")) {
    if (depth >= limits::kImportDepth)
      return none(fmt::format("conditions nest more than {} deep", limits::kImportDepth));
    const Span span = take().span;
    const auto inner = primary(filter, depth + 1);
    if (!inner) return std::nullopt;
    if (!is_condition(filter, *inner)) return none("`!` is of a comparison");
    return joined(filter, {Op::not_, 0, {}, *inner, 0, span});
  }
  constexpr std::array<std::pair<std::string_view, Op>, 6> signs = {
      {{"==", Op::eq}, {"!=", Op::ne}, {"<", Op::lt}, {"<=", Op::le}, {">", Op::gt}, {">=", Op::ge}}};
  const auto left = bits(filter, depth);
  if (!left || is_condition(filter, *left)) return left;
  const auto sign = std::ranges::find_if(signs, [&](const auto& row) { return next().is(row.first); });
  if (sign == signs.end()) return left;
  const Span span = take().span;
  const auto right = bits(filter, depth);
  if (!right) return std::nullopt;
  if (is_condition(filter, *right)) return none("a comparison has values on both sides");
  return joined(filter, {sign->second, 0, {}, *left, *right, span});
}

// `&` binds closer than `|`.
std::optional<size_t> KafelParser::bits(KafelFilter& filter, size_t depth) {
  std::optional<size_t> whole;
  do {
    auto part = operand(filter, depth);
    while (part && next().is("&")) {
      const Span span = take().span;
      const auto right = operand(filter, depth);
      if (!right) return std::nullopt;
      if (is_condition(filter, *part) || is_condition(filter, *right))
        return none("`&` joins values, `&&` comparisons");
      part = joined(filter, {Op::bit_and, 0, {}, *part, *right, span});
    }
    if (!part) return std::nullopt;
    if (!whole) {
      whole = part;
    } else {
      if (is_condition(filter, *whole) || is_condition(filter, *part))
        return none("`|` joins values, `||` comparisons");
      whole = joined(filter, {Op::bit_or, 0, {}, *whole, *part, filter.nodes[*part].span});
    }
  } while (whole && skip("|"));
  return whole;
}

std::optional<size_t> KafelParser::operand(KafelFilter& filter, size_t depth) {
  const KafelToken& token = next();
  if (token.is("(")) {
    if (depth >= limits::kImportDepth)
      return none(fmt::format("conditions nest more than {} deep", limits::kImportDepth));
    take();
    const auto inner = any(filter, depth + 1);
    return inner && expect(")") ? inner : std::nullopt;
  }
  if (token.kind == KafelToken::Kind::number) return joined(filter, {Op::number, take().number, {}, 0, 0, token.span});
  if (!is_name(token)) return none("an argument or a number is expected");
  take();
  const auto constant = constants_.find(token.text);
  if (constant != constants_.end()) return joined(filter, {Op::number, constant->second, {}, 0, 0, token.span});
  return joined(filter, {Op::name, 0, token.text, 0, 0, token.span});
}

}  // namespace sbpc::importer
