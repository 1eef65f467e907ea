// misspelt.cpp: only names are looked at, and only single slips count: `allow read accept` lacks a comma, it has no
// `except`.
//
// Tested by test/diag/UnexpectedToken-*.sb and test/language/typos_test.cpp.
#include "parse/misspelt.h"

#include <array>

#include "diag/kinds/syntax.def"
#include "diag/suggest.h"

namespace sbpc::parse {
namespace {

constexpr std::array<std::string_view, 3> kWithData = {"errno", "trap", "trace"};
constexpr std::array<std::string_view, 1> kNever = {"never"};

}  // namespace

std::optional<std::string_view> nearly(std::string_view word, std::span<const std::string_view> words) {
  const auto meant = diag::suggest(word, words);
  return meant && diag::edit_distance(word, *meant, 1) <= 1 ? meant : std::nullopt;
}

std::optional<Misspelt> misspelt_keyword(const Source& source, const Problem& problem, size_t first) {
  const auto kind = [&](size_t at) { return at < source.tokens.size() ? source.tokens[at].kind : TokenKind::end; };
  const auto look = [&](size_t at, std::span<const std::string_view> words) -> std::optional<Misspelt> {
    if (kind(at) != TokenKind::ident) return std::nullopt;
    const auto meant = nearly(source.spelling(at), words);
    return meant ? std::optional(Misspelt{at, *meant}) : std::nullopt;
  };
  const size_t at = problem.at;
  if (at > 0 && kind(at) == TokenKind::lparen) return look(at - 1, kWithData);
  const bool asserts = kind(first) == TokenKind::assert_ || kind(first) == TokenKind::expect;
  if (asserts && at > first + 1) {
    if (const auto never = look(first + 1, kNever)) return never;
  }
  std::vector<std::string_view> words;
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const TokenInfo& row = info(static_cast<TokenKind>(i));
    const bool is_word = row.use == TokenUse::soft || row.use == TokenUse::reserved;
    if (is_word && problem.expected[i]) words.push_back(row.spelling);
  }
  // Where a name may stand every soft word may, too: none of them is what was wanted.
  if (problem.expected[static_cast<size_t>(TokenKind::ident)]) return std::nullopt;
  return look(at, words);
}

void report_misspelt(diag::Sink& sink, Span span, std::string_view written, std::string_view meant) {
  sink.report(diag::kinds::UnexpectedToken, span, fmt::format("`{}`", written), fmt::format("`{}`", meant))
      .note(fmt::format("did you mean `{}`?", meant))
      .fix(fmt::format("write `{}`", meant), span, std::string(meant), true);
}

}  // namespace sbpc::parse
