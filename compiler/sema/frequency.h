// frequency.h: how often calls are made: `frequency { read: 120 }` or a JSON object of names and counts. Hints, never
// verdicts.
#pragma once

#include "sema/policy_lines.h"

namespace sbpc::sema {

// In order of text; unknown calls are warnings.
[[nodiscard]] std::vector<Frequency> read_frequencies(const LineReader& reader, const ast::Statement& line);

}  // namespace sbpc::sema
