#include "lsp/following.h"

#include <algorithm>
#include <iterator>

namespace sbpc::lsp {
namespace {

using parse::TokenKind;
using Words = std::vector<std::string_view>;

constexpr TokenKind kActions[] = {TokenKind::allow,  TokenKind::log,  TokenKind::notify,      TokenKind::trace,
                                  TokenKind::errno_, TokenKind::trap, TokenKind::kill_thread, TokenKind::kill_process};

class KeywordReader {
 public:
  explicit KeywordReader(const Typed& typed) : typed_(typed) {}

  [[nodiscard]] Words keywords() const {
    if (typed_.is_closed || !typed_.qualifier.empty()) return {};
    if (!typed_.frames().empty() && !typed_.frames().back().is_block) return in_bracket(typed_.frames().back());
    const size_t head = typed_.head();
    return head == typed_.end() ? at_start(head) : in_words(head);
  }

 private:
  [[nodiscard]] TokenKind kind(size_t at) const { return typed_.kind(at); }
  [[nodiscard]] TokenKind last() const { return typed_.before(typed_.end()); }
  [[nodiscard]] bool ends_with_word() const { return typed_.end() > 0 && typed_.is_word(typed_.end() - 1); }
  // How many tokens from `head` on.
  [[nodiscard]] size_t count(size_t head) const { return typed_.end() - head; }
  // Whether the word stands behind `head`, outside of all brackets.
  [[nodiscard]] bool has(size_t head, TokenKind word) const {
    size_t depth = 0;
    for (size_t at = head + 1; at < typed_.end(); ++at) {
      if (kind(at) == TokenKind::lparen || kind(at) == TokenKind::lbrace) ++depth;
      if ((kind(at) == TokenKind::rparen || kind(at) == TokenKind::rbrace) && depth > 0) --depth;
      if (depth == 0 && kind(at) == word) return true;
    }
    return false;
  }

  // Behind an argument's name, what it can be asked.
  [[nodiscard]] Words in_bracket(const Enclosing& frame) const {
    if (kind(frame.bracket) != TokenKind::lparen || !ends_with_word() || !is_condition(frame)) return {};
    const bool begins = is_one_of(typed_.before(typed_.end() - 1), {TokenKind::lparen, TokenKind::comma,
                                                                    TokenKind::and_, TokenKind::or_, TokenKind::not_});
    return begins ? Words{"only", "has", "lacks", "any", "in"} : Words();
  }
  // Not values in brackets: of an action, a parameter, a `use` or a `with`.
  [[nodiscard]] bool is_condition(const Enclosing& frame) const {
    const TokenKind head = kind(frame.head);
    if (is_one_of(head, {TokenKind::rules, TokenKind::unsafe, TokenKind::syscall, TokenKind::test, TokenKind::param,
                         TokenKind::runtime, TokenKind::const_}))
      return false;
    if (head == TokenKind::use && !has(frame.head, TokenKind::except)) return false;
    return !is_one_of(typed_.before(frame.bracket), {TokenKind::errno_, TokenKind::trace, TokenKind::trap});
  }

  // Where a statement begins: `else` goes on with the block before it.
  [[nodiscard]] Words at_start(size_t head) const {
    const Enclosing* block = head == 0 ? nullptr : typed_.closed(head - 1);
    if (block == nullptr) return {};
    const bool has_condition = kind(block->head) == TokenKind::on || kind(block->head) == TokenKind::if_ ||
                               (kind(block->head) == TokenKind::else_ && block->bracket > block->head + 1);
    return has_condition ? Words{"else"} : Words();
  }

  [[nodiscard]] Words in_words(size_t head) const {
    const TokenKind first = kind(head);
    const bool alone = count(head) == 1;
    if (first == TokenKind::import_) return in_import(head);
    if (first == TokenKind::test) return in_test(head);
    if (first == TokenKind::policy) return count(head) == 2 ? Words{"on"} : Words();
    if (first == TokenKind::syscall) return last() == TokenKind::integer ? Words{"on"} : Words();
    if (first == TokenKind::foreign) return !alone && !has(head, TokenKind::for_) ? Words{"for"} : Words();
    if (!alone) return behind_targets(first == TokenKind::override ? head + 1 : head);
    if (first == TokenKind::unsafe) return {"rules"};
    if (first == TokenKind::runtime) return {"param"};
    if (first == TokenKind::override) return {"fallback", "require"};
    return first == TokenKind::else_ ? else_words(head) : Words();
  }

