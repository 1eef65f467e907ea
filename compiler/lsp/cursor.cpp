#include "lsp/cursor.h"

#include <algorithm>
#include <optional>

#include "parse/lexer.h"

namespace sbpc::lsp {
namespace {

using parse::Token;
using parse::TokenKind;
using Where = Cursor::Where;

// A bracket that is open at the cursor.
struct Frame {
  size_t bracket;  // token
  size_t head;     // the first token of the statement, item or list it stands in
  bool is_block = false;
};

class Reader {
 public:
  Reader(std::string_view text, size_t offset) : text_(text) {
    parse::Lexed lexed = parse::lex(text.substr(0, offset));
    tokens_ = std::move(lexed.tokens);
    if (tokens_.back().kind == TokenKind::end) tokens_.pop_back();
    const bool in_comment = !lexed.comments.empty() && lexed.comments.back().end == offset &&
                            lexed.comments.back().kind != TokenKind::block;
    const bool in_bad = !tokens_.empty() && tokens_.back().end == offset &&
                        parse::info(tokens_.back().kind).use == parse::TokenUse::bad;
    is_closed_ = in_comment || in_bad || lexed.too_deep;
    if (in_bad && tokens_.size() >= 2 && tokens_[tokens_.size() - 2].kind == TokenKind::import_)
      read_path(tokens_.back());
    const bool touches = !tokens_.empty() && tokens_.back().end == offset;
    if (touches && is_word(tokens_.back())) {
      cursor_.begin = tokens_.back().begin;
      cursor_.prefix = word(tokens_.size() - 1);
      tokens_.pop_back();
    } else {
      cursor_.begin = offset;
    }
    while (tokens_.size() >= 2 && kind(tokens_.size() - 1) == TokenKind::dot && is_word(tokens_[tokens_.size() - 2])) {
      cursor_.qualifier =
          std::string(word(tokens_.size() - 2)) + (cursor_.qualifier.empty() ? "" : "." + cursor_.qualifier);
      tokens_.resize(tokens_.size() - 2);
    }
  }

  Cursor read() {
    if (is_closed_) {
      cursor_.begin -= cursor_.prefix.size();
      return std::move(cursor_);
    }
    open_frames();
    cursor_.where = frames_.empty() ? in_item() : in_frame(frames_.size() - 1);
    return std::move(cursor_);
  }

 private:
  [[nodiscard]] static bool is_word(const Token& token) {
    const parse::TokenUse use = parse::info(token.kind).use;
    return token.kind == TokenKind::ident || use == parse::TokenUse::soft || use == parse::TokenUse::reserved;
  }
  [[nodiscard]] TokenKind kind(size_t at) const { return at < tokens_.size() ? tokens_[at].kind : TokenKind::end; }
  [[nodiscard]] TokenKind before(size_t at) const { return at == 0 ? TokenKind::end : kind(at - 1); }
  [[nodiscard]] std::string_view word(size_t at) const {
    return text_.substr(tokens_[at].begin, tokens_[at].end - tokens_[at].begin);
  }
  [[nodiscard]] size_t end() const { return tokens_.size(); }

  // An `import "` that is being typed.
  void read_path(const Token& token) {
    if (token.kind != TokenKind::bad_string) return;
    const std::string_view path = word(tokens_.size() - 1).substr(1);
    const size_t name = path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1;
    cursor_.where = Where::path;
    cursor_.qualifier = path.substr(0, name);
    cursor_.prefix = path.substr(name);
  }

  // ---- brackets ----

  [[nodiscard]] bool opens_block(size_t brace, size_t head) const {
    if (!frames_.empty() && !frames_.back().is_block) return false;
    switch (kind(head)) {
      case TokenKind::policy:
      case TokenKind::rules:
      case TokenKind::unsafe:
      case TokenKind::test:
      case TokenKind::on:
      case TokenKind::if_:
      case TokenKind::else_: return true;
      case TokenKind::override: return before(brace) == TokenKind::override;
      default: return false;
    }
  }

  void open_frames() {
    size_t head = 0;
    for (size_t at = 0; at < end(); ++at) {
      switch (kind(at)) {
        case TokenKind::lparen: frames_.push_back({at, head, false}); break;
        case TokenKind::lbrace: {
          const bool block = opens_block(at, head);
          frames_.push_back({at, head, block});
          if (block) head = at + 1;
          break;
        }
        case TokenKind::rparen:
        case TokenKind::rbrace: {
          if (frames_.empty()) break;
          const Frame closed = frames_.back();
          frames_.pop_back();
          head = closed.is_block ? at + 1 : closed.head;
          break;
        }
        case TokenKind::semicolon:
          if (frames_.empty() || frames_.back().is_block) head = at + 1;
          break;
        default: break;
      }
    }
    head_ = head;
  }

