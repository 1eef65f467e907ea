// syntax_problems.cpp: what a token that does not fit may mean. Each function knows one mistake, and says whether it is
// the one at hand.
#include <algorithm>

#include "base/text.h"
#include "diag/kinds/syntax.def"
#include "diag/suggest.h"
#include "parse/misspelt.h"
#include "parse/phrases.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

bool SyntaxErrors::stray_bracket(size_t at) {
  if (!is_closer(view_.kind(at)) || view_.match(at) != TokenView::kNone) return false;
  sink_.report(kinds::StrayBracket, source_.span(at), source_.spelling(at)).fix("delete it", source_.span(at), "");
  return true;
}

bool SyntaxErrors::reserved_name(const Problem& problem) {
  if (info(view_.kind(problem.at)).use != TokenUse::reserved || !expects(problem, TokenKind::ident)) return false;
  const Rule rule = problem.rules.front().rule;
  if (rule == Rule::operand || rule == Rule::expr || rule == Rule::conditions) return false;
  sink_.report(kinds::ReservedName, source_.span(problem.at), source_.spelling(problem.at)).note("choose another name");
  return true;
}

bool SyntaxErrors::missing_data(const Problem& problem) {
  if (problem.at == 0 || !expects(problem, TokenKind::lparen)) return false;
  const TokenKind before = view_.kind(problem.at - 1);
  if (before != TokenKind::errno_ && before != TokenKind::trace) return false;
  const Rule rule = problem.rules.front().rule;
  if (rule != Rule::data && rule != Rule::action) return false;
  // `errno EPERM write;` has its number.
  const bool is_bare = (view_.kind(problem.at) == TokenKind::ident || view_.kind(problem.at) == TokenKind::integer) &&
                       (is_name(view_.kind(problem.at + 1)) || view_.kind(problem.at + 1) == TokenKind::at);
  const std::string example =
      is_bare ? fmt::format("{}({})", source_.spelling(problem.at - 1), source_.spelling(problem.at))
      : before == TokenKind::errno_ ? "errno(EPERM)"
                                    : "trace(1)";
  const Span word =
      is_bare ? join(source_.span(problem.at - 1), source_.span(problem.at)) : source_.span(problem.at - 1);
  sink_.report(kinds::MissingData, word, source_.spelling(problem.at - 1), example)
      .fix(fmt::format("write `{}`", example), word, example);
  return true;
}