  [[nodiscard]] Words in_import(size_t head) const {
    const bool is_named = count(head) > 1 && (ends_with_word() || last() == TokenKind::string);
    return is_named && !has(head, TokenKind::as) ? Words{"as"} : Words();
  }

  [[nodiscard]] Words in_test(size_t head) const {
    if (last() == TokenKind::string) return {"for"};
    if (!has(head, TokenKind::for_) || last() == TokenKind::for_ || !ends_with_word()) return {};
    return has(head, TokenKind::on) ? Words{"with"} : Words{"on", "with"};
  }

  // `else on ...` goes on with `on`, `else if (...)` with `if`.
  [[nodiscard]] Words else_words(size_t head) const {
    const Enclosing* block = head == 0 ? nullptr : typed_.closed(head - 1);
    if (block == nullptr) return {};
    const TokenKind first = kind(block->head) == TokenKind::else_ ? kind(block->head + 1) : kind(block->head);
    if (first == TokenKind::if_) return {"if"};
    return first == TokenKind::on ? Words{"on"} : Words();
  }

  // After targets that are complete: a word, or the bracket of their conditions.
  [[nodiscard]] Words behind_targets(size_t head) const {
    const bool is_complete = (ends_with_word() && last() != TokenKind::except && last() != TokenKind::unsafe) ||
                             last() == TokenKind::rparen || last() == TokenKind::rbrace;
    if (!is_complete || has(head, TokenKind::else_) || typed_.end() <= behind_action(head)) return {};
    const TokenKind first = kind(head);
    const bool has_except = has(head, TokenKind::except);
    if (first == TokenKind::require) return {"else"};
    if (first == TokenKind::group && !has(head, TokenKind::assign)) return {};
    if (is_one_of(first, {TokenKind::group, TokenKind::use, TokenKind::assert_}))
      return has_except ? Words() : Words{"except"};
    // An action: the others take no exceptions.
    const bool is_rule = first == TokenKind::ident || std::ranges::find(kActions, first) != std::end(kActions);
    if (!is_rule) return {};
    return has_except ? Words{"else"} : Words{"else", "except"};
  }
  // The first token that can be a target.
  [[nodiscard]] size_t behind_action(size_t head) const {
    size_t at = head + 1;
    const TokenKind first = kind(head);
    if (first == TokenKind::require || first == TokenKind::use || first == TokenKind::group) return at;
    if (first == TokenKind::assert_) at = kind(at) == TokenKind::never ? at + 2 : at + 1;
    if (kind(at) != TokenKind::lparen) return at;
    for (size_t depth = 0; at < typed_.end(); ++at) {
      if (kind(at) == TokenKind::lparen) ++depth;
      if (kind(at) == TokenKind::rparen && --depth == 0) return at + 1;
    }
    return at;
  }

  const Typed& typed_;
};

// The names of `on x86_64, i386 {` and `else on arm {`.
Words names_of(const Typed& typed, const Enclosing& block) {
  Words names;
  for (size_t at = block.head; at < block.bracket; ++at) {
    const bool is_opener = typed.kind(at) == TokenKind::on || typed.kind(at) == TokenKind::else_;
    if (typed.is_word(at) && !is_opener) names.push_back(typed.word(at));
  }
  return names;
}

bool is_on(const Typed& typed, const Enclosing& block) {
  return typed.kind(block.head) == TokenKind::on ||
         (typed.kind(block.head) == TokenKind::else_ && typed.kind(block.head + 1) == TokenKind::on);
}

}  // namespace

Words keywords_after(const Typed& typed) { return KeywordReader(typed).keywords(); }

std::vector<OnNames> on_blocks_around(const Typed& typed) {
  std::vector<OnNames> found;
  for (const Enclosing& frame : typed.frames()) {
    if (!frame.is_block) continue;
    if (is_on(typed, frame)) found.push_back({false, names_of(typed, frame)});
    const Enclosing* before = &frame;
    while (before != nullptr && typed.kind(before->head) == TokenKind::else_ && before->head > 0) {
      before = typed.closed(before->head - 1);
      if (before != nullptr && is_on(typed, *before)) found.push_back({true, names_of(typed, *before)});
    }
  }
  return found;
}

bool is_policy_line(TokenKind kind) {
  return is_one_of(kind, {TokenKind::default_, TokenKind::newer, TokenKind::foreign, TokenKind::kernel,
                          TokenKind::install, TokenKind::frequency, TokenKind::param, TokenKind::runtime});
}

bool is_directly_in_policy(const Typed& typed) {
  return typed.frames().size() == 1 && typed.kind(typed.frames()[0].head) == TokenKind::policy;
}

}  // namespace sbpc::lsp