  // ---- a place in the innermost bracket ----

  [[nodiscard]] Where in_item() { return head_ == end() ? Where::item : in_words(head_); }

  [[nodiscard]] Where in_frame(size_t index) {
    const Frame& frame = frames_[index];
    if (frame.is_block) {
      if (head_ != end()) return in_words(head_);
      return kind(frame.head) == TokenKind::test ? Where::expectation : Where::statement;
    }
    if (cursor_.open == std::string_view::npos && kind(frame.bracket) == TokenKind::lparen) {
      cursor_.open = tokens_[frame.bracket].begin;
      cursor_.comma = commas(frame.bracket);
    }
    return kind(frame.bracket) == TokenKind::lbrace ? in_braces(index) : in_parens(index);
  }

  [[nodiscard]] size_t commas(size_t bracket) const {
    size_t count = 0;
    size_t depth = 0;
    for (size_t at = bracket + 1; at < end(); ++at) {
      if (kind(at) == TokenKind::lparen || kind(at) == TokenKind::lbrace) ++depth;
      if ((kind(at) == TokenKind::rparen || kind(at) == TokenKind::rbrace) && depth > 0) --depth;
      if (kind(at) == TokenKind::comma && depth == 0) ++count;
    }
    return count;
  }

  // `{`: targets, a set of values, a type, frequencies.
  [[nodiscard]] Where in_braces(size_t index) {
    const Frame& frame = frames_[index];
    const TokenKind head = kind(frame.head);
    const bool in_formals = head == TokenKind::rules || head == TokenKind::unsafe || head == TokenKind::syscall;
    if (index > 0 && kind(frames_[index - 1].bracket) == TokenKind::lparen && !in_formals)
      return in_frame_value(index - 1, frame.bracket);
    if (before(frame.bracket) == TokenKind::colon) return Where::type;
    if (head == TokenKind::const_ || head == TokenKind::param || head == TokenKind::runtime) return Where::value;
    if (head == TokenKind::frequency && before(end()) == TokenKind::colon) return Where::nothing;
    return target_or_group();
  }

  [[nodiscard]] Where in_parens(size_t index) {
    const size_t from = frames_[index].bracket + 1;
    // Brackets around a part of an expression.
    while (index > 0 && kind(frames_[index - 1].bracket) == TokenKind::lparen && !is_name_end(frames_[index].bracket))
      --index;
    const Frame& frame = frames_[index];
    const TokenKind previous = before(frame.bracket);
    const TokenKind head = kind(frame.head);
    if (previous == TokenKind::errno_ || previous == TokenKind::trace || previous == TokenKind::trap)
      return previous == TokenKind::errno_ ? Where::error_name : Where::value;
    if (previous == TokenKind::if_ || (previous == TokenKind::assert_)) return Where::value;
    if (previous == TokenKind::with || (head == TokenKind::use && !inside_except(frame)))
      return in_named_arguments(frame);
    if (head == TokenKind::rules || head == TokenKind::unsafe || head == TokenKind::syscall) return in_formals(frame);
    return in_condition(index, from);
  }

  [[nodiscard]] bool is_name_end(size_t bracket) const {
    return bracket > 0 && (is_word(tokens_[bracket - 1]) || before(bracket) == TokenKind::rbrace);
  }

  [[nodiscard]] bool inside_except(const Frame& frame) const {
    for (size_t at = frame.head; at < frame.bracket; ++at) {
      if (kind(at) == TokenKind::except) return true;
    }
    return false;
  }

  [[nodiscard]] Where in_named_arguments(const Frame& frame) {
    if (kind(frame.head) == TokenKind::use) {
      for (size_t at = frame.head + 1; at < frame.bracket; ++at) {
        if (kind(at) == TokenKind::unsafe && at == frame.head + 1) continue;
        cursor_.set += word(at);
      }
    } else {
      for (size_t at = frame.head; at + 1 < frame.bracket; ++at) {
        if (kind(at) == TokenKind::for_) cursor_.set = std::string(word(at + 1));
      }
    }
    const size_t start = piece_start(frame.bracket);
    if (start == end()) return Where::parameter_name;
    cursor_.parameter = word(start);
    for (size_t at = start; at < end(); ++at) {
      if (kind(at) == TokenKind::colon) return Where::value;
    }
    return Where::nothing;
  }

  [[nodiscard]] Where in_formals(const Frame& frame) const {
    const size_t start = piece_start(frame.bracket);
    for (size_t at = end(); at > start; --at) {
      if (kind(at - 1) == TokenKind::assign) return Where::value;
      if (kind(at - 1) == TokenKind::colon) return at == end() ? Where::type : Where::nothing;
    }
    return Where::nothing;
  }

