#include "import/kafel_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"
#include "diag/kinds/import.def"
#include "import/include.h"

namespace sbpc::importer {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Span span_of(FileId file, size_t begin, size_t end) {
  return {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
}

std::string_view trimmed_comment(std::string_view text) {
  constexpr std::string_view frame = " \t\r*";
  const size_t first = text.find_first_not_of(frame);
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(frame) - first + 1);
}

}  // namespace

size_t kafel_comment_end(std::string_view text) {
  constexpr size_t kBegin = 2;
  for (size_t at = text.find('*', kBegin); at < text.size(); at = text.find('*', at + 2)) {
    if (at + 1 < text.size() && text[at + 1] == '/') return at + 2;
  }
  return std::string_view::npos;
}

Result<std::vector<KafelToken>> KafelTokens::read() {
  if (!read_file(source_.file, 0)) return failed();
  KafelToken& end = tokens_.emplace_back();
  end.span = span_of(source_.file, source_.text().size(), source_.text().size());
  return std::move(tokens_);
}

bool KafelTokens::fail(Span span, std::string note) {
  source_.sink.report(diag::kinds::ImportBadSyntax, span, std::string_view("a Kafel policy")).note(std::move(note));
  return false;
}

void KafelTokens::comment(std::string_view text, bool is_behind) {
  std::string& whole = is_behind && !tokens_.empty() ? tokens_.back().own_comment : comment_;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed_comment(text.substr(0, end));
    if (!line.empty()) whole += (whole.empty() ? "" : "\n") + std::string(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// What looks like a policy behind `**/`, which ends no comment.
void KafelTokens::warn_of_end(std::string_view comment, FileId file, size_t at) {
  const size_t end = comment.find("*/", 2) + 2;
  if (end == comment.size()) return;
  std::string_view hidden = comment.substr(end, comment.size() - end - 2);
  const size_t first = hidden.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return;
  hidden = hidden.substr(first, std::min(hidden.find('\n', first), hidden.size()) - first);
  source_.sink
      .report(diag::kinds::ImportUnknownField, span_of(file, at + end + first, at + end + first + hidden.size()),
              hidden)
      .note("`**/` ends no comment in Kafel, which takes `**` for two characters of it: this is still the comment");
}

// What stands above the first line of a file is about the whole.
void KafelTokens::drop_comment() {
  if (tokens_.empty() && includes_ == 0 && head_.empty()) head_ = comment_;
  comment_.clear();
}

bool KafelTokens::read_file(FileId file, size_t depth) {
  const std::string_view text = source_.sources.text(file);
  open_.emplace_back(source_.sources.name(file));
  bool is_behind = false;  // a token stands before on this line
  size_t newlines = 0;     // since the last token or comment
  for (size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (is_space(text[at])) {
      if (text[at++] == '\n') is_behind = false, ++newlines;
      if (newlines > 1) drop_comment();  // an empty line: what stands above it is about no rule
      continue;
    }
    newlines = 0;
    if (rest.starts_with("//") || rest.starts_with("/*")) {
      const bool is_line = rest[1] == '/';
      const size_t end = is_line ? std::min(rest.find('\n'), rest.size()) : kafel_comment_end(rest);
      if (end == std::string_view::npos)
        return fail(span_of(file, at, at + 2), "this comment has no `*/`; `**/` is none to Kafel");
      if (!is_line) warn_of_end(rest.substr(0, end), file, at);
      comment(rest.substr(2, end - (is_line ? 2 : 4)), is_behind);
      at += end;
      continue;
    }
    constexpr std::string_view kInclude = "#include";
    if (rest.starts_with(kInclude) && (rest.size() == kInclude.size() || !is_letter(rest[kInclude.size()]))) {
      at += kInclude.size();
      drop_comment();
      if (!read_include(text, at, file, depth)) return false;
      continue;
    }
    is_behind = true;
    if (text[at] == '#') drop_comment();
    if (tokens_.size() >= limits::kImportNodes) {
      source_.sink.report(diag::kinds::ImportTooLarge, span_of(file, at, at + 1),
                          fmt::format("it holds more than {} values", limits::kImportNodes));
      return false;
    }
    KafelToken& token = tokens_.emplace_back();
    token.comment = std::exchange(comment_, {});
    const size_t begin = at;
    if (is_digit(text[at]) || (text[at] == '-' && at + 1 < text.size() && is_digit(text[at + 1]))) {
      if (!read_number(text, at, file)) return false;
    } else if (is_letter(text[at])) {
      token.kind = KafelToken::Kind::name;
      while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '_')) ++at;
    } else {
      constexpr std::array<std::string_view, 18> signs = {"==", "!=", "<=", ">=", "||", "&&", "<", ">", "|",
                                                          "&",  "[",  "]",  "(",  ")",  "{",  "}", ",", "!"};
      const auto sign = std::ranges::find_if(signs, [&](std::string_view each) { return rest.starts_with(each); });
      const bool is_hash = text[at] == '#';
      if (sign == signs.end() && !is_hash) return fail(span_of(file, at, at + 1), "this character means nothing here");
      token.kind = KafelToken::Kind::sign;
      at += is_hash ? 1 : sign->size();
    }
    token.text = text.substr(begin, at - begin);
    token.span = span_of(file, begin, at);
  }
  open_.pop_back();
  return true;
}