// What people write who come from other languages, as one token or as two that touch.
bool SyntaxErrors::foreign_spelling(const Problem& problem) {
  struct Spelling {
    std::string_view foreign;
    std::string_view ours;
  };
  static constexpr Spelling kSpellings[] = {
      {"is", "=="},          {"contains", "has"}, {"elif", "else if"}, {"elsif", "else if"},
      {"elseif", "else if"}, {"===", "=="},       {"!==", "!="},       {"<>", "!="},
      {"=>", ">="},          {"=<", "<="},        {"&&&", "&&"},       {"|||", "||"},
      {":=", "="},           {"...", ".."},       {"..=", ".."},       {"::", "."},
  };
  // `fd eq 1`, `1 to 3`: names elsewhere.
  static constexpr Spelling kOperatorWords[] = {{"eq", "=="},     {"ne", "!="},    {"lt", "<"},
                                                {"le", "<="},     {"gt", ">"},     {"ge", ">="},
                                                {"equals", "=="}, {"masked", "&"}, {"to", ".."}};
  // `on x86_64 and aarch64`, `allow read or write`, `in { 1 or 2 }`
  const size_t open = view_.open_bracket(problem.at);
  const bool is_in_braces = open != TokenView::kNone && view_.kind(open) == TokenKind::lbrace;
  const bool is_list = expects(problem, TokenKind::comma) && (!expects(problem, TokenKind::and_) || is_in_braces);
  auto tell = [&](Span whole, std::string_view foreign, std::string_view ours) {
    sink_.report(kinds::ForeignSpelling, whole, foreign, ours)
        .fix(fmt::format("write `{}`", ours), whole, std::string(ours), true);
    return true;
  };
  auto explain = [&](size_t from, size_t to) {
    const Span whole = join(source_.span(from), source_.span(to));
    const std::string_view text = source_.text.substr(whole.begin, whole.end - whole.begin);
    for (const Spelling& each : kSpellings) {
      if (each.foreign == text) return tell(whole, each.foreign, each.ours);
    }
    return false;
  };
  const size_t at = problem.at;
  const std::string_view sign = view_.kind(at) == TokenKind::ident ? logic_sign(source_.spelling(at)) : "";
  const bool is_negated = view_.kind(at) == TokenKind::ident && logic_sign(source_.spelling(at + 1)) == "!";
  if (source_.spelling(at) == "otherwise" && expects(problem, TokenKind::else_))
    return tell(source_.span(at), "otherwise", "else");
  // `flags has not O_CREAT`, `flags not has O_CREAT`
  const bool has_before = at > 1 && view_.kind(at - 2) == TokenKind::has && source_.spelling(at - 1) == "not";
  if (has_before || (source_.spelling(at) == "not" && view_.kind(at + 1) == TokenKind::has)) {
    const Span words =
        has_before ? join(source_.span(at - 2), source_.span(at - 1)) : join(source_.span(at), source_.span(at + 1));
    return tell(words, has_before ? "has not" : "not has", "lacks");
  }
  if (is_negated && source_.spelling(at) == "is" && expects(problem, TokenKind::eq))
    return tell(join(source_.span(at), source_.span(at + 1)), "is not", "!=");
  if (is_list && expects(problem, TokenKind::except) &&
      (sign == "!" || (is_negated && (sign == "&&" || source_.spelling(at) == "but")))) {
    const Span words = join(source_.span(at), source_.span(sign == "!" ? at : at + 1));
    sink_.report(kinds::ForeignSpelling, words, source_.text.substr(words.begin, words.end - words.begin), "except")
        .fix("write `except`", words, "except");
    return true;
  }
  if (is_list && !sign.empty() && sign != "!") return tell(source_.span(at), source_.spelling(at), ",");
  if (!is_list && logic_words(problem)) return true;
  const bool is_bare = open == TokenView::kNone || is_in_braces;
  if (!is_list && is_bare && !sign.empty() && expects(problem, TokenKind::and_))
    return tell(source_.span(at), source_.spelling(at), sign);
  for (const Spelling& each : kOperatorWords) {
    if (expects(problem, TokenKind::eq) && source_.spelling(at) == each.foreign)
      return tell(source_.span(at), each.foreign, each.ours);
  }
  if (at > 0 && view_.touches_previous(at) && explain(at - 1, at)) return true;
  if (view_.touches_previous(at + 1) && view_.kind(at + 1) != TokenKind::end && explain(at, at + 1)) return true;
  if (view_.kind(at) == TokenKind::ident && explain(at, at)) return true;
  return at > 0 && view_.kind(at) == TokenKind::lparen && source_.spelling(at - 1).starts_with("el") &&
         explain(at - 1, at - 1);  // `elif (...)`, seen at `(`
}

// `kernl 6.1;` reads as a rule with the action parameter `kernl`, up to the number.
std::optional<std::string_view> SyntaxErrors::misspelt_word(const Problem& problem, size_t first) const {
  if (view_.kind(first) != TokenKind::ident || problem.at <= first) return std::nullopt;
  return diag::suggest(source_.spelling(first), words(starts_statement));
}

bool SyntaxErrors::unknown_word(const Problem& problem, size_t first) {
  const auto meant = misspelt_word(problem, first);
  if (!meant) return false;
  const Span span = source_.span(first);
  sink_.report(kinds::UnknownWord, span, source_.spelling(first), "a statement")
      .note(fmt::format("did you mean `{}`?", *meant))
      .fix(fmt::format("write `{}`", *meant), span, std::string(*meant), true);
  return true;
}

bool SyntaxErrors::unknown_keyword(const Problem& problem, size_t first) {
  const auto found = misspelt_keyword(source_, problem, first);
  if (!found) return false;
  report_misspelt(sink_, source_.span(found->at), source_.spelling(found->at), found->meant);
  return true;
}

