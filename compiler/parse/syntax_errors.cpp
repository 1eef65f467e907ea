#include "parse/syntax_errors.h"

#include <algorithm>
#include <utility>

#include "diag/kinds/syntax.def"
#include "parse/phrases.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

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
  const bool is_new = !silent && problem.at != last_at_ && problem.at != unclosed_at_;
  if (is_new && semicolon_in_list(problem)) return Mend::skip;
  if (is_new) {
    if (const auto mend = missing_block(problem, first)) return *mend;
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
      second_action(problem, first) || word_before_action(problem, first) || negated_abi(problem) ||
      word_for_flags(problem) || positional_argument(problem) || override_use(problem) || text_as_value(problem) ||
      unknown_word(problem, first) || misspelt_operator(problem) || unknown_keyword(problem, first) ||
      missing_outcome(problem, first) || action_in_parentheses(problem) || condition_elsewhere(problem) ||
      condition_without_parentheses(problem) || comma_at_end(problem) || comma_for_semicolon(problem) ||
      set_in_parentheses(problem) || missing_comma(problem)) {
    return Mend::skip;
  }
  unexpected(problem, first);
  return Mend::skip;
}

bool SyntaxErrors::can_assume_semicolon(const Problem& problem) const {
  if (!expects(problem, TokenKind::semicolon)) return false;
  const TokenKind kind = view_.kind(problem.at);
  if (kind == TokenKind::end || kind == TokenKind::rbrace) return true;
  if (kind == TokenKind::if_ && !view_.first_on_line(problem.at)) return false;  // `allow read if fd == 0;`
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

// ---- where to go on ----

size_t SyntaxErrors::resume(Rule rule, size_t first, size_t at) {
  const size_t end = source_.tokens.size() - 1;
  const size_t name = first + (view_.kind(first) == TokenKind::unsafe ? 2 : 1);
  if (rule == Rule::item && is_name(view_.kind(name))) lost_names_.push_back(source_.spelling(name));
  // `const fd A = 3;`
  if (rule == Rule::item && view_.kind(first) == TokenKind::const_ && is_name(view_.kind(first + 2)))
    lost_names_.push_back(source_.spelling(first + 2));
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
