#include "parse/syntax_errors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "diag/kinds/syntax.def"
#include "diag/suggest.h"
#include "parse/misspelt.h"

namespace sbpc::parse {
namespace {

namespace kinds = diag::kinds;

// The phrase of rules.def.
std::string_view phrase(Rule rule) {
  static constexpr std::string_view kPhrases[] = {
#define RULE(id, grammar, phrase) phrase,
#include "parse/rules.def"
  };
  return kPhrases[static_cast<size_t>(rule)];
}

bool is_operator(TokenKind kind) {
  return (kind >= TokenKind::in && kind <= TokenKind::only) || (kind >= TokenKind::or_ && kind <= TokenKind::range);
}

bool is_action(TokenKind kind) {
  constexpr TokenKind kActions[] = {TokenKind::allow,       TokenKind::log,         TokenKind::notify,
                                    TokenKind::trace,       TokenKind::errno_,      TokenKind::trap,
                                    TokenKind::kill_thread, TokenKind::kill_process};
  return std::find(std::begin(kActions), std::end(kActions), kind) != std::end(kActions);
}

bool is_closer(TokenKind kind) { return kind == TokenKind::rparen || kind == TokenKind::rbrace; }

// "`;`, `,` or an operator"
std::string list(const TokenSet& expected) {
  std::vector<std::string> parts;
  const bool names = expected[static_cast<size_t>(TokenKind::ident)];
  const bool operators =
      expected[static_cast<size_t>(TokenKind::or_)] && expected[static_cast<size_t>(TokenKind::plus)];
  if (names) parts.emplace_back("a name");
  if (operators) parts.emplace_back("an operator");
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    const TokenUse use = info(kind).use;
    if (!expected[i] || kind == TokenKind::ident || (operators && is_operator(kind)) ||
        (names && use == TokenUse::soft))
      continue;
    if (kind == TokenKind::dot && expected.count() > 2) continue;
    const bool quote = use == TokenUse::soft || use == TokenUse::reserved || use == TokenUse::symbol;
    parts.push_back(quote ? fmt::format("`{}`", info(kind).spelling) : std::string(info(kind).spelling));
  }
  if (parts.empty()) return "the end of the file";
  std::string result = parts.front();
  for (size_t i = 1; i < parts.size(); ++i) result += (i + 1 == parts.size() ? " or " : ", ") + parts[i];
  return result;
}

std::vector<std::string_view> words(bool (*wanted)(TokenKind)) {
  std::vector<std::string_view> result;
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    if (wanted(kind) && kind != TokenKind::ident) result.push_back(info(kind).spelling);
  }
  return result;
}

bool expects(const Problem& problem, TokenKind kind) { return problem.expected[static_cast<size_t>(kind)]; }

}  // namespace

bool SyntaxErrors::count(size_t at) {
  if (gave_up()) return false;
  if (++errors_ == limits::kSyntaxErrors) sink_.report(kinds::TooManySyntaxErrors, source_.span(at));
  return errors_ < limits::kSyntaxErrors;
}

diag::Builder SyntaxErrors::unexpected(size_t at, const std::string& expected) {
  return sink_.report(kinds::UnexpectedToken, source_.span(at), view_.quoted(at), expected);
}

// ---- a token that doesn't fit ----

Mend SyntaxErrors::report(const Problem& problem) {
  const auto unit = std::find_if(problem.rules.begin(), problem.rules.end(), [](const Problem::OpenRule& open) {
    return open.rule == Rule::statement || open.rule == Rule::item || open.rule == Rule::expectation;
  });
  const size_t first = unit == problem.rules.end() ? problem.at : unit->begin;
  const bool silent = view_.mended_between(first, problem.at);
  resume_at_ = swallowed_start(problem, first);
  if (resume_at_ != kNowhere) {
    if (!silent && count(problem.at)) missing_semicolon(resume_at_);
    return Mend::skip;
  }
  // `asert never allow read;` could end behind `never`, but not on one line.
  const bool misspelt = !silent && !view_.first_on_line(problem.at) && misspelt_word(problem, first).has_value();
  if (!misspelt && can_assume_semicolon(problem)) {
    if (!silent && problem.at != unclosed_at_ && count(problem.at)) missing_semicolon(problem.at);
    return Mend::as_if_present;
  }
  if (can_assume_closer(problem)) {
    if (!silent && problem.at != last_at_ && problem.at != unclosed_at_ && count(problem.at)) unclosed(problem.at);
    unclosed_at_ = problem.at;
    return Mend::as_if_present;
  }
  const bool echo = problem.at == last_at_;
  last_at_ = problem.at;
  if (silent || echo || !count(problem.at)) return Mend::skip;
  if (stray_bracket(problem.at) || missing_data(problem) || foreign_spelling(problem) || reserved_name(problem) ||
      second_action(problem, first) || override_use(problem) || text_as_value(problem) ||
      unknown_word(problem, first) || misspelt_operator(problem) || unknown_keyword(problem, first) ||
      missing_comma(problem)) {
    return Mend::skip;
  }
  unexpected(problem);
  return Mend::skip;
}

