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

}  // namespace sbpc::parse
