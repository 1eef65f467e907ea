// token_view.h: questions about tokens that only error messages and recovery ask. Answers are worked out when first
// needed.
#pragma once

#include <string>
#include <vector>

#include "parse/events.h"

namespace sbpc::parse {

class TokenView {
 public:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  explicit TokenView(const Source& source) : source_(source) {}

  [[nodiscard]] TokenKind kind(size_t at) const {
    return at < source_.tokens.size() ? source_.tokens[at].kind : TokenKind::end;
  }
  [[nodiscard]] bool first_on_line(size_t at) const;
  // Nothing stands between it and the token before it.
  [[nodiscard]] bool touches_previous(size_t at) const;
  // The text in backticks; words for the end of the file.
  [[nodiscard]] std::string quoted(size_t at) const;
  // The place just behind the token before `at`.
  [[nodiscard]] Span behind_previous(size_t at) const;
  // A word that most likely begins a statement, an item or an expectation: it isn't followed like an element of a list.
  [[nodiscard]] bool likely_start(size_t at) const;
  // token_errors has spoken about the text between these two tokens.
  [[nodiscard]] bool mended_between(size_t first, size_t last) const;

  // The other half of a bracket; kNone if it has none.
  [[nodiscard]] size_t match(size_t bracket);
  // The innermost bracket that is open before `at`; kNone if none is.
  [[nodiscard]] size_t open_bracket(size_t at);

 private:
  const Source& source_;
  std::vector<size_t> match_;
};

}  // namespace sbpc::parse