bool SyntaxErrors::can_assume_semicolon(const Problem& problem) const {
  if (!expects(problem, TokenKind::semicolon)) return false;
  const TokenKind kind = view_.kind(problem.at);
  if (kind == TokenKind::end || kind == TokenKind::rbrace) return true;
  return view_.likely_start(problem.at) && (kind != TokenKind::ident || view_.first_on_line(problem.at));
}

bool SyntaxErrors::can_assume_closer(const Problem& problem) const {
  const bool paren = expects(problem, TokenKind::rparen);
  if (!paren && !expects(problem, TokenKind::rbrace)) return false;
  const TokenKind kind = view_.kind(problem.at);
  if (kind == TokenKind::end || kind == TokenKind::semicolon || is_closer(kind)) return true;
  return view_.first_on_line(problem.at) && view_.likely_start(problem.at);
}

// `use a` newline `default allow;` reads as `use a default` first, which only `use unsafe set` should: where the next
// statement began.
size_t SyntaxErrors::swallowed_start(const Problem& problem, size_t first) const {
  if (view_.kind(first) != TokenKind::use) return kNowhere;
  for (size_t at = first + 2; at < problem.at; ++at) {
    if (view_.first_on_line(at) && view_.likely_start(at)) return at;
  }
  return kNowhere;
}

void SyntaxErrors::missing_semicolon(size_t at) {
  const Span place = view_.behind_previous(at);
  sink_.report(kinds::MissingSemicolon, place, view_.quoted(at - 1)).fix("add `;`", place, ";", true);
}

void SyntaxErrors::unclosed(size_t at) {
  const size_t open = view_.open_bracket(at);
  if (open == TokenView::kNone) return;
  const Span place = view_.behind_previous(at);
  const std::string_view closer = view_.kind(open) == TokenKind::lparen ? ")" : "}";
  sink_.report(kinds::UnclosedBracket, place, source_.spelling(open))
      .under(fmt::format("`{}` is missing here, or somewhere before", closer))
      .label(source_.span(open), "opened here")
      .fix(fmt::format("add `{}`", closer), place, std::string(closer));
}

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
  const std::string example = before == TokenKind::errno_ ? "errno(EPERM)" : "trace(1)";
  const Span word = source_.span(problem.at - 1);
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
      {"and", "&&"},       {"or", "||"},         {"not", "!"},          {"is", "=="},  {"contains", "has"},
      {"elif", "else if"}, {"elsif", "else if"}, {"elseif", "else if"}, {"===", "=="}, {"!==", "!="},
      {"<>", "!="},        {"=>", ">="},         {"=<", "<="},          {"&&&", "&&"}, {"|||", "||"},
      {":=", "="},         {"...", ".."},        {"..=", ".."},         {"::", "."},
  };
  auto explain = [&](size_t from, size_t to) {
    const Span whole = join(source_.span(from), source_.span(to));
    const std::string_view text = source_.text.substr(whole.begin, whole.end - whole.begin);
    for (const Spelling& each : kSpellings) {
      if (each.foreign != text) continue;
      sink_.report(kinds::ForeignSpelling, whole, each.foreign, each.ours)
          .fix(fmt::format("write `{}`", each.ours), whole, std::string(each.ours), true);
      return true;
    }
    return false;
  };
  const size_t at = problem.at;
  if (at > 0 && view_.touches_previous(at) && explain(at - 1, at)) return true;
  if (view_.touches_previous(at + 1) && view_.kind(at + 1) != TokenKind::end && explain(at, at + 1)) return true;
  if (view_.kind(at) == TokenKind::ident && explain(at, at)) return true;
  return at > 0 && view_.kind(at - 1) == TokenKind::ident && explain(at - 1, at - 1);  // `not fd == 1`, seen at `fd`
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

