// typed.h: the tokens before a cursor, and the brackets that are open there: what cursor.h reads.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "parse/lexer.h"

namespace sbpc::lsp {

[[nodiscard]] bool is_one_of(parse::TokenKind kind, std::initializer_list<parse::TokenKind> kinds);

// A bracket that is open at the cursor.
struct Enclosing {
  size_t bracket;  // token
  size_t head;     // the first token of the statement, item or list it stands in
  bool is_block = false;
};

class Typed {
 public:
  using TokenKind = parse::TokenKind;

  // The tokens of `text` that end before `offset`, without the word that touches it and the `net.` before that.
  Typed(std::string_view text, size_t offset);

  [[nodiscard]] TokenKind kind(size_t at) const { return at < end_ ? tokens_[at].kind : TokenKind::end; }
  [[nodiscard]] TokenKind before(size_t at) const { return at == 0 ? TokenKind::end : kind(at - 1); }
  [[nodiscard]] size_t end() const { return end_; }
  [[nodiscard]] const parse::Token& token(size_t at) const { return tokens_[at]; }
  [[nodiscard]] std::string_view word(size_t at) const;
  [[nodiscard]] bool is_word(size_t at) const;

  [[nodiscard]] const std::vector<Enclosing>& frames() const { return frames_; }
  // The block that this `}` closes; null: it closes none.
  [[nodiscard]] const Enclosing* closed(size_t brace) const;
  [[nodiscard]] size_t head() const { return head_; }  // of the statement or item at the cursor
  // Of a bracket that is open: commas in it alone, and what begins behind the last of them.
  [[nodiscard]] size_t commas(size_t bracket) const;
  [[nodiscard]] size_t piece_start(size_t bracket) const;
  // The brackets that open there end before the cursor, and nothing follows.
  [[nodiscard]] bool closes_last(size_t open) const;
  // Whether the bracket belongs to a name or a list before it.
  [[nodiscard]] bool follows_name(size_t bracket) const;

  // As if the cursor stood before that token; answers where it stood.
  size_t move_end(size_t to);

  std::string_view prefix;  // the word at the cursor
  size_t begin = 0;         // where it begins
  std::string qualifier;    // "net"
  bool is_closed = false;   // in a comment or a string: nothing of the language stands there
  std::string_view path;    // behind the quote of an `import "` that is being typed
  bool has_path = false;

 private:
  void take_word(size_t offset);
  [[nodiscard]] bool opens_block(size_t brace, size_t head) const;
  void open_frames();

  std::string_view text_;
  std::vector<parse::Token> tokens_;
  size_t end_ = 0;
  std::vector<Enclosing> frames_;
  std::map<size_t, Enclosing> closed_;  // blocks, by their `}`
  size_t head_ = 0;
};

}  // namespace sbpc::lsp
