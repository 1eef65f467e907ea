#include "parse/token_view.h"

#include <algorithm>

namespace sbpc::parse {
namespace {

bool opens(TokenKind kind) { return kind == TokenKind::lparen || kind == TokenKind::lbrace; }
bool closes(TokenKind kind) { return kind == TokenKind::rparen || kind == TokenKind::rbrace; }

}  // namespace

bool TokenView::first_on_line(size_t at) const {
  if (at == 0) return true;
  const uint32_t from = source_.tokens[at - 1].end;
  return source_.text.substr(from, source_.tokens[at].begin - from).find_first_of("\r\n") != std::string_view::npos;
}

bool TokenView::touches_previous(size_t at) const {
  return at > 0 && at < source_.tokens.size() && source_.tokens[at - 1].end == source_.tokens[at].begin;
}

std::string TokenView::quoted(size_t at) const {
  if (kind(at) == TokenKind::end) return "end of the file";
  return '`' + std::string(source_.spelling(at)) + '`';
}

Span TokenView::behind_previous(size_t at) const {
  const uint32_t place = at == 0 ? 0 : source_.tokens[at - 1].end;
  return {source_.file, place, place};
}

bool TokenView::likely_start(size_t at) const {
  const TokenKind here = kind(at);
  if (here == TokenKind::if_) return true;
  if (!starts_statement(here) && !starts_item(here) && here != TokenKind::expect) return false;
  const TokenKind next = kind(at + 1);
  // `kernel 6.1`, `test "title"`, `frequency "file"`; everything else begins with a name, a list or a group.
  if (next == TokenKind::version || next == TokenKind::integer || next == TokenKind::string) return true;
  return is_name(next) || next == TokenKind::lbrace || next == TokenKind::at ||
         (next == TokenKind::lparen &&
          (here == TokenKind::errno_ || here == TokenKind::trace || here == TokenKind::trap));
}

bool TokenView::mended_between(size_t first, size_t last) const {
  const auto& mended = source_.mended;
  const auto from = std::lower_bound(mended.begin(), mended.end(), source_.tokens[first].begin);
  return from != mended.end() && *from <= source_.tokens[last].end;
}

size_t TokenView::match(size_t bracket) {
  if (match_.empty()) {
    match_.resize(source_.tokens.size(), kNone);
    std::vector<size_t> open;
    for (size_t at = 0; at < source_.tokens.size(); ++at) {
      if (opens(kind(at))) open.push_back(at);
      if (!closes(kind(at))) continue;
      const TokenKind opener = kind(at) == TokenKind::rparen ? TokenKind::lparen : TokenKind::lbrace;
      // `( }`: the brace closes the nearest brace, and the parentheses in between stay open.
      auto found = std::find_if(open.rbegin(), open.rend(), [&](size_t each) { return kind(each) == opener; });
      // `{ )`: a parenthesis doesn't reach out of its block or list.
      if (opener == TokenKind::lparen && (open.empty() || kind(open.back()) != opener)) found = open.rend();
      if (found == open.rend()) continue;
      match_[at] = *found;
      match_[*found] = at;
      open.erase(found.base() - 1, open.end());
    }
  }
  return match_[bracket];
}

size_t TokenView::open_bracket(size_t at) {
  std::vector<size_t> open;
  for (size_t i = 0; i < at; ++i) {
    if (opens(kind(i))) open.push_back(i);
    if (!closes(kind(i)) || match(i) == kNone) continue;
    while (open.back() != match(i)) open.pop_back();
    open.pop_back();
  }
  return open.empty() ? kNone : open.back();
}

}  // namespace sbpc::parse