bool SyntaxErrors::text_as_value(const Problem& problem) {
  if (view_.kind(problem.at) != TokenKind::string) return false;
  const bool wants_value = std::any_of(problem.rules.begin(), problem.rules.end(), [&](const Problem::OpenRule& open) {
    return open.begin == problem.at && (open.rule == Rule::expr || open.rule == Rule::operand);
  });
  if (!wants_value) return false;
  unexpected(problem.at, std::string(phrase(Rule::expr)))
      .note(
          "a filter sees numbers: of a pointer the address, never the text behind it, which another thread could "
          "change after the check")
      .note("to decide by paths use Landlock, a user-notification supervisor, or descriptors opened beforehand");
  return true;
}

bool SyntaxErrors::missing_comma(const Problem& problem) {
  const TokenKind kind = view_.kind(problem.at);
  const bool element =
      is_name(kind) || kind == TokenKind::at || kind == TokenKind::lbrace || kind == TokenKind::integer;
  if (!element || !expects(problem, TokenKind::comma) || problem.at == 0) return false;
  const size_t open = view_.open_bracket(problem.at);
  const bool inside_list = open != TokenView::kNone && problem.rules.front().rule != Rule::rule_statement;
  const Span place = view_.behind_previous(problem.at);
  sink_.report(kinds::MissingComma, place, view_.quoted(problem.at - 1), view_.quoted(problem.at))
      .fix("add `,`", place, ",", inside_list);
  return true;
}

void SyntaxErrors::unexpected(const Problem& problem) {
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
  const TokenKind kind = view_.kind(problem.at);
  const size_t open = kind == TokenKind::end ? view_.open_bracket(problem.at) : TokenView::kNone;
  if (open != TokenView::kNone) {
    report.label(source_.span(open), "still open");
    unclosed_at_ = problem.at;
  }
  // `use x(a = 1)`, `group g: { }`
  for (TokenKind right : {TokenKind::colon, TokenKind::assign}) {
    const bool confused = kind == TokenKind::assign || kind == TokenKind::colon || kind == TokenKind::eq;
    if (!confused || kind == right || !expects(problem, right)) continue;
    if (kind == TokenKind::eq && right == TokenKind::colon && expects(problem, TokenKind::assign)) continue;
    const std::string_view text = info(right).spelling;
    report.fix(fmt::format("write `{}`", text), source_.span(problem.at), std::string(text), true);
    return;
  }
}

// ---- a token that begins nothing ----

size_t SyntaxErrors::skip_stray(Rule rule, size_t at) {
  if (rule == Rule::file) return stray_in_file(at);
  return rule == Rule::block ? stray_in_block(at) : stray_in_test(at);
}

size_t SyntaxErrors::stray_in_file(size_t at) {
  const TokenKind kind = view_.kind(at);
  const bool say = !view_.mended_between(at, at) && count(at);
  if (is_closer(kind) || kind == TokenKind::semicolon) {
    if (say && kind == TokenKind::semicolon) {
      sink_.report(kinds::StraySemicolon, source_.span(at)).fix("delete it", source_.span(at), "", true);
    } else if (say) {
      sink_.report(kinds::StrayBracket, source_.span(at), source_.spelling(at)).fix("delete it", source_.span(at), "");
    }
    return at + 1;
  }
  const size_t next = std::max(resume(Rule::item, at, at), at + 1);
  if (!say) return next;
  if (kind == TokenKind::ident) {
    const auto candidates = words(starts_item);
    const auto meant = diag::suggest(source_.spelling(at), candidates);
    auto report = sink_.report(kinds::UnknownWord, source_.span(at), source_.spelling(at), "an item of the file");
    if (meant)
      report.note(fmt::format("did you mean `{}`?", *meant))
          .fix(fmt::format("write `{}`", *meant), source_.span(at), std::string(*meant), true);
    if (!meant) report.note("statements stand inside of `policy NAME { }` or `rules NAME { }`");
  } else if (starts_statement(kind)) {
    sink_.report(kinds::OutsidePolicy, source_.span(at), source_.spelling(at))
        .note("put it into `policy NAME { }` or `rules NAME { }`");
  } else {
    unexpected(at, std::string(phrase(Rule::item)));
  }
  return next;
}

