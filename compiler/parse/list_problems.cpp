// list_problems.cpp: brackets and separators that are not there, or are others: what stands around lists and blocks.
// Tested by test/diag/UnexpectedToken-*.sb.
#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/syntax.def"
#include "parse/phrases.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

// `policy p on x86_64` newline `default allow;`: the block has begun without its `{`. If its `}` is there all is read
// on as if both were; if not, up to the next item.
std::optional<Mend> SyntaxErrors::missing_block(const Problem& problem, size_t first) {
  const TokenKind head = view_.kind(first);
  const bool is_item =
      head == TokenKind::policy || head == TokenKind::rules || head == TokenKind::unsafe || head == TokenKind::test;
  if (!is_item || problem.at == first || !expects(problem, TokenKind::lbrace) || !view_.first_on_line(problem.at) ||
      !view_.likely_start(problem.at) || view_.kind(problem.at) == TokenKind::on)
    return std::nullopt;
  if (!count(problem.at)) return Mend::skip;
  const Span place = view_.behind_previous(problem.at);
  auto report = unexpected(problem.at, "`{`");
  report.note(fmt::format("what follows belongs into a block: `{} ... {{ ... }}`", source_.spelling(first)));
  size_t end = problem.at;
  bool has_closer = false;
  for (; view_.kind(end) != TokenKind::end && !has_closer; ++end) {
    if (view_.kind(end) == TokenKind::lbrace && view_.match(end) != TokenView::kNone) end = view_.match(end);
    has_closer = view_.kind(end) == TokenKind::rbrace && view_.match(end) == TokenView::kNone;
    const bool is_next = starts_item(view_.kind(end)) && !starts_statement(view_.kind(end)) &&
                         view_.first_on_line(end) && view_.likely_start(end);
    if (is_next) break;
  }
  if (has_closer) {
    report.fix("add `{`", place, " {");
    return Mend::as_if_present;
  }
  resume_at_ = end;
  last_at_ = problem.at;
  return Mend::skip;
}

// `fd in { 1; 2 }`, `allow { read; write };`
bool SyntaxErrors::semicolon_in_list(const Problem& problem) {
  if (view_.kind(problem.at) != TokenKind::semicolon || !expects(problem, TokenKind::comma)) return false;
  const size_t open = view_.open_bracket(problem.at);
  const size_t close = open == TokenView::kNone ? TokenView::kNone : view_.match(open);
  if (close == TokenView::kNone || problem.rules.empty() || view_.kind(close + 1) == TokenKind::end) return false;
  // The `}` may be that of a block around the list, whose own is missing.
  std::string text;
  const Span whole = join(source_.span(problem.at), source_.span(close - 1));
  uint32_t from = whole.begin;
  for (size_t at = problem.at; at < close; ++at) {
    if (view_.likely_start(at) || view_.kind(at) == TokenKind::lbrace) return false;
    if (view_.kind(at) != TokenKind::semicolon) continue;
    const Span sign = source_.span(at);
    text += source_.text.substr(from, sign.begin - from);
    text += ",";
    from = sign.end;
  }
  text += source_.text.substr(from, whole.end - from);
  if (!count(problem.at)) return true;
  unexpected(problem.at, "`,`").fix("write `,`", whole, text, true);
  last_at_ = problem.at;
  size_t end = close + 1;
  while (view_.kind(end) != TokenKind::semicolon && view_.kind(end) != TokenKind::rbrace &&
         view_.kind(end) != TokenKind::end)
    ++end;
  resume_at_ = view_.kind(end) == TokenKind::semicolon ? end + 1 : end;
  return true;
}

// `if net { ... }`
bool SyntaxErrors::condition_without_parentheses(const Problem& problem) {
  if (problem.at == 0 || view_.kind(problem.at - 1) != TokenKind::if_ || !expects(problem, TokenKind::lparen))
    return false;
  size_t end = problem.at;
  while (view_.kind(end) != TokenKind::lbrace && view_.kind(end) != TokenKind::semicolon &&
         view_.kind(end) != TokenKind::end)
    ++end;
  auto report = unexpected(problem.at, "`(`");
  if (view_.kind(end) != TokenKind::lbrace || end == problem.at) return true;
  const Span condition = join(source_.span(problem.at), source_.span(end - 1));
  const std::string text = fmt::format("({})", source_.text.substr(condition.begin, condition.end - condition.begin));
  report.note(fmt::format("a condition stands in parentheses: `if {} {{ ... }}`", text))
      .fix("add the parentheses", condition, text, true);
  return true;
}

// `on x86_64, i386, { ... }`, `allow read, write, ;`: no list without brackets ends with a comma.
bool SyntaxErrors::comma_at_end(const Problem& problem) {
  const TokenKind kind = view_.kind(problem.at);
  if (problem.at < 2 || view_.kind(problem.at - 1) != TokenKind::comma || !expects(problem, TokenKind::ident) ||
      (kind != TokenKind::semicolon && !(kind == TokenKind::lbrace && !expects(problem, TokenKind::lbrace))))
    return false;
  const Span comma = source_.span(problem.at - 1);
  sink_.report(kinds::UnexpectedToken, comma, "`,`", fmt::format("`{}`", source_.spelling(problem.at)))
      .note("a comma may stand behind the last element of a list in brackets only")
      .fix("delete it", comma, "", true);
  return true;
}

}  // namespace sbpc::parse
