#include "lsp/cursor.h"

#include <algorithm>
#include <optional>

#include "lsp/typed.h"

namespace sbpc::lsp {
namespace {

using parse::TokenKind;
using Where = Cursor::Where;

class Reader {
 public:
  Reader(std::string_view text, size_t offset) : text_(text), typed_(text, offset) {}

  Cursor read() {
    cursor_.prefix = typed_.prefix;
    cursor_.begin = typed_.begin;
    cursor_.qualifier = typed_.qualifier;
    if (typed_.is_closed) {
      in_text();
    } else {
      cursor_.keywords = keywords_after(typed_);
      cursor_.on_blocks = on_blocks_around(typed_);
      cursor_.is_directly_in_policy = is_directly_in_policy(typed_);
      cursor_.where = frames().empty() ? in_item() : in_frame(frames().size() - 1);
      cursor_.takes_never = cursor_.where == Where::action && takes_never();
    }
    return std::move(cursor_);
  }

 private:
  [[nodiscard]] TokenKind kind(size_t at) const { return typed_.kind(at); }
  [[nodiscard]] TokenKind before(size_t at) const { return typed_.before(at); }
  [[nodiscard]] std::string_view word(size_t at) const { return typed_.word(at); }
  [[nodiscard]] size_t end() const { return typed_.end(); }
  [[nodiscard]] const std::vector<Enclosing>& frames() const { return typed_.frames(); }

  // In a string only an `import "` that is being typed means something.
  void in_text() {
    if (typed_.has_path) {
      const size_t slash = typed_.path.rfind('/');
      const size_t name = slash == std::string_view::npos ? 0 : slash + 1;
      cursor_.where = Where::path;
      cursor_.qualifier = typed_.path.substr(0, name);
      cursor_.prefix = typed_.path.substr(name);
    }
    cursor_.begin -= cursor_.prefix.size();
  }

  // ---- a place in the innermost bracket ----

  [[nodiscard]] Where in_item() { return typed_.head() == end() ? Where::item : in_words(typed_.head()); }

  [[nodiscard]] Where in_frame(size_t index) {
    const Enclosing& frame = frames()[index];
    if (frame.is_block) {
      if (typed_.head() != end()) return in_words(typed_.head());
      return kind(frame.head) == TokenKind::test ? Where::expectation : Where::statement;
    }
    if (cursor_.open == std::string_view::npos && kind(frame.bracket) == TokenKind::lparen) {
      cursor_.open = typed_.token(frame.bracket).begin;
      cursor_.comma = typed_.commas(frame.bracket);
    }
    return kind(frame.bracket) == TokenKind::lbrace ? in_braces(index) : in_parens(index);
  }

  // `{`: targets, a set of values, a type, frequencies.
  [[nodiscard]] Where in_braces(size_t index) {
    const Enclosing& frame = frames()[index];
    const TokenKind head = kind(frame.head);
    const bool in_formals = head == TokenKind::rules || head == TokenKind::unsafe || head == TokenKind::syscall;
    if (index > 0 && kind(frames()[index - 1].bracket) == TokenKind::lparen && !in_formals)
      return in_frame_value(index - 1, frame.bracket);
    if (before(frame.bracket) == TokenKind::colon) return Where::type;
    if (head == TokenKind::const_ || head == TokenKind::param || head == TokenKind::runtime) {
      name_type(frame.head);
      return Where::value;
    }
    if (head == TokenKind::frequency && before(end()) == TokenKind::colon) return Where::nothing;
    return target_or_group();
  }

  [[nodiscard]] Where in_parens(size_t index) {
    const size_t from = frames()[index].bracket + 1;
    // Brackets around a part of an expression.
    while (index > 0 && kind(frames()[index - 1].bracket) == TokenKind::lparen &&
           !typed_.follows_name(frames()[index].bracket))
      --index;
    const Enclosing& frame = frames()[index];
    const TokenKind previous = before(frame.bracket);
    const TokenKind head = kind(frame.head);
    if (previous == TokenKind::errno_ || previous == TokenKind::trace || previous == TokenKind::trap)
      return previous == TokenKind::errno_ ? Where::error_name : Where::number;
    if (previous == TokenKind::if_ || (previous == TokenKind::assert_)) return Where::value;
    if (previous == TokenKind::with || (head == TokenKind::use && !inside_except(frame)))
      return in_named_arguments(frame);
    if (head == TokenKind::rules || head == TokenKind::unsafe || head == TokenKind::syscall) return in_formals(frame);
    return in_condition(index, from);
  }

  [[nodiscard]] bool inside_except(const Enclosing& frame) const {
    for (size_t at = frame.head; at < frame.bracket; ++at) {
      if (kind(at) == TokenKind::except) return true;
    }
    return false;
  }

  [[nodiscard]] Where in_named_arguments(const Enclosing& frame) {
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
    const size_t start = typed_.piece_start(frame.bracket);
    if (start == end()) {
      name_given(frame.bracket);
      return Where::parameter_name;
    }
    cursor_.parameter = word(start);
    for (size_t at = start; at < end(); ++at) {
      if (kind(at) == TokenKind::colon) return Where::value;
    }
    return Where::nothing;
  }

