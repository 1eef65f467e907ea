// file_checks.h: recognises what can't be a policy before it is read as one: a text too large, a binary, an empty file,
// a Seatbelt or JSON profile. One error each (SB0002..SB0006).
#pragma once

#include "diag/sink.h"
#include "parse/events.h"

namespace sbpc::parse {

// False when it reported and the file should not be parsed.
[[nodiscard]] bool check_file(const Source& source, diag::Sink& sink);

// `has_comments`: the file isn't empty, but says nothing.
void report_empty(const Source& source, bool has_comments, diag::Sink& sink);

// The first byte that is NUL or not part of well-formed UTF-8 (Unicode 15, table 3-7), or npos.
[[nodiscard]] size_t find_not_text(std::string_view text);

}  // namespace sbpc::parse
