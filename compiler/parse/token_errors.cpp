#include "parse/token_errors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "diag/kinds/syntax.def"

namespace sbpc::parse {
namespace {

namespace kinds = diag::kinds;

struct Lookalike {
  uint32_t code_point;
  std::string_view name;
  std::string_view ascii;
};
constexpr Lookalike kLookalikes[] = {
#define LOOKALIKE(code_point, name, ascii) {code_point, name, ascii},
#include "parse/lookalikes.def"
};

// What to say about ASCII characters that other languages use.
struct Hint {
  char character;
  std::string_view note;
};
constexpr Hint kHints[] = {
    {'/', "there is no division; a comment begins with `//`, and the parts of a module's name are joined by `.`"},
    {'%', "there is no remainder; `x & 0xff == v` tests some bits"},
    {'^', "there is no exclusive or; `x & M == v` tests some bits"},
    {'?', "there is no `?:`; write one statement for each case"},
    {'$', "the raw argument slots are `$0` to `$5`"},
    {'\\', "a statement may go on over any number of lines as it is"},
};

uint32_t code_point(std::string_view bytes) {
  const auto lead = static_cast<uint8_t>(bytes[0]);
  if (bytes.size() == 1) return lead;
  uint32_t value = lead & (0x7FU >> bytes.size());
  for (char c : bytes.substr(1)) value = value << 6 | (static_cast<uint8_t>(c) & 0x3F);
  return value;
}

const Lookalike* find_lookalike(uint32_t value) {
  return std::find_if(std::begin(kLookalikes), std::end(kLookalikes),
                      [&](const Lookalike& each) { return each.code_point == value; });
}

bool is_letter(std::string_view ascii) {
  return ascii.size() == 1 && (ascii[0] | 0x20) >= 'a' && (ascii[0] | 0x20) <= 'z';
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

class TokenErrors {
 public:
  TokenErrors(Source& source, diag::Sink& sink) : source_(source), sink_(sink) {}

  bool run() {
    hidden_directions();
    std::vector<Token>& tokens = source_.tokens;
    if (std::none_of(tokens.begin(), tokens.end(), [&](Token token) { return is_wrong(token); })) return true;
    kept_.reserve(tokens.size());
    for (at_ = 0; at_ < tokens.size(); ++at_) {
      if (source_.mended.size() >= limits::kSyntaxErrors) {
        sink_.report(kinds::TooManySyntaxErrors, source_.span(at_));
        return false;
      }
      if (!is_wrong(tokens[at_])) {
        kept_.push_back(tokens[at_]);
        continue;
      }
      begin_ = tokens[at_].begin;
      const TokenKind kind = mend();
      source_.mended.push_back(begin_);
      if (kind != TokenKind::bad) kept_.push_back({kind, begin_, tokens[at_].end});
    }
    tokens = std::move(kept_);
    return true;
  }

 private:
  // In comments and strings: what is shown there is then not what is compiled (CVE-2021-42574). Outside of them they
  // are bad tokens.
  void hidden_directions() {
    constexpr size_t bytes = 3;
    for (size_t at = source_.text.find('\xE2'); at != std::string_view::npos;
         at = source_.text.find('\xE2', at + bytes)) {
      const uint32_t value = code_point(source_.text.substr(at, bytes));
      const bool changes_direction = (value >= 0x202A && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
      if (!changes_direction || is_bad_token(at)) continue;
      const Lookalike* row = find_lookalike(value);
      const auto begin = static_cast<uint32_t>(at);
      const Span span{source_.file, begin, begin + static_cast<uint32_t>(bytes)};
      sink_
          .report(kinds::BadCharacter, span,
                  fmt::format("`{}` (U+{:04X}, {})", source_.text.substr(at, bytes), value, row->name))
          .note("it turns round what is shown after it: a comment could look like a rule, or a rule like a comment")
          .fix("delete it", span, "", true);
    }
  }

  bool is_bad_token(size_t at) const {
    const auto token = std::ranges::lower_bound(source_.tokens, at, {}, &Token::begin);
    return token != source_.tokens.end() && token->begin == at && token->kind == TokenKind::bad;
  }

  bool is_wrong(Token token) const {
    const TokenUse use = info(token.kind).use;
    if (use == TokenUse::symbol || use == TokenUse::soft || use == TokenUse::reserved) return false;
    if (use == TokenUse::bad) return true;
    const std::string_view text = source_.text.substr(token.begin, token.end - token.begin);
    if (token.kind == TokenKind::integer) return has_leading_zero(text) || !read_integer(text);
    if (token.kind == TokenKind::raw) return text.size() > 2 || text[1] > '5';
    if (token.kind == TokenKind::character) return text.size() != 3;
    return token.kind == TokenKind::string && bad_escape(text) != std::string_view::npos;
  }

  static bool has_leading_zero(std::string_view text) {
    return text.size() > 1 && text[0] == '0' && (digit(text[1]) < 10 || text[1] == '_');
  }

  static size_t bad_escape(std::string_view text) {
    for (size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 2)) {
      if (at + 1 < text.size() && text[at + 1] != '"' && text[at + 1] != '\\') return at;
    }
    return std::string_view::npos;
  }

  std::string_view text() const { return source_.spelling(at_); }

  // Reports token at_; returns what to take it for, TokenKind::bad to drop it.
  TokenKind mend() {
    const TokenKind kind = source_.tokens[at_].kind;
    if (kind == TokenKind::integer && has_leading_zero(text())) return leading_zero();
    if (kind == TokenKind::integer || kind == TokenKind::bad_number) return bad_number();
    if (kind == TokenKind::character || kind == TokenKind::bad_char) return bad_character_literal();
    if (kind == TokenKind::string) return bad_string_escape();
    if (kind == TokenKind::bad_string) return unterminated_string();
    if (kind == TokenKind::bad_comment) return unterminated_comment();
    if (kind == TokenKind::bad) return bad_character();
    sink_.report(kinds::BadRawSlot, span(), text()).note("system calls have six arguments: `$0` to `$5`");
    return TokenKind::raw;
  }

  TokenKind unterminated_string() {
    sink_.report(kinds::UnterminatedString, span())
        .under("begins here")
        .note("a string ends with `\"` on the line where it begins");
    return TokenKind::string;
  }

  TokenKind unterminated_comment() {
    sink_.report(kinds::UnterminatedComment, {source_.file, span().begin, span().begin + 2})
        .under("begins here")
        .note("a `/*` comment ends with the next `*/`");
    return TokenKind::bad;
  }

  Span span() const { return source_.span(at_); }

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

  static std::string without_separators(std::string_view word) {
    std::string joined(word);
    std::erase(joined, '_');
    return joined;
  }

  static void suffix_note(diag::Builder& report, std::string_view digits, std::string_view suffix) {
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

  // `# a comment`: the rest of the line is read as one.
  TokenKind hash_comment() {
    const size_t end = std::min(source_.text.find_first_of("\r\n", span().begin), source_.text.size());
    const Span sign = span();
    const std::string_view line = std::string_view(source_.text).substr(sign.end, end - sign.end);
    auto report = sink_.report(kinds::BadCharacter, sign, "`#`");
    if (line.starts_with("include")) {
      report.note("there is no preprocessor: `import \"file.sb\";` reads a file");
    } else if (line.starts_with("define")) {
      report.note("there is no preprocessor: `const NAME = VALUE;` names a value");
    } else {
      report.note("a comment begins with `//`").fix("write `//`", sign, "//", true);
    }
    while (at_ + 1 < source_.tokens.size() && source_.tokens[at_ + 1].kind != TokenKind::end &&
           source_.tokens[at_ + 1].begin < end)
      ++at_;
    return TokenKind::bad;
  }

  // `{ }` written as in other languages. Behind a name that it touches, `write[fd == 1]` or `args[0]`, it is none.
  TokenKind square_bracket(char bracket) {
    const std::string_view ours = bracket == '[' ? "{" : "}";
    if (bracket == '[')
      indexes_.push_back(!kept_.empty() && kept_.back().end == begin_ && kept_.back().kind == TokenKind::ident);
    const bool is_index = !indexes_.empty() && indexes_.back();
    if (bracket == ']' && !indexes_.empty()) indexes_.pop_back();
    auto report = sink_.report(kinds::BadCharacter, span(), fmt::format("`{}`", bracket));
    if (is_index) {
      report.note("conditions are written in `( )`, an argument by its name or as `$0` to `$5`");
    } else {
      report.note("lists and sets are written in `{ }`");
      report.fix(fmt::format("write `{}`", ours), span(), std::string(ours), true);
    }
    return bracket == '[' ? TokenKind::lbrace : TokenKind::rbrace;
  }

  TokenKind bad_character() {
    const uint32_t value = code_point(text());
    if (value == '#') return hash_comment();
    if (value == '[' || value == ']') return square_bracket(static_cast<char>(value));
    const Lookalike* row = find_lookalike(value);
    if (row != std::end(kLookalikes) && is_letter(row->ascii)) return mixed_word(*row);
    if (row != std::end(kLookalikes)) return lookalike(*row);
    // A word in another script is one mistake, not one for each letter.
    const size_t first = at_;
    while (at_ + 1 < source_.tokens.size() && value >= 0x80 && continues_bad_word()) ++at_;
    const Span whole = join(source_.span(first), span());
    const std::string shown = value < 0x20 || value == 0x7F
                                  ? fmt::format("the control character U+{:04X}", value)
                                  : fmt::format("`{}`", source_.text.substr(whole.begin, whole.end - whole.begin));
    auto report = sink_.report(kinds::BadCharacter, whole, shown);
    for (const Hint& hint : kHints) {
      if (static_cast<unsigned char>(hint.character) == value) report.note(std::string(hint.note));
    }
    if (value >= 0x80) report.note("names are of the letters a-z, A-Z, digits and `_`");
    return TokenKind::bad;
  }

  bool continues_bad_word() const {
    const Token& next = source_.tokens[at_ + 1];
    return next.begin == source_.tokens[at_].end && next.kind == TokenKind::bad &&
           static_cast<uint8_t>(source_.text[next.begin]) >= 0x80;
  }

  // `rеad` with a Cyrillic е: one mistake, and one word to the parser.
  TokenKind mixed_word(const Lookalike& row) {
    const std::string letter(text());
    for (; !kept_.empty() && kept_.back().end == begin_ && is_name(kept_.back().kind); kept_.pop_back())
      begin_ = kept_.back().begin;
    while (source_.tokens[at_ + 1].begin == span().end &&
           (is_name(source_.tokens[at_ + 1].kind) || continues_bad_word()))
      ++at_;
    const Span word{source_.file, begin_, span().end};
    const std::string_view written = source_.text.substr(word.begin, word.end - word.begin);
    auto report =
        sink_.report(kinds::BadCharacter, word, fmt::format("`{}` (U+{:04X}, {})", letter, row.code_point, row.name));
    const std::string meant = in_our_letters(written);
    if (meant.empty()) {
      report.note("names are of the letters a-z, A-Z, digits and `_`");
    } else {
      report.fix(fmt::format("write `{}` with the letters of the keyboard", meant), word, meant, true);
    }
    return meant.empty() ? TokenKind::ident : keyword(meant);
  }

  // Empty if some letter is like none of ours.
  static std::string in_our_letters(std::string_view word) {
    std::string result;
    for (size_t at = 0; at < word.size();) {
      size_t length = 1;
      while (at + length < word.size() && (static_cast<uint8_t>(word[at + length]) & 0xC0) == 0x80) ++length;
      const std::string_view one = word.substr(at, length);
      const Lookalike* row = find_lookalike(code_point(one));
      if (length > 1 && (row == std::end(kLookalikes) || !is_letter(row->ascii))) return {};
      result += length == 1 ? one : row->ascii;
      at += length;
    }
    return result;
  }

  TokenKind lookalike(const Lookalike& row) {
    auto report =
        sink_.report(kinds::BadCharacter, span(), fmt::format("`{}` (U+{:04X}, {})", text(), row.code_point, row.name));
    const std::string title = row.ascii.empty() ? std::string("delete it") : fmt::format("write `{}`", row.ascii);
    report.fix(title, span(), std::string(row.ascii), true);
    if (row.ascii.empty()) return TokenKind::bad;
    const Lexed meant = lex(row.ascii);
    const TokenKind kind = meant.tokens.front().kind;
    return kind == TokenKind::end || info(kind).use == TokenUse::bad ? TokenKind::bad : kind;
  }

  Source& source_;
  std::vector<bool> indexes_;  // of the open `[`: whether it stands behind a name
  diag::Sink& sink_;
  std::vector<Token> kept_;
  size_t at_ = 0;
  uint32_t begin_ = 0;  // of the token at hand; mixed_word moves it back
};

}  // namespace

bool check_tokens(Source& source, diag::Sink& sink) { return TokenErrors(source, sink).run(); }

void report_too_deep(const Source& source, size_t bracket, diag::Sink& sink) {
  sink.report(kinds::NestedTooDeep, source.span(bracket), limits::kNesting)
      .note("name parts of it: a const, a group or rules");
}

void report_too_many(const Source& source, size_t token, diag::Sink& sink) {
  sink.report(kinds::TooManyTokens, source.span(token), source.name, limits::kTokens)
      .note("split it over several files, or write neighbouring values of a set as ranges");
}

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
