// clauses.h: conditions as the foreign file has them, comparison by comparison on whole registers, for what describe/
// has no short words for.
//
//     A0 & 7 == 1, A1 >= 2^33; before it A2 == 3 answers otherwise
//       ->  $0 & 0x7 == 1, $1 >= 0x200000000, !($2 == 3)
//
// Tested by test/cli/import_clauses.test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "import/meaning.h"

namespace sbpc::importer {

// What is asked: where a call's rules, of which the first that holds answers (answering_order), give this verdict.
struct ClauseQuestion {
  const std::vector<Applied>& rules;
  target::Verdict verdict;
  target::Abi abi{};
  uint32_t nr = 0;
  Width width{};
};

// Alternatives, each for the brackets behind the call's name; one that is empty always holds. nullopt: they are too
// many.
[[nodiscard]] std::optional<std::vector<std::string>> clauses(const ClauseQuestion& question);

}  // namespace sbpc::importer
