#include "parse/token_errors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "base/text.h"
#include "diag/kinds/syntax.def"
#include "parse/literals.h"
#include "parse/phrases.h"

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
    return is_wrong_literal(token.kind, source_.text.substr(token.begin, token.end - token.begin));
  }

  std::string_view text() const { return source_.spelling(at_); }

  // Reports token at_; returns what to take it for, TokenKind::bad to drop it.
  TokenKind mend() {
    const TokenKind kind = source_.tokens[at_].kind;
    if (kind == TokenKind::bad_comment) return unterminated_comment();
    if (kind == TokenKind::bad) return bad_character();
    return mend_literal({source_, at_, sink_});
  }

  TokenKind unterminated_comment() {
    sink_.report(kinds::UnterminatedComment, {source_.file, span().begin, span().begin + 2})
        .under("begins here")
        .note("a `/*` comment ends with the next `*/`");
    return TokenKind::bad;
  }

  Span span() const { return source_.span(at_); }

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
      const size_t name = at_ + 2;  // behind `#` and `define`
      if (name + 1 < source_.tokens.size() && source_.tokens[name].end < end && is_name(source_.tokens[name].kind)) {
        source_.lost_names.push_back(source_.spelling(name));
        const Span value{source_.file, source_.tokens[name].end, static_cast<uint32_t>(end)};
        const std::string_view said = trim(source_.text.substr(value.begin, end - value.begin));
        const std::string text = fmt::format("const {} = {};", source_.spelling(name), said);
        if (!said.empty() && source_.text[value.begin] != '(')
          report.fix(fmt::format("write `{}`", text), join(sign, value), text);
      }
    } else {
      report.note("a comment begins with `//`").fix("write `//`", sign, "//", true);
    }
    while (at_ + 1 < source_.tokens.size() && source_.tokens[at_ + 1].kind != TokenKind::end &&
           source_.tokens[at_ + 1].begin < end)
      ++at_;
    return TokenKind::bad;
  }

  // Lists in `[ ]`, as in other languages: one mistake, told at the `[`. Behind a name that it touches,
  // `write[fd == 1]` or `args[0]`, it is no list; what a file begins with is another format's.
  TokenKind square_bracket(char bracket) {
    const TokenKind ours = bracket == '[' ? TokenKind::lbrace : TokenKind::rbrace;
    if (begin_ < list_end_) return is_data_ ? TokenKind::bad : ours;  // told with the `[` around it
    if (bracket == ']') return stray_closer();
    const bool is_index = !kept_.empty() && kept_.back().end == begin_ && kept_.back().kind == TokenKind::ident;
    const size_t close = closer_of_list();
    const bool is_first = kept_.empty();
    is_data_ = kept_.size() > 1 && kept_.back().kind == TokenKind::lparen && takes_data(kept_[kept_.size() - 2].kind);
    auto report = sink_.report(kinds::BadCharacter, span(), "`[`");
    if (close != at_) list_end_ = source_.tokens[close].end;
    if (is_first) {
      report.note("`sbpc import FILE` makes a policy of a systemd unit and of other formats");
    } else if (is_index) {
      report.note("conditions are written in `( )`, an argument by its name or as `$0` to `$5`");
    } else if (close == at_) {
      report.note("lists and sets are written in `{ }`").fix("delete it", span(), "");
      return TokenKind::bad;
    } else if (is_data_) {
      const Span whole = join(span(), source_.span(close));
      const std::string inner(source_.text.substr(whole.begin + 1, whole.end - whole.begin - 2));
      report.note("an action has one number").fix(fmt::format("write `{}`", inner), whole, inner);
      return TokenKind::bad;
    } else if (takes_data(kept_.back().kind)) {
      const std::string inner = with_braces(close);
      const std::string ours_text = "(" + inner.substr(1, inner.size() - 2) + ")";
      report.note("an action's number stands in `( )`")
          .fix("write `" + ours_text + "`", join(span(), source_.span(close)), ours_text, true);
    } else if (kept_.back().kind == TokenKind::on || kept_.back().kind == TokenKind::import_) {
      report.note("names stand there without brackets, with `,` between them");
    } else {
      report.note("lists and sets are written in `{ }`")
          .fix("write `{ }`", join(span(), source_.span(close)), with_braces(close), true);
    }
    return ours;
  }

  // The `]` that belongs to the `[` at_; at_ itself if the statement ends before.
  size_t closer_of_list() const {
    size_t depth = 0;
    for (size_t at = at_; source_.tokens[at].kind != TokenKind::end; ++at) {
      if (source_.tokens[at].kind == TokenKind::semicolon) break;
      const char sign = source_.text[source_.tokens[at].begin];
      depth += sign == '[' ? 1 : 0;
      if (sign == ']' && --depth == 0) return at;
    }
    return at_;
  }

  // The text of the list at_ to `close` with our brackets.
  std::string with_braces(size_t close) const {
    std::string text;
    uint32_t from = span().begin;
    for (size_t at = at_; at <= close; ++at) {
      const Span sign = source_.span(at);
      const std::string_view spelled = source_.spelling(at);
      if (spelled != "[" && spelled != "]") continue;
      text += source_.text.substr(from, sign.begin - from);
      text += spelled == "[" ? "{" : "}";
      from = sign.end;
    }
    return text;
  }

  // A `]` without its `[`: it closes what another bracket has opened in this statement, or nothing.
  TokenKind stray_closer() {
    auto report = sink_.report(kinds::BadCharacter, span(), "`]`");
    const TokenKind closer = closer_wanted();
    if (closer == TokenKind::bad) {
      report.note("no `[` stands before it").fix("delete it", span(), "");
    } else {
      const std::string ours(info(closer).spelling);
      report.fix(fmt::format("write `{}`", ours), span(), ours, true);
    }
    return closer;
  }

  TokenKind closer_wanted() const {
    size_t depth = 0;
    for (size_t at = kept_.size(); at-- > 0 && kept_[at].kind != TokenKind::semicolon;) {
      const TokenKind kind = kept_[at].kind;
      if (is_closer(kind)) ++depth;
      if ((kind != TokenKind::lparen && kind != TokenKind::lbrace) || (depth > 0 && depth-- > 0)) continue;
      if (kind == TokenKind::lparen) return TokenKind::rparen;
      return at > 0 && begins_list(kept_[at - 1].kind) ? TokenKind::rbrace : TokenKind::bad;
    }
    return TokenKind::bad;
  }

  static bool takes_data(TokenKind action) {
    return action == TokenKind::errno_ || action == TokenKind::trap || action == TokenKind::trace;
  }

  // Whether a `{` behind such a token is a set's or a list's, and no block's.
  static bool begins_list(TokenKind before) {
    return before == TokenKind::in || before == TokenKind::assign || before == TokenKind::comma ||
           before == TokenKind::lparen || before == TokenKind::lbrace || before == TokenKind::colon ||
           before == TokenKind::except || is_action(before);
  }

  // `import <std/io>;`: the parser says what is wrong with it.
  bool is_in_angle_import() const {
    size_t at = kept_.size();
    while (at > 0 && is_name(kept_[at - 1].kind) && kept_[at - 1].kind != TokenKind::import_) --at;
    return at > 1 && kept_[at - 1].kind == TokenKind::lt && kept_[at - 2].kind == TokenKind::import_;
  }

  TokenKind bad_character() {
    const uint32_t value = code_point(text());
    if (value == '#') return hash_comment();
    if (value == '/' && is_in_angle_import()) return TokenKind::bad;
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
  uint32_t list_end_ = 0;  // the brackets before that place are told
  bool is_data_ = false;   // they stand around an action's number
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

}  // namespace sbpc::parse