// `flags hsa O_CREAT`: behind a name, where an operator could stand, a word that is nearly one.
bool SyntaxErrors::misspelt_operator(const Problem& problem) {
  if (!is_name(view_.kind(problem.at)) || !expects(problem, TokenKind::has) || problem.at == 0 ||
      !is_name(view_.kind(problem.at - 1)))
    return false;
  const std::string_view word = source_.spelling(problem.at);
  const auto meant =
      diag::suggest(word, words([](TokenKind kind) { return kind >= TokenKind::in && kind <= TokenKind::only; }));
  if (!meant) return false;
  const Span span = source_.span(problem.at);
  unexpected(problem.at, "an operator")
      .note(fmt::format("did you mean `{}`?", *meant))
      .fix(fmt::format("write `{}`", *meant), span, std::string(*meant));
  return true;
}

// `allow errno(EPERM) read;`: behind the first action, the second reads as a call.
bool SyntaxErrors::second_action(const Problem& problem, size_t first) {
  const size_t second = first + 1;
  if (!is_action(view_.kind(first)) || !is_action(view_.kind(second)) || problem.at <= second) return false;
  const size_t begins = view_.kind(second + 1) == TokenKind::lparen ? view_.match(second + 1) + 1 : second + 1;
  if (problem.at != begins || !is_name(view_.kind(problem.at))) return false;
  const Span span = join(source_.span(second), source_.span(problem.at - 1));
  const std::string_view action = source_.text.substr(span.begin, span.end - span.begin);
  const std::string_view call = source_.spelling(problem.at);
  sink_.report(kinds::UnexpectedToken, span, fmt::format("second action `{}`", action), phrase(Rule::targets))
      .note(fmt::format("a statement has one action: `{} {};`", action, call))
      .note(fmt::format("or one more for where the conditions do not hold: `{} {}(...) else {};`",
                        source_.spelling(first), call, action));
  return true;
}

// `override use set;`: a used set is a scope of its own, so its place is a block.
bool SyntaxErrors::override_use(const Problem& problem) {
  if (view_.kind(problem.at) != TokenKind::use || problem.at == 0 || view_.kind(problem.at - 1) != TokenKind::override)
    return false;
  auto report = unexpected(problem.at, "a rule, `fallback`, `require` or `{ }`");
  report.note("a used set overrides from within a block: `override { use NAME; }`");
  size_t end = problem.at;
  while (view_.kind(end) != TokenKind::semicolon && view_.kind(end) != TokenKind::end) ++end;
  if (view_.kind(end) == TokenKind::end) return true;
  const Span span = join(source_.span(problem.at), source_.span(end));
  const std::string text = fmt::format("{{ {} }}", source_.text.substr(span.begin, span.end - span.begin));
  report.fix(fmt::format("write `{}`", text), span, text, true);
  return true;
}

// `assert write;`, `expect never @files;`: the calls stand where the answer should.
bool SyntaxErrors::missing_outcome(const Problem& problem, size_t first) {
  const TokenKind word = view_.kind(first);
  if (word != TokenKind::assert_ && word != TokenKind::expect) return false;
  if (source_.spelling(first + 1) == "not" && problem.at > first + 1) {
    const Span span = source_.span(first + 1);
    sink_.report(kinds::ForeignSpelling, span, "not", "never").fix("write `never`", span, "never", true);
    return true;
  }
  const bool is_never = view_.kind(first + 1) == TokenKind::never && problem.at > first + 1;
  const size_t calls = first + (is_never ? 2 : 1);
  const TokenKind kind = view_.kind(calls);
  const bool is_list = problem.at == calls && (kind == TokenKind::at || kind == TokenKind::lbrace);
  const bool is_call = problem.at == calls + 1 && is_name(kind) && !is_action(kind) &&
                       (view_.kind(problem.at) == TokenKind::semicolon || view_.kind(problem.at) == TokenKind::comma ||
                        view_.kind(problem.at) == TokenKind::lparen);
  if (!is_list && !is_call) return false;
  const std::string name = kind == TokenKind::at       ? fmt::format("@{}", source_.spelling(calls + 1))
                           : kind == TokenKind::lbrace ? "{ ... }"
                                                       : std::string(source_.spelling(calls));
  const Span place{source_.file, source_.span(calls).begin, source_.span(calls).begin};
  sink_.report(kinds::MissingOutcome, source_.span(calls), source_.spelling(first), fmt::format("`{}`", name))
      .note(fmt::format("write `{0} allow {1};` or `{0} never allow {1};`, or another action in place of `allow`",
                        source_.spelling(first), name))
      .fix("write `allow` before it", place, "allow ");
  return true;
}

