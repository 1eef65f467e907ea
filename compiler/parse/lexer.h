// lexer.h: text -> tokens and comments. Makes the same tokens as the lexer that ANTLR would generate from grammar/Sb.g4
// (a test compares them) in a fifth of the time; the parser is fed from here, and editors and `--emit tokens` read it.
//
// Never fails: what is no token becomes TokenKind::bad*, which parse/token_errors explains. Works on bytes of valid
// UTF-8. Tested by test/unit/parse/lexer_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sbpc::parse {

// `end` is the end of the file; the others are the token types of the generated parser.
enum class TokenKind : uint8_t {
  end,
#define TOKEN(id, grammar, spelling, use, starts) id,
#include "parse/tokens.def"
};

inline constexpr size_t kTokenKinds = 1
#define TOKEN(id, grammar, spelling, use, starts) +1
#include "parse/tokens.def"
    ;

enum class TokenUse : uint8_t { soft, reserved, symbol, literal, bad, hidden };
enum class TokenStarts : uint8_t { none, item, statement, both };

struct TokenInfo {
  std::string_view id;        // "kill_process", "lbrace"
  std::string_view spelling;  // see tokens.def
  TokenUse use;
  TokenStarts starts;
};
[[nodiscard]] const TokenInfo& info(TokenKind kind);

[[nodiscard]] bool is_name(TokenKind kind);  // IDENT, or a word that may be a name
[[nodiscard]] bool starts_item(TokenKind kind);
[[nodiscard]] bool starts_statement(TokenKind kind);

// Bytes [begin, end) of the text.
struct Token {
  TokenKind kind = TokenKind::end;
  uint32_t begin = 0;
  uint32_t end = 0;
};

struct Lexed {
  std::vector<Token> tokens;       // ends with TokenKind::end
  std::vector<Token> comments;     // doc, line, block; by rising place
  std::optional<size_t> too_deep;  // the bracket that exceeds limits::kNesting; tokens end there
  std::optional<size_t> too_many;  // the token that exceeds limits::kTokens; tokens end there
};

// A byte order mark and a first line `#!...` are skipped.
[[nodiscard]] Lexed lex(std::string_view text);

// The word or name of a keyword, or TokenKind::ident.
[[nodiscard]] TokenKind keyword(std::string_view word);

}  // namespace sbpc::parse
