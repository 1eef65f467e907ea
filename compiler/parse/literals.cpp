// literals.cpp: numbers, characters and strings, as the language reads them and as people write them.
#include "parse/literals.h"

#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/syntax.def"

namespace sbpc::parse {
namespace {

namespace kinds = diag::kinds;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

bool has_leading_zero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && (digit(text[1]) < 10 || text[1] == '_');
}

size_t bad_escape(std::string_view text) {
  for (size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 2)) {
    if (at + 1 < text.size() && text[at + 1] != '"' && text[at + 1] != '\\') return at;
  }
  return std::string_view::npos;
}

std::string without_separators(std::string_view word) {
  std::string joined(word);
  std::erase(joined, '_');
  return joined;
}

void suffix_note(diag::Builder& report, std::string_view digits, std::string_view suffix) {
  constexpr std::pair<std::string_view, int> kSizes[] = {{"k", 10}, {"K", 10},   {"M", 20},
                                                         {"G", 30}, {"KiB", 10}, {"MiB", 20}};
  for (auto [name, shift] : kSizes) {
    if (suffix == name) {
      report.note(fmt::format("numbers have no suffixes: write `{} << {}`", digits, shift));
      return;
    }
  }
  const bool c_suffix = suffix.find_first_not_of("uUlL") == std::string_view::npos;
  report.note(c_suffix
                  ? fmt::format("numbers have no suffixes: write `{}`; width and sign come from the argument", digits)
                  : "a name does not begin with a digit, and numbers have no suffixes");
}

class LiteralErrors {
 public:
  explicit LiteralErrors(const Literal& literal) : source_(literal.source), at_(literal.at), sink_(literal.sink) {}

  TokenKind run() {
    const TokenKind kind = source_.tokens[at_].kind;
    if (kind == TokenKind::integer && has_leading_zero(text())) return leading_zero();
    if (kind == TokenKind::integer || kind == TokenKind::bad_number) return bad_number();
    if (kind == TokenKind::character || kind == TokenKind::bad_char) return bad_character_literal();
    if (kind == TokenKind::string) return bad_string_escape();
    if (kind == TokenKind::bad_string) return unterminated_string();
    sink_.report(kinds::BadRawSlot, span(), text()).note("system calls have six arguments: `$0` to `$5`");
    return TokenKind::raw;
  }

 private:
  [[nodiscard]] std::string_view text() const { return source_.spelling(at_); }
  [[nodiscard]] Span span() const { return source_.span(at_); }

  TokenKind unterminated_string() {
    sink_.report(kinds::UnterminatedString, span())
        .under("begins here")
        .note("a string ends with `\"` on the line where it begins");
    return TokenKind::string;
  }

  TokenKind leading_zero() {
    const size_t first = text().find_first_not_of("0_");
    const std::string digits(first == std::string_view::npos ? "0" : text().substr(first));
    auto report = sink_.report(kinds::LeadingZero, span(), text());
    report.note("C would read it as octal; SB wants the base to be seen");
    const bool octal = digits.find_first_of("89") == std::string::npos;
    if (octal && digits != "0") report.fix(fmt::format("write `0o{}`", digits), span(), "0o" + digits, true);
    if (!octal || digits == "0") report.fix(fmt::format("write `{}`", digits), span(), digits, true);
    return TokenKind::integer;
  }

  TokenKind bad_number() {
    const std::string_view word = text();
    auto report = sink_.report(kinds::BadNumber, span(), word);
    const size_t digits = std::min(word.find_first_not_of("0123456789_"), word.size());
    const char base = word.size() > 1 && word[0] == '0' ? static_cast<char>(word[1] | 0x20) : '0';
    if (word.find('.') != std::string_view::npos) {
      report.note("a kernel version has two or three parts, `6.12`; other numbers are whole");
    } else if (const std::string joined = without_separators(word); read_integer(joined)) {
      report.note("`_` stands alone between two digits, as in `1_000`")
          .fix(fmt::format("write `{}`", joined), span(), joined, true);
    } else if (base == 'x' || base == 'o' || base == 'b') {
      report.note("`0x` is followed by digits 0-9 a-f, `0o` by 0-7, `0b` by 0 and 1");
    } else {
      suffix_note(report, word.substr(0, digits), word.substr(digits));
    }
    return word.find('.') != std::string_view::npos ? TokenKind::version : TokenKind::integer;
  }

  TokenKind bad_character_literal() {
    const bool closed = text().size() > 1 && text().back() == '\'';
    auto report = sink_.report(kinds::BadCharLiteral, span(), text());
    const char before = span().begin == 0 ? ' ' : source_.text[span().begin - 1];
    if (before >= '0' && before <= '9') {
      report.note("between digits stands `_`: `1_000`");
      return TokenKind::character;
    }
    report.note(!closed ? "a character ends with `'`: `'V'`"
                : text().size() > 4
                    ? "texts stand in double quotes; between single ones stands one ASCII character"
                    : "one ASCII character stands between the quotes, without escapes; write others as a number");
    return TokenKind::character;
  }

  TokenKind bad_string_escape() {
    const size_t at = bad_escape(text());
    const auto begin = static_cast<uint32_t>(span().begin + at);
    sink_.report(kinds::BadEscape, {source_.file, begin, begin + 2}, text().substr(at, 2))
        .note("only `\\\"` and `\\\\` are escapes; write `\\\\` for a backslash");
    return TokenKind::string;
  }

  const Source& source_;
  size_t at_;
  diag::Sink& sink_;
};

}  // namespace

bool is_wrong_literal(TokenKind kind, std::string_view text) {
  if (kind == TokenKind::integer) return has_leading_zero(text) || !read_integer(text);
  if (kind == TokenKind::raw) return text.size() > 2 || text[1] > '5';
  if (kind == TokenKind::character) return text.size() != 3;
  return kind == TokenKind::string && bad_escape(text) != std::string_view::npos;
}

TokenKind mend_literal(const Literal& literal) { return LiteralErrors(literal).run(); }

std::optional<Integer> read_integer(std::string_view text) {
  uint64_t base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'o' || letter == 'b' ? 2 : 1);
  }
  Integer result;
  bool after_digit = false;
  for (char c : text) {
    if (c == '_' && !after_digit) return std::nullopt;
    after_digit = c != '_';
    if (!after_digit) continue;
    const auto value = static_cast<uint64_t>(digit(c));
    if (value >= base) return std::nullopt;
    if (result.value > (UINT64_MAX - value) / base) result.overflow = true;
    result.value = result.value * base + value;
  }
  if (!after_digit) return std::nullopt;
  return result;
}

bool is_version(std::string_view text) {
  const auto dots = std::count(text.begin(), text.end(), '.');
  return (dots == 1 || dots == 2) && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string_view read_string(std::string_view token, std::string& unescaped) {
  token.remove_prefix(1);
  if (!token.empty() && token.back() == '"') token.remove_suffix(1);
  if (token.find('\\') == std::string_view::npos) return token;
  for (size_t at = 0; at < token.size(); ++at) {
    if (token[at] == '\\' && at + 1 < token.size()) ++at;
    unescaped += token[at];
  }
  return unescaped;
}

}  // namespace sbpc::parse