  // Behind the last comma of the brackets.
  [[nodiscard]] size_t piece_start(size_t bracket) const {
    size_t start = bracket + 1;
    size_t depth = 0;
    for (size_t at = bracket + 1; at < end(); ++at) {
      if (kind(at) == TokenKind::lparen || kind(at) == TokenKind::lbrace) ++depth;
      if ((kind(at) == TokenKind::rparen || kind(at) == TokenKind::rbrace) && depth > 0) --depth;
      if (kind(at) == TokenKind::comma && depth == 0) start = at + 1;
    }
    return start;
  }

  // ---- conditions ----

  [[nodiscard]] static bool compares(TokenKind kind) {
    switch (kind) {
      case TokenKind::assign:
      case TokenKind::eq:
      case TokenKind::ne:
      case TokenKind::lt:
      case TokenKind::le:
      case TokenKind::gt:
      case TokenKind::ge:
      case TokenKind::in:
      case TokenKind::has:
      case TokenKind::any:
      case TokenKind::lacks:
      case TokenKind::only:
      case TokenKind::bit_and: return true;
      default: return false;
    }
  }
  [[nodiscard]] static bool joins(TokenKind kind) {
    return kind == TokenKind::comma || kind == TokenKind::and_ || kind == TokenKind::or_ || kind == TokenKind::lparen;
  }

  // The comparison that ends at the cursor, in the brackets `from` on.
  [[nodiscard]] Where in_condition(size_t index, size_t from) {
    name_calls(index);
    size_t start = from;
    std::optional<size_t> comparison;
    for (size_t at = from; at < end(); ++at) {
      if (joins(kind(at))) {
        start = at + 1;
        comparison.reset();
      } else if (compares(kind(at))) {
        comparison = at;
        if (kind(at) == TokenKind::eq && at + 1 < end() && is_word(tokens_[at + 1])) cursor_.selected = word(at + 1);
      }
    }
    if (!comparison) return start == end() || kind(end() - 1) == TokenKind::not_ ? Where::argument : Where::nothing;
    const TokenKind last = kind(end() - 1);
    const bool takes_value = compares(last) || last == TokenKind::bit_or || last == TokenKind::tilde ||
                             last == TokenKind::plus || last == TokenKind::range;
    name_argument(start, *comparison);
    return takes_value ? Where::value : Where::nothing;
  }

  // An element of a set that a condition or an argument of `use` holds.
  [[nodiscard]] Where in_frame_value(size_t index, size_t brace) {
    const std::vector<Token> rest(tokens_.begin() + static_cast<ptrdiff_t>(brace), tokens_.end());
    const TokenKind last = kind(end() - 1);
    tokens_.resize(brace);
    const Where where = in_parens(index);
    tokens_.insert(tokens_.end(), rest.begin(), rest.end());
    const bool takes_value =
        last == TokenKind::lbrace || last == TokenKind::comma || last == TokenKind::bit_or || last == TokenKind::range;
    return where == Where::value && takes_value ? where : Where::nothing;
  }

  void name_argument(size_t start, size_t comparison) {
    for (size_t at = start; at < comparison; ++at) {
      if (!is_word(tokens_[at])) continue;
      cursor_.compared = word(at);
      return;
    }
  }

  // The calls that the brackets' conditions are for: the name before them, or the list.
  void name_calls(size_t index) {
    const size_t bracket = frames_[index].bracket;
    if (before(bracket) != TokenKind::rbrace) {
      if (bracket > 0 && is_word(tokens_[bracket - 1])) add_target(bracket - 1);
    } else {
      size_t depth = 0;
      for (size_t at = bracket; at > 0; --at) {
        if (kind(at - 1) == TokenKind::rbrace || kind(at - 1) == TokenKind::rparen) ++depth;
        if (kind(at - 1) == TokenKind::lbrace || kind(at - 1) == TokenKind::lparen) --depth;
        if (depth == 0) break;
        if (depth == 1 && is_word(tokens_[at - 1]) && kind(at) != TokenKind::dot) add_target(at - 1);
      }
    }
    std::ranges::reverse(cursor_.calls);
  }
  void add_target(size_t at) {
    size_t first = at;
    while (first >= 2 && kind(first - 1) == TokenKind::dot) first -= 2;
    const std::string_view whole = text_.substr(tokens_[first].begin, tokens_[at].end - tokens_[first].begin);
    (before(first) == TokenKind::at ? cursor_.groups : cursor_.calls).push_back(whole);
  }

  // ---- statements and items ----

