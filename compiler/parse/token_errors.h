// token_errors.h: explains what is wrong with single tokens and mends them, so that the parser sees none of
// TokenKind::bad*.
//
// `0644` -> LeadingZero with the fix `0o644`; `“` -> BadCharacter, named; `10k` -> BadNumber. What stands for a known
// token (`；`) is taken as that token, a word with letters of two scripts as a word, the rest is dropped. What turns
// the direction of text round is found in comments and strings, too. Tested by test/unit/parse/token_errors_test.cpp.
#pragma once

#include "diag/sink.h"
#include "parse/events.h"

namespace sbpc::parse {

// Mends `source.tokens` and notes the places in `source.mended`. False when there was too much to mend.
[[nodiscard]] bool check_tokens(Source& source, diag::Sink& sink);

void report_too_deep(const Source& source, size_t bracket, diag::Sink& sink);
void report_too_many(const Source& source, size_t token, diag::Sink& sink);

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

}  // namespace sbpc::parse
