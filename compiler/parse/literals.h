// literals.h: what numbers, characters and strings of the text mean, and what is wrong with them.
//
// `0644` -> LeadingZero with the fix `0o644`; `10k` -> BadNumber. Tested by test/unit/parse/token_errors_test.cpp and
// parse_test.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "diag/sink.h"
#include "parse/events.h"

namespace sbpc::parse {

// The value of an INT token; nothing if it has no digits, they don't fit its base, or a `_` stands elsewhere than alone
// between two of them. Past 64 bits `overflow` is set.
struct Integer {
  uint64_t value = 0;
  bool overflow = false;
};
[[nodiscard]] std::optional<Integer> read_integer(std::string_view text);
// Whether a VERSION token is one: `6.12.5.3`, which check_tokens has reported, is none.
[[nodiscard]] bool is_version(std::string_view text);

// What stands between the quotes of a STRING token. `unescaped` is used when the text itself can't be pointed to.
[[nodiscard]] std::string_view read_string(std::string_view token, std::string& unescaped);

// Whether the text of an INT, RAW, CHAR or STRING token is one that the grammar takes and the language does not.
[[nodiscard]] bool is_wrong_literal(TokenKind kind, std::string_view text);

// A token that is such a literal, or one of TokenKind::bad_number, bad_char and bad_string.
struct Literal {
  const Source& source;
  size_t at;
  diag::Sink& sink;
};
// Reports it; returns what to take it for.
[[nodiscard]] TokenKind mend_literal(const Literal& literal);

}  // namespace sbpc::parse
