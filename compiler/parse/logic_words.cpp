// logic_words.cpp: `and`, `or` and `not` where `&&`, `||` and `!` are meant. They are names, too: a word joins
// conditions only where an operator stands, and negates only before what it could negate.
//
//   allow close(fd == and and not fd == or);      the middle two words are meant; `fd == and && ! fd == or`
// Tested by test/diag/ForeignSpelling*.sb.
#include <algorithm>

#include "base/text.h"
#include "diag/kinds/syntax.def"
#include "parse/phrases.h"

namespace sbpc::parse {

namespace kinds = diag::kinds;

namespace {

bool begins_operand(TokenKind kind) {
  return is_name(kind) || kind == TokenKind::lparen || kind == TokenKind::not_ || kind == TokenKind::raw ||
         kind == TokenKind::integer || kind == TokenKind::true_ || kind == TokenKind::false_;
}

}  // namespace

std::string_view logic_sign(std::string_view word) {
  struct Row {
    std::string_view lower, title, upper, sign;
  };
  static constexpr Row kRows[] = {{"and", "And", "AND", "&&"}, {"or", "Or", "OR", "||"}, {"not", "Not", "NOT", "!"}};
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [word](const Row& each) {
    return word == each.lower || word == each.title || word == each.upper;
  });
  return row == std::end(kRows) ? std::string_view() : row->sign;
}

std::vector<size_t> SyntaxErrors::logic_words_in(size_t open, size_t close) {
  std::vector<size_t> found;
  bool wants_operand = true;
  for (size_t at = open + 1; at < close; ++at) {
    const TokenKind kind = view_.kind(at);
    if (kind == TokenKind::lbrace) {  // a set, in which no conditions stand
      at = std::min(view_.match(at), close);
      wants_operand = false;
      continue;
    }
    const std::string_view sign = kind == TokenKind::ident ? logic_sign(source_.spelling(at)) : std::string_view();
    const TokenKind next = view_.kind(at + 1);
    const std::string_view next_sign =
        next == TokenKind::ident ? logic_sign(source_.spelling(at + 1)) : std::string_view();
    const bool negates =
        sign == "!" && wants_operand && begins_operand(next) && (next_sign.empty() || next_sign == "!");
    const bool is_not_in = sign == "!" && !wants_operand && next == TokenKind::in;
    const bool joins = !sign.empty() && sign != "!" && !wants_operand && at + 1 < close;
    if (negates || is_not_in || joins) {
      found.push_back(at);
      wants_operand = true;
      continue;
    }
    wants_operand = !is_name(kind) && kind != TokenKind::rparen && info(kind).use != TokenUse::literal &&
                    kind != TokenKind::true_ && kind != TokenKind::false_;
  }
  return found;
}

// `fd == 1 and not count == 2`: all such words of one pair of parentheses are one mistake.
bool SyntaxErrors::logic_words(const Problem& problem) {
  const size_t open = view_.open_bracket(problem.at);
  const size_t close = open == TokenView::kNone ? TokenView::kNone : view_.match(open);
  if (close == TokenView::kNone || view_.kind(open) != TokenKind::lparen) return false;
  std::vector<size_t> found = logic_words_in(open, close);
  std::erase_if(found, [&](size_t at) { return at + 1 < problem.at; });
  if (found.empty() || found.front() > problem.at) return false;
  const Span whole = join(source_.span(found.front()), source_.span(found.back()));
  std::string text;
  uint32_t from = whole.begin;
  std::vector<std::string> signs;
  for (const size_t at : found) {
    const Span word = source_.span(at);
    const std::string_view sign = logic_sign(source_.spelling(at));
    text += source_.text.substr(from, word.begin - from);
    text += sign;
    from = word.end;
    const std::string shown = fmt::format("`{}`", sign);
    if (std::find(signs.begin(), signs.end(), shown) == signs.end()) signs.push_back(shown);
  }
  const Span first = source_.span(found.front());
  const std::string_view word = source_.spelling(found.front());
  sink_.report(kinds::ForeignSpelling, first, word, logic_sign(word))
      .fix("write " + in_words(signs), whole, text, true);
  return true;
}

}  // namespace sbpc::parse