  void name_given(size_t bracket) {
    for (size_t at = bracket + 1; at + 1 < end(); ++at) {
      if (kind(at + 1) == TokenKind::colon && typed_.is_word(at)) cursor_.given.push_back(word(at));
    }
  }

  // Of the declaration that begins at `from`: what stands between its `:` and its `=`.
  void name_type(size_t from) {
    size_t at = from;
    while (at < end() && kind(at) != TokenKind::colon) ++at;
    std::string type;
    for (++at; at < end() && kind(at) != TokenKind::assign; ++at) {
      if (typed_.is_word(at) || kind(at) == TokenKind::dot) type += word(at);
    }
    if (at < end()) cursor_.type = std::move(type);
  }

  [[nodiscard]] Where in_formals(const Enclosing& frame) {
    const size_t start = typed_.piece_start(frame.bracket);
    for (size_t at = end(); at > start; --at) {
      if (kind(at - 1) == TokenKind::assign) {
        name_type(start);
        return Where::value;
      }
      if (kind(at - 1) == TokenKind::colon) return at == end() ? Where::type : Where::nothing;
    }
    return Where::nothing;
  }

  // ---- conditions ----

  [[nodiscard]] static bool compares(TokenKind kind) {
    return is_one_of(kind, {TokenKind::assign, TokenKind::eq, TokenKind::ne, TokenKind::lt, TokenKind::le,
                            TokenKind::gt, TokenKind::ge, TokenKind::in, TokenKind::has, TokenKind::any,
                            TokenKind::lacks, TokenKind::only, TokenKind::bit_and});
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
        if (kind(at) == TokenKind::eq && at + 1 < end() && typed_.is_word(at + 1)) cursor_.selected = word(at + 1);
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
    const TokenKind last = kind(end() - 1);
    const size_t end = typed_.move_end(brace);
    const Where where = in_parens(index);
    typed_.move_end(end);
    const bool takes_value =
        last == TokenKind::lbrace || last == TokenKind::comma || last == TokenKind::bit_or || last == TokenKind::range;
    return where == Where::value && takes_value ? where : Where::nothing;
  }

  void name_argument(size_t start, size_t comparison) {
    for (size_t at = start; at < comparison; ++at) {
      if (!typed_.is_word(at)) continue;
      cursor_.compared = word(at);
      return;
    }
  }

  // The calls that the brackets' conditions are for: the name before them, or the list.
  void name_calls(size_t index) {
    const size_t bracket = frames()[index].bracket;
    if (before(bracket) != TokenKind::rbrace) {
      if (bracket > 0 && typed_.is_word(bracket - 1)) add_target(bracket - 1);
    } else {
      size_t depth = 0;
      for (size_t at = bracket; at > 0; --at) {
        if (kind(at - 1) == TokenKind::rbrace || kind(at - 1) == TokenKind::rparen) ++depth;
        if (kind(at - 1) == TokenKind::lbrace || kind(at - 1) == TokenKind::lparen) --depth;
        if (depth == 0) break;
        if (depth == 1 && typed_.is_word(at - 1) && kind(at) != TokenKind::dot) add_target(at - 1);
      }
    }
    std::ranges::reverse(cursor_.calls);
  }
  void add_target(size_t at) {
    size_t first = at;
    while (first >= 2 && kind(first - 1) == TokenKind::dot) first -= 2;
    const std::string_view whole =
        text_.substr(typed_.token(first).begin, typed_.token(at).end - typed_.token(first).begin);
    (before(first) == TokenKind::at ? cursor_.groups : cursor_.calls).push_back(whole);
  }

  // ---- statements and items ----

  [[nodiscard]] bool takes_never() const {
    const TokenKind last = before(end());
    return last == TokenKind::assert_ || last == TokenKind::expect;
  }

  [[nodiscard]] Where target_or_group() const {
    return kind(end() - 1) == TokenKind::at ? Where::group : after_target();
  }
  // After a word a target is complete: only `,`, `(`, `except` or `else` may follow.
  [[nodiscard]] Where after_target() const {
    const bool takes_one = is_one_of(kind(end() - 1), {TokenKind::comma, TokenKind::lbrace, TokenKind::except,
                                                       TokenKind::assign, TokenKind::require, TokenKind::never});
    return takes_one ? Where::target : Where::nothing;
  }

  [[nodiscard]] Where in_words(size_t head) {
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
      case TokenKind::runtime: name_type(head); return in_declaration(last);
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
    const bool had_data = last == TokenKind::rparen && kind(at + 1) == TokenKind::lparen && typed_.closes_last(at + 1);
    return had_data ? Where::target : after_target();
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
    if (last == TokenKind::colon) return Where::type;
    const bool takes_value =
        is_one_of(last, {TokenKind::assign, TokenKind::bit_or, TokenKind::bit_and, TokenKind::plus, TokenKind::tilde});
    return takes_value ? Where::value : Where::nothing;
  }

  std::string_view text_;
  Typed typed_;
  Cursor cursor_;
};

}  // namespace

Cursor cursor_at(std::string_view text, size_t offset) { return Reader(text, offset).read(); }

}  // namespace sbpc::lsp
