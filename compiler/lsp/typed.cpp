#include "lsp/typed.h"

#include <algorithm>
#include <utility>

namespace sbpc::lsp {

using parse::TokenKind;

bool is_one_of(TokenKind kind, std::initializer_list<TokenKind> kinds) {
  return std::ranges::find(kinds, kind) != kinds.end();
}

Typed::Typed(std::string_view text, size_t offset) : text_(text) {
  parse::Lexed lexed = parse::lex(text.substr(0, offset));
  tokens_ = std::move(lexed.tokens);
  if (tokens_.back().kind == TokenKind::end) tokens_.pop_back();
  const bool touches = !tokens_.empty() && tokens_.back().end == offset;
  const bool in_comment =
      !lexed.comments.empty() && lexed.comments.back().end == offset && lexed.comments.back().kind != TokenKind::block;
  const bool in_bad = touches && parse::info(tokens_.back().kind).use == parse::TokenUse::bad;
  is_closed = in_comment || in_bad || lexed.too_deep;
  has_path = in_bad && tokens_.back().kind == TokenKind::bad_string && tokens_.size() >= 2 &&
             tokens_[tokens_.size() - 2].kind == TokenKind::import_;
  if (has_path) path = word(tokens_.size() - 1).substr(1);
  take_word(offset);
  end_ = tokens_.size();
  open_frames();
}

void Typed::take_word(size_t offset) {
  begin = offset;
  if (!tokens_.empty() && tokens_.back().end == offset && is_word(tokens_.size() - 1)) {
    begin = tokens_.back().begin;
    prefix = word(tokens_.size() - 1);
    tokens_.pop_back();
  }
  while (tokens_.size() >= 2 && tokens_.back().kind == TokenKind::dot && is_word(tokens_.size() - 2)) {
    qualifier = std::string(word(tokens_.size() - 2)) + (qualifier.empty() ? "" : "." + qualifier);
    tokens_.resize(tokens_.size() - 2);
  }
}

std::string_view Typed::word(size_t at) const {
  return text_.substr(tokens_[at].begin, tokens_[at].end - tokens_[at].begin);
}

bool Typed::is_word(size_t at) const {
  const parse::TokenUse use = parse::info(tokens_[at].kind).use;
  return tokens_[at].kind == TokenKind::ident || use == parse::TokenUse::soft || use == parse::TokenUse::reserved;
}

size_t Typed::move_end(size_t to) { return std::exchange(end_, to); }

bool Typed::follows_name(size_t bracket) const {
  return bracket > 0 && (is_word(bracket - 1) || before(bracket) == TokenKind::rbrace);
}

bool Typed::opens_block(size_t brace, size_t head) const {
  if (!frames_.empty() && !frames_.back().is_block) return false;
  if (kind(head) == TokenKind::override) return before(brace) == TokenKind::override;
  return is_one_of(kind(head), {TokenKind::policy, TokenKind::rules, TokenKind::unsafe, TokenKind::test, TokenKind::on,
                                TokenKind::if_, TokenKind::else_});
}

void Typed::open_frames() {
  size_t head = 0;
  for (size_t at = 0; at < end(); ++at) {
    const TokenKind here = kind(at);
    if (here == TokenKind::lparen) {
      frames_.push_back({at, head, false});
    } else if (here == TokenKind::lbrace) {
      const bool block = opens_block(at, head);
      frames_.push_back({at, head, block});
      if (block) head = at + 1;
    } else if (here == TokenKind::semicolon) {
      if (frames_.empty() || frames_.back().is_block) head = at + 1;
    } else if ((here == TokenKind::rparen || here == TokenKind::rbrace) && !frames_.empty()) {
      const Enclosing closed = frames_.back();
      frames_.pop_back();
      if (closed.is_block) closed_.emplace(at, closed);
      head = closed.is_block ? at + 1 : closed.head;
    }
  }
  head_ = head;
}

const Enclosing* Typed::closed(size_t brace) const {
  const auto found = closed_.find(brace);
  return found == closed_.end() ? nullptr : &found->second;
}

size_t Typed::commas(size_t bracket) const {
  size_t count = 0;
  size_t depth = 0;
  for (size_t at = bracket + 1; at < end(); ++at) {
    if (kind(at) == TokenKind::lparen || kind(at) == TokenKind::lbrace) ++depth;
    if ((kind(at) == TokenKind::rparen || kind(at) == TokenKind::rbrace) && depth > 0) --depth;
    if (kind(at) == TokenKind::comma && depth == 0) ++count;
  }
  return count;
}

size_t Typed::piece_start(size_t bracket) const {
  size_t start = bracket + 1;
  size_t depth = 0;
  for (size_t at = bracket + 1; at < end(); ++at) {
    if (kind(at) == TokenKind::lparen || kind(at) == TokenKind::lbrace) ++depth;
    if ((kind(at) == TokenKind::rparen || kind(at) == TokenKind::rbrace) && depth > 0) --depth;
    if (kind(at) == TokenKind::comma && depth == 0) start = at + 1;
  }
  return start;
}

bool Typed::closes_last(size_t open) const {
  size_t depth = 0;
  for (size_t at = open; at < end(); ++at) {
    if (kind(at) == TokenKind::lparen) ++depth;
    if (kind(at) == TokenKind::rparen && --depth == 0) return at + 1 == end();
  }
  return false;
}

}  // namespace sbpc::lsp
