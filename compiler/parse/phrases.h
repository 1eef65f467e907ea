// phrases.h: tokens and rules of the grammar in the words of a message. Private to the files of syntax_errors.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parse/syntax_errors.h"

namespace sbpc::parse {

// What a message says was expected where the rule should have begun: the phrase of rules.def.
[[nodiscard]] std::string_view phrase(Rule rule);
// "`;`, `,` or an operator"
[[nodiscard]] std::string list(const TokenSet& expected);
// The spellings of the tokens that are wanted, names apart.
[[nodiscard]] std::vector<std::string_view> words(bool (*wanted)(TokenKind));

[[nodiscard]] bool expects(const Problem& problem, TokenKind kind);
[[nodiscard]] bool is_action(TokenKind kind);
[[nodiscard]] bool is_closer(TokenKind kind);
// "&&", "||" and "!" for `and`, `OR` ...; empty for other words.
[[nodiscard]] std::string_view logic_sign(std::string_view word);

}  // namespace sbpc::parse