// `allow(read, write);`, `default kill_process(SIGKILL);`
bool SyntaxErrors::action_in_parentheses(const Problem& problem) {
  if (view_.kind(problem.at) != TokenKind::lparen || problem.at == 0 || !is_action(view_.kind(problem.at - 1)))
    return false;
  const bool wants_calls = expects(problem, TokenKind::ident);
  auto report = unexpected(problem.at, wants_calls ? std::string(phrase(Rule::targets)) : list(problem.expected));
  const std::string_view action = source_.spelling(problem.at - 1);
  report.note(wants_calls ? fmt::format("the calls follow the action without parentheses: `{} read, write;`", action)
                          : fmt::format("`{}` takes no data: it stands alone", action));
  return true;
}

bool SyntaxErrors::text_as_value(const Problem& problem) {
  if (view_.kind(problem.at) != TokenKind::string) return false;
  if (!expects(problem, TokenKind::raw)) return false;  // only a value may be a raw slot
  // `errno("EPERM")`, `domain == "AF_INET"`
  const std::string_view text = source_.spelling(problem.at);
  const std::string_view inner = text.substr(1, text.size() - 2);
  const bool is_constant = inner.size() > 1 && inner[0] >= 'A' && inner[0] <= 'Z' &&
                           inner.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
  const bool is_version = inner.size() < 10 && !inner.empty() && inner.front() != '.' && inner.back() != '.' &&
                          std::count(inner.begin(), inner.end(), '.') < 2 &&
                          inner.find_first_not_of("0123456789.") == std::string_view::npos;
  if (is_constant || is_version) {
    unexpected(problem.at, std::string(phrase(Rule::expr)))
        .note(is_constant ? "constants are written without quotes" : "numbers and versions are written without quotes")
        .fix(fmt::format("write `{}`", inner), source_.span(problem.at), std::string(inner), true);
    return true;
  }
  unexpected(problem.at, std::string(phrase(Rule::expr)))
      .note(
          "a filter sees numbers: of a pointer the address, never the text behind it, which another thread could "
          "change after the check")
      .note("to decide by paths use Landlock, a user-notification supervisor, or descriptors opened beforehand");
  return true;
}

// `domain in (AF_INET, AF_INET6)`
bool SyntaxErrors::set_in_parentheses(const Problem& problem) {
  if (view_.kind(problem.at) != TokenKind::comma) return false;
  const size_t open = view_.open_bracket(problem.at);
  if (open == TokenView::kNone || open == 0 || view_.kind(open) != TokenKind::lparen ||
      (view_.kind(open - 1) != TokenKind::in && view_.kind(open - 1) != TokenKind::assign))
    return false;
  auto report = unexpected(problem.at, "`)`");
  report.note("several values are a set, in `{ }`: `in { A, B }`");
  const size_t close = view_.match(open);
  if (close == TokenView::kNone) return true;
  const Span whole = join(source_.span(open), source_.span(close));
  const std::string set = fmt::format("{{ {} }}", source_.text.substr(whole.begin + 1, whole.end - whole.begin - 2));
  report.fix("write a set", whole, set, true);
  return true;
}