size_t SyntaxErrors::stray_in_block(size_t at) {
  const TokenKind kind = view_.kind(at);
  if (starts_item(kind)) {
    // A block whose `}` is nowhere ended before this item.
    const size_t open = view_.open_bracket(at);
    if (open == TokenView::kNone || view_.match(open) == TokenView::kNone) return at;
  }
  const bool say = !view_.mended_between(at, at) && count(at);
  if (kind == TokenKind::semicolon || kind == TokenKind::rparen) {
    if (say && kind == TokenKind::semicolon) {
      sink_.report(kinds::StraySemicolon, source_.span(at)).fix("delete it", source_.span(at), "", true);
    } else if (say) {
      sink_.report(kinds::StrayBracket, source_.span(at), source_.spelling(at)).fix("delete it", source_.span(at), "");
    }
    return at + 1;
  }
  const size_t next = std::max(resume(starts_item(kind) ? Rule::item : Rule::statement, at, at), at + 1);
  if (!say) return next;
  if (starts_item(kind)) {
    sink_.report(kinds::InsidePolicy, source_.span(at), source_.spelling(at))
        .note("move it to the top level of the file");
  } else if (kind == TokenKind::at || kind == TokenKind::lbrace) {
    sink_.report(kinds::MissingAction, source_.span(at), view_.quoted(at))
        .note("begin with `allow`, `errno(EPERM)`, `kill_process` or another action");
  } else {
    auto report = unexpected(at, std::string(phrase(Rule::statement)));
    if (kind == TokenKind::expect)
      report.note("in a policy `assert` says what must hold; `expect` belongs into a test");
    if (kind == TokenKind::else_)
      report.note("`else` follows the `}` of an `on` or `if`, or stands before the `;` of a rule");
  }
  return next;
}

size_t SyntaxErrors::stray_in_test(size_t at) {
  const TokenKind kind = view_.kind(at);
  const size_t open = view_.open_bracket(at);
  if (starts_item(kind) && (open == TokenView::kNone || view_.match(open) == TokenView::kNone)) return at;
  const bool say = !view_.mended_between(at, at) && count(at);
  if (kind == TokenKind::semicolon) {
    if (say) sink_.report(kinds::StraySemicolon, source_.span(at)).fix("delete it", source_.span(at), "", true);
    return at + 1;
  }
  constexpr std::array<std::string_view, 1> kExpect = {"expect"};
  if (say && kind == TokenKind::ident && nearly(source_.spelling(at), kExpect)) {
    report_misspelt(sink_, source_.span(at), source_.spelling(at), kExpect[0]);
  } else if (say) {
    auto report = unexpected(at, std::string(phrase(Rule::expectation)));
    const Span before{source_.file, source_.span(at).begin, source_.span(at).begin};
    if (starts_statement(kind)) report.fix("write `expect` before it", before, "expect ");
  }
  return std::max(resume(Rule::expectation, at, at), at + 1);
}

// ---- where to go on ----

size_t SyntaxErrors::resume(Rule rule, size_t first, size_t at) {
  const size_t end = source_.tokens.size() - 1;
  if (const size_t known = std::exchange(resume_at_, kNowhere); known != kNowhere && known > first) return known;
  for (size_t i = at; i < end; ++i) {
    const TokenKind kind = view_.kind(i);
    if (kind == TokenKind::semicolon) return i + 1;
    if (kind == TokenKind::rbrace) {
      const size_t open = view_.match(i);
      if (open == TokenView::kNone || open < first) return i;  // it closes what holds the statement
    }
    if (i > at && view_.first_on_line(i) && view_.likely_start(i) && (rule != Rule::item || starts_item(kind)))
      return i;
    if (kind != TokenKind::lbrace) continue;
    const TokenKind head = view_.kind(first);
    const bool has_block = head == TokenKind::on || head == TokenKind::if_ || head == TokenKind::override ||
                           head == TokenKind::policy || head == TokenKind::rules || head == TokenKind::unsafe ||
                           head == TokenKind::test || head == TokenKind::else_;
    const size_t close = view_.match(i);
    if (close == TokenView::kNone) continue;
    i = close;
    if (has_block && view_.kind(i + 1) != TokenKind::else_) return i + 1;
  }
  return end;
}

}  // namespace sbpc::parse