// `42`, `-1`, `0x2a`, `052`, `0b101`.
bool KafelTokens::read_number(std::string_view text, size_t& at, FileId file) {
  const size_t begin = at;
  if (text[at] == '-') ++at;
  while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]))) ++at;
  std::string_view digits = text.substr(begin, at - begin);
  const bool is_negative = digits.front() == '-';
  if (is_negative) digits.remove_prefix(1);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') base = digits[1] == 'x' ? 16 : digits[1] == 'b' ? 2 : 8;
  const std::string_view value_text = digits.substr(base == 16 || base == 2 ? 2 : 0);
  KafelToken& token = tokens_.back();
  token.kind = KafelToken::Kind::number;
  const auto [end, error] =
      std::from_chars(value_text.data(), value_text.data() + value_text.size(), token.number, base);
  const bool is_whole = error == std::errc() && end == value_text.data() + value_text.size();
  if (!is_whole || (is_negative && (base != 10 || token.number == 0)))
    return fail(span_of(file, begin, at), error == std::errc::result_out_of_range
                                              ? "numbers have 64 bits"
                                              : "numbers are `42`, `-1`, `0x2a`, `052` and `0b101`");
  if (is_negative) token.number = ~token.number + 1;
  return true;
}

// ` "a" "b"` up to the end of the line or a semicolon.
bool KafelTokens::read_include(std::string_view text, size_t& at, FileId file, size_t depth) {
  const size_t begin = at;
  for (; at < text.size(); ++at) {
    if (text[at] == '\n' || text[at] == ';') {
      ++at;
      return true;
    }
    if (is_space(text[at])) continue;
    const size_t end = text[at] == '"' ? text.find('"', at + 1) : std::string_view::npos;
    if (end == std::string_view::npos || end == at + 1)
      return fail(span_of(file, at, at + 1), "`#include` takes names in quotes: `#include \"common.policy\"`");
    if (!include(text.substr(at + 1, end - at - 1), span_of(file, at, end + 1), depth)) return false;
    at = end;
  }
  return fail(span_of(file, begin, at), "an `#include` ends with its line or a semicolon");
}

bool KafelTokens::include(std::string_view name, Span span, size_t depth) {
  constexpr size_t kDepth = 16;  // MAX_INCLUDE_DEPTH, src/lexer.l
  constexpr size_t kIncludes = 256;
  if (depth >= kDepth || ++includes_ > kIncludes) {
    source_.sink.report(diag::kinds::ImportTooLarge, span,
                        depth >= kDepth ? fmt::format("files include each other more than {} deep", kDepth)
                                        : fmt::format("it includes more than {} files", kIncludes));
    return false;
  }
  const auto file = include_below(source_, "#include", name, span);
  if (!file) return false;
  if (std::ranges::find(open_, source_.sources.name(*file)) != open_.end())
    return fail(span, fmt::format("`{}` includes itself", name));
  return read_file(*file, depth + 1);
}

}  // namespace sbpc::importer