bool SyntaxErrors::missing_comma(const Problem& problem) {
  const TokenKind kind = view_.kind(problem.at);
  const bool element =
      is_name(kind) || kind == TokenKind::at || kind == TokenKind::lbrace || kind == TokenKind::integer;
  if (!element || !expects(problem, TokenKind::comma) || problem.at == 0) return false;
  // `on x86_64 allow read;`, `assert allow never read;`: no list goes on there.
  const TokenKind before = view_.kind(problem.at - 1);
  if (is_action(kind) || before == TokenKind::never || before == TokenKind::comma) return false;
  // `fd == 1 plus count == 2`: a condition begins with a name and goes on with an operator.
  const bool in_conditions = expects(problem, TokenKind::and_) && expects(problem, TokenKind::rparen);
  if (in_conditions && is_name(kind) &&
      (is_name(view_.kind(problem.at + 1)) || info(view_.kind(problem.at + 1)).use == TokenUse::literal))
    return false;
  const size_t open = view_.open_bracket(problem.at);
  const bool inside_list = open != TokenView::kNone && problem.rules.front().rule != Rule::rule_statement;
  const Span place = view_.behind_previous(problem.at);
  // Between values or conditions an operator may be what is missing: `A B` may be `A | B`.
  const bool has_colon = is_name(kind) && view_.kind(problem.at + 1) == TokenKind::colon;
  const bool is_certain = has_colon || !(in_conditions || expects(problem, TokenKind::bit_or));
  auto report = sink_.report(kinds::MissingComma, place, view_.quoted(problem.at - 1), view_.quoted(problem.at));
  report.fix("add `,`", place, ",", inside_list && is_certain);
  if (in_conditions && !is_certain) report.note("`,` between conditions asks for both; where one is enough write `||`");
  return true;
}

void SyntaxErrors::unexpected(const Problem& problem, size_t first) {
  // The outermost rule that should have begun here knows best what was wanted.
  const Problem::OpenRule* wanted = nullptr;
  for (const Problem::OpenRule& open : problem.rules) {
    if (open.begin == problem.at) wanted = &open;
  }
  const bool empty_list = wanted != nullptr && (wanted->rule == Rule::conditions || wanted->rule == Rule::args);
  std::string expected = wanted != nullptr && !empty_list ? std::string(phrase(wanted->rule)) : list(problem.expected);
  // `use r(1, 2)`: the empty list of arguments was left before anything was read.
  const Rule within = problem.rules.front().rule;
  const bool in_args = (within == Rule::use_statement || within == Rule::args) && expects(problem, TokenKind::rparen);
  if (in_args && expects(problem, TokenKind::ident)) expected = fmt::format("{}, or `)`", phrase(Rule::args));
  auto report = unexpected(problem.at, expected);
  if (within == Rule::require_statement && expects(problem, TokenKind::else_))
    report.note(
        "`require` says what the calls get that fit none of its targets: `require read(fd == 0) else errno(EPERM);`");
  const TokenKind kind = view_.kind(problem.at);
  const size_t open = kind == TokenKind::end ? view_.open_bracket(problem.at) : TokenView::kNone;
  if (open != TokenView::kNone) {
    report.label(source_.span(open), "still open");
    unclosed_at_ = problem.at;
  }
  // `use x(a = 1)`, `group g: { }`
  for (TokenKind right : {TokenKind::colon, TokenKind::assign}) {
    const bool confused = kind == TokenKind::assign || kind == TokenKind::colon || kind == TokenKind::eq;
    const bool has_no_type = kind == TokenKind::assign && within == Rule::formal;  // `param net = true;`
    if (!confused || kind == right || !expects(problem, right) || has_no_type) continue;
    if (kind == TokenKind::eq && right == TokenKind::colon && expects(problem, TokenKind::assign)) continue;
    // `fd: 1` in a condition, where `=` could stand only to be told that it is `==`.
    const std::string_view text = info(expects(problem, TokenKind::eq) ? TokenKind::eq : right).spelling;
    report.fix(fmt::format("write `{}`", text), source_.span(problem.at), std::string(text), true);
    return;
  }
  if (std::string note = habit(problem, first); !note.empty()) report.note(std::move(note));
}

}  // namespace sbpc::parse
