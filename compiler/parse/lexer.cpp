#include "parse/lexer.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/limits.h"

namespace sbpc::parse {
namespace {

constexpr std::array<TokenInfo, kTokenKinds> kInfo = {{
    {"end", "the end of the file", TokenUse::hidden, TokenStarts::none},
#define TOKEN(id, grammar, spelling, use, starts) {#id, spelling, TokenUse::use, TokenStarts::starts},
#include "parse/tokens.def"
}};

// ---- keywords: a hash table made at compile time ----

constexpr size_t kSlots = 256;  // about five times the words: most look-ups end at the first slot

constexpr size_t hash(std::string_view word) {
  uint32_t h = static_cast<uint32_t>(word.size());
  for (char c : word) h = h * 31 + static_cast<unsigned char>(c);
  return (h ^ (h >> 8)) % kSlots;
}

constexpr bool is_word(TokenUse use) { return use == TokenUse::soft || use == TokenUse::reserved; }

constexpr std::array<TokenKind, kSlots> make_keywords() {
  std::array<TokenKind, kSlots> table{};
  for (size_t kind = 0; kind < kTokenKinds; ++kind) {
    if (!is_word(kInfo[kind].use)) continue;
    size_t slot = hash(kInfo[kind].spelling);
    while (table[slot] != TokenKind::end) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<TokenKind>(kind);
  }
  return table;
}
constexpr auto kKeywords = make_keywords();

// ---- symbols: by first character, the longest first ----

struct Symbol {
  char second = '\0';  // none: the first character alone
  TokenKind kind = TokenKind::end;
};
constexpr size_t kLongestSymbol = 2;
constexpr size_t kMostBeginAlike = 3;  // `<`, `<<`, `<=`

constexpr auto make_symbols() {
  std::array<std::array<Symbol, kMostBeginAlike>, 256> table{};
  for (size_t length = kLongestSymbol; length > 0; --length) {
    for (size_t kind = 0; kind < kTokenKinds; ++kind) {
      const std::string_view spelling = kInfo[kind].spelling;
      if (kInfo[kind].use != TokenUse::symbol || spelling.size() != length) continue;
      auto& row = table[static_cast<unsigned char>(spelling[0])];
      size_t slot = 0;
      while (row[slot].kind != TokenKind::end) ++slot;  // past the end it is no constant
      row[slot] = {length == 1 ? '\0' : spelling[1], static_cast<TokenKind>(kind)};
    }
  }
  return table;
}
constexpr auto kSymbols = make_symbols();
static_assert(std::none_of(kInfo.begin(), kInfo.end(), [](const TokenInfo& row) {
  return row.use == TokenUse::symbol && row.spelling.size() > kLongestSymbol;
}));

// ---- characters ----

enum CharClass : uint8_t { kSpace = 1, kDigit = 2, kLetter = 4 };  // letters: [a-zA-Z_]

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> table{};
  for (unsigned char c : {' ', '\t', '\r', '\n'}) table[c] = kSpace;
  for (int c = '0'; c <= '9'; ++c) table[c] = kDigit;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = kLetter;
  table['_'] = kLetter;
  return table;
}
constexpr auto kClass = make_classes();

bool is(char c, int classes) { return (kClass[static_cast<unsigned char>(c)] & classes) != 0; }
bool is_hex(char c) { return is(c, kDigit) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Lexed run() {
    // Three bytes a token is what dense policies have; one growth at most for the others.
    result_.tokens.reserve(text_.size() / 5 + 16);
    skip_head();
    while (!result_.too_deep && !result_.too_many) {
      while (at_ < text_.size() && is(text_[at_], kSpace)) ++at_;
      if (at_ == text_.size()) break;
      const size_t begin = at_;
      const TokenKind kind = next();
      auto& list = info(kind).use == TokenUse::hidden ? result_.comments : result_.tokens;
      list.push_back({kind, static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)});
      count_brackets(kind);
      if (result_.tokens.size() > limits::kTokens) result_.too_many = limits::kTokens;
    }
    const auto end = static_cast<uint32_t>(result_.too_deep || result_.too_many ? at_ : text_.size());
    result_.tokens.push_back({TokenKind::end, end, end});
    return std::move(result_);
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skip_head() {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") at_ = 3;
    if (text_.substr(at_, 2) == "#!") at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
  }

  void count_brackets(TokenKind kind) {
    if (kind == TokenKind::lparen || kind == TokenKind::lbrace) {
      if (++depth_ > limits::kNesting) result_.too_deep = result_.tokens.size() - 1;
    } else if (kind == TokenKind::rparen || kind == TokenKind::rbrace) {
      if (depth_ > 0) --depth_;
    }
  }

  TokenKind next() {
    const char c = text_[at_];
    if (is(c, kLetter)) {
      const size_t begin = at_;
      while (is(peek(), kLetter | kDigit)) ++at_;
      return keyword(text_.substr(begin, at_ - begin));
    }
    if (is(c, kDigit)) return number();
    if (c == '/' && (peek(1) == '/' || peek(1) == '*')) return peek(1) == '/' ? line_comment() : block_comment();
    if (c == '"') return string();
    if (c == '\'') return character();
    if (c == '$' && is(peek(1), kDigit)) {
      for (++at_; is(peek(), kDigit);) ++at_;
      return TokenKind::raw;
    }
    return symbol();
  }

  // The longest of VERSION, INT and BAD_NUMBER, the first of these if equally long.
  TokenKind number() {
    const size_t begin = at_;
    auto version_end = [&] {
      size_t at = begin;
      int dots = 0;
      while (true) {
        while (at < text_.size() && is(text_[at], kDigit)) ++at;
        if (dots == 2 || at + 1 >= text_.size() || text_[at] != '.' || !is(text_[at + 1], kDigit)) break;
        ++dots;
        ++at;
      }
      return dots == 0 ? begin : at;
    };
    const size_t integer_end = begin + integer_length(text_.substr(begin));
    while (is(peek(), kLetter | kDigit)) ++at_;
    while (peek() == '.' && is(peek(1), kLetter | kDigit)) {
      for (++at_; is(peek(), kLetter | kDigit);) ++at_;
    }
    if (at_ == version_end()) return TokenKind::version;
    return at_ == integer_end ? TokenKind::integer : TokenKind::bad_number;
  }

  static size_t integer_length(std::string_view text) {
    auto length = [&](size_t from, auto accepts) {
      size_t at = from;
      while (at < text.size() && (text[at] == '_' || accepts(text[at]))) ++at;
      return at;
    };
    size_t prefixed = 0;
    if (text.size() > 2 && text[0] == '0') {
      const char base = static_cast<char>(text[1] | 0x20);
      if (base == 'x') prefixed = length(2, is_hex);
      if (base == 'o') prefixed = length(2, [](char c) { return c >= '0' && c <= '7'; });
      if (base == 'b') prefixed = length(2, [](char c) { return c == '0' || c == '1'; });
    }
    return prefixed > 2 ? prefixed : length(1, [](char c) { return is(c, kDigit); });
  }

  TokenKind line_comment() {
    const bool doc = peek(2) == '/' && peek(3) != '/';
    while (at_ < text_.size() && text_[at_] != '\r' && text_[at_] != '\n')
      ++at_;  // find_first_of calls memchr for each
    return doc ? TokenKind::doc : TokenKind::line;
  }

  TokenKind block_comment() {
    const size_t end = text_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
    return end == std::string_view::npos ? TokenKind::bad_comment : TokenKind::block;
  }

  // Skips to the unescaped `quote`, to the end of the line, or to a backslash that ends the line.
  void skip_quoted(char quote) {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote || c == '\r' || c == '\n') return;
      if (c != '\\') continue;
      const char escaped = peek(1);
      if (at_ + 1 == text_.size() || escaped == '\r' || escaped == '\n') return;
      ++at_;
    }
  }

  TokenKind string() {
    skip_quoted('"');
    if (peek() == '"') return ++at_, TokenKind::string;
    if (peek() == '\\') ++at_;
    return TokenKind::bad_string;
  }

  TokenKind character() {
    const size_t begin = at_;
    skip_quoted('\'');
    const bool closed = peek() == '\'';
    const size_t first = begin + 1;
    const bool one = at_ > first && text_[first] != '\\' && at_ - first == code_point_length(text_[first]);
    if (closed) ++at_;
    return closed && one ? TokenKind::character : TokenKind::bad_char;
  }

  static size_t code_point_length(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    if (byte < 0x80) return 1;
    if (byte < 0xE0) return 2;
    return byte < 0xF0 ? 3 : 4;
  }

  TokenKind take(size_t length, TokenKind kind) {
    at_ += length;
    return kind;
  }

  TokenKind symbol() {
    const char second = peek(1);
    for (const Symbol& symbol : kSymbols[static_cast<unsigned char>(text_[at_])]) {
      if (symbol.kind == TokenKind::end) break;
      if (symbol.second == '\0') return take(1, symbol.kind);
      if (symbol.second == second) return take(2, symbol.kind);
    }
    at_ = std::min(at_ + code_point_length(text_[at_]), text_.size());
    return TokenKind::bad;
  }

  std::string_view text_;
  size_t at_ = 0;
  uint32_t depth_ = 0;
  Lexed result_;
};

}  // namespace

const TokenInfo& info(TokenKind kind) { return kInfo[static_cast<size_t>(kind)]; }

bool is_name(TokenKind kind) { return kind == TokenKind::ident || info(kind).use == TokenUse::soft; }

bool starts_item(TokenKind kind) {
  return info(kind).starts == TokenStarts::item || info(kind).starts == TokenStarts::both;
}

bool starts_statement(TokenKind kind) {
  return info(kind).starts == TokenStarts::statement || info(kind).starts == TokenStarts::both;
}

TokenKind keyword(std::string_view word) {
  for (size_t slot = hash(word); kKeywords[slot] != TokenKind::end; slot = (slot + 1) % kSlots) {
    if (info(kKeywords[slot]).spelling == word) return kKeywords[slot];
  }
  return TokenKind::ident;
}

Lexed lex(std::string_view text) { return Lexer(text).run(); }

}  // namespace sbpc::parse