  [[nodiscard]] Where target_or_group() const {
    return kind(end() - 1) == TokenKind::at ? Where::group : after_target();
  }
  // After a word a target is complete: only `,`, `(`, `except` or `else` may follow.
  [[nodiscard]] Where after_target() const {
    switch (kind(end() - 1)) {
      case TokenKind::comma:
      case TokenKind::lbrace:
      case TokenKind::except:
      case TokenKind::assign:
      case TokenKind::require:
      case TokenKind::never: return Where::target;
      default: return Where::nothing;
    }
  }

  [[nodiscard]] Where in_words(size_t head) const {
    const TokenKind first = kind(head);
    const TokenKind last = kind(end() - 1);
    const bool alone = end() == head + 1;
    if (last == TokenKind::at) return Where::group;
    switch (first) {
      case TokenKind::import_: return alone ? Where::module : Where::nothing;
      case TokenKind::use: return alone || last == TokenKind::unsafe ? Where::rules : after_target();
      case TokenKind::unsafe:
      case TokenKind::rules:
      case TokenKind::syscall: return Where::nothing;
      case TokenKind::policy:
      case TokenKind::on: return after_names(head, TokenKind::on, Where::abi);
      case TokenKind::test:
        return last == TokenKind::for_ ? Where::policy : after_names(head, TokenKind::on, Where::abi);
      case TokenKind::group: return after_target();
      case TokenKind::const_:
      case TokenKind::param:
      case TokenKind::runtime: return in_declaration(last);
      case TokenKind::default_:
      case TokenKind::newer: return alone ? Where::action : Where::nothing;
      case TokenKind::foreign: return alone ? Where::action : after_names(head, TokenKind::for_, Where::abi);
      case TokenKind::install: return alone || last == TokenKind::comma ? Where::flag : Where::nothing;
      case TokenKind::fallback: return alone ? Where::action : after_action(head + 1);
      case TokenKind::require: return last == TokenKind::else_ ? Where::action : after_target();
      case TokenKind::override:
        if (alone || (end() == head + 2 && last == TokenKind::fallback)) return Where::action;
        return after_action(kind(head + 1) == TokenKind::fallback ? head + 2 : head + 1);
      case TokenKind::assert_:
      case TokenKind::expect:
        return alone || last == TokenKind::never
                   ? Where::action
                   : after_action(kind(head + 1) == TokenKind::never ? head + 2 : head + 1);
      case TokenKind::if_:
      case TokenKind::kernel:
      case TokenKind::frequency: return Where::nothing;
      case TokenKind::else_: return after_names(head, TokenKind::on, Where::abi);
      default: return after_action(head);
    }
  }

  // Behind an action that begins at `at`: targets, and what follows them.
  [[nodiscard]] Where after_action(size_t at) const {
    const TokenKind last = kind(end() - 1);
    if (last == TokenKind::else_) return Where::action;
    if (end() == at + 1) return parse::is_name(kind(at)) ? Where::target : Where::nothing;
    const bool had_data = last == TokenKind::rparen && kind(at + 1) == TokenKind::lparen && closes_data(at + 1);
    return had_data ? Where::target : after_target();
  }
  // The brackets that open there end before the cursor, and no others follow.
  [[nodiscard]] bool closes_data(size_t open) const {
    size_t depth = 0;
    for (size_t at = open; at < end(); ++at) {
      if (kind(at) == TokenKind::lparen) ++depth;
      if (kind(at) == TokenKind::rparen && --depth == 0) return at + 1 == end();
    }
    return false;
  }

  // `on x86_64, |`: names after the last word of that kind.
  [[nodiscard]] Where after_names(size_t head, TokenKind opener, Where where) const {
    const TokenKind last = kind(end() - 1);
    if (last == opener) return where;
    if (last != TokenKind::comma) return Where::nothing;
    for (size_t at = end(); at > head; --at) {
      if (kind(at - 1) == opener) return where;
    }
    return Where::nothing;
  }

  [[nodiscard]] static Where in_declaration(TokenKind last) {
    switch (last) {
      case TokenKind::colon: return Where::type;
      case TokenKind::assign:
      case TokenKind::bit_or:
      case TokenKind::bit_and:
      case TokenKind::plus:
      case TokenKind::tilde: return Where::value;
      default: return Where::nothing;
    }
  }

  std::string_view text_;
  std::vector<Token> tokens_;  // before the word at the cursor
  std::vector<Frame> frames_;
  bool is_closed_ = false;  // in a comment or a string: nothing of the language stands there
  size_t head_ = 0;         // of the statement or item at the cursor
  Cursor cursor_;
};

}  // namespace

Cursor cursor_at(std::string_view text, size_t offset) { return Reader(text, offset).read(); }

}  // namespace sbpc::lsp
