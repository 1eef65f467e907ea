#include "parse/phrases.h"

#include <algorithm>

namespace sbpc::parse {
namespace {

bool is_operator(TokenKind kind) {
  return (kind >= TokenKind::in && kind <= TokenKind::only) || (kind >= TokenKind::or_ && kind <= TokenKind::range);
}

}  // namespace

std::string_view phrase(Rule rule) {
  static constexpr std::string_view kPhrases[] = {
#define RULE(id, grammar, phrase) phrase,
#include "parse/rules.def"
  };
  return kPhrases[static_cast<size_t>(rule)];
}

std::string list(const TokenSet& expected) {
  std::vector<std::string> parts;
  const bool names = expected[static_cast<size_t>(TokenKind::ident)];
  const bool operators =
      expected[static_cast<size_t>(TokenKind::or_)] && expected[static_cast<size_t>(TokenKind::plus)];
  if (names) parts.emplace_back("a name");
  if (operators) parts.emplace_back("an operator");
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    const TokenUse use = info(kind).use;
    if (!expected[i] || kind == TokenKind::ident || (operators && is_operator(kind)) ||
        (names && use == TokenUse::soft))
      continue;
    if (kind == TokenKind::dot && expected.count() > 2) continue;
    const bool quote = use == TokenUse::soft || use == TokenUse::reserved || use == TokenUse::symbol;
    parts.push_back(quote ? fmt::format("`{}`", info(kind).spelling) : std::string(info(kind).spelling));
  }
  if (parts.empty()) return "the end of the file";
  std::string result = parts.front();
  for (size_t i = 1; i < parts.size(); ++i) result += (i + 1 == parts.size() ? " or " : ", ") + parts[i];
  return result;
}

std::vector<std::string_view> words(bool (*wanted)(TokenKind)) {
  std::vector<std::string_view> result;
  for (size_t i = 1; i < kTokenKinds; ++i) {
    const auto kind = static_cast<TokenKind>(i);
    if (wanted(kind) && kind != TokenKind::ident) result.push_back(info(kind).spelling);
  }
  return result;
}

bool expects(const Problem& problem, TokenKind kind) { return problem.expected[static_cast<size_t>(kind)]; }

bool is_action(TokenKind kind) {
  constexpr TokenKind kActions[] = {TokenKind::allow,       TokenKind::log,         TokenKind::notify,
                                    TokenKind::trace,       TokenKind::errno_,      TokenKind::trap,
                                    TokenKind::kill_thread, TokenKind::kill_process};
  return std::find(std::begin(kActions), std::end(kActions), kind) != std::end(kActions);
}

bool is_closer(TokenKind kind) { return kind == TokenKind::rparen || kind == TokenKind::rbrace; }

}  // namespace sbpc::parse
