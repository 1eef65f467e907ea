// fixes.h: which safe fixes are applied to a text at once: what `check --fix` and an editor's "apply every safe fix"
// do, in rounds. One fix may uncover the next (a missing `;` hides the statement behind it), and of two that overlap
// the first in the text goes first.
//
// Tested by test/cli/fix.test, test/lsp/fix_all.test and, for every diagnostic that offers one, test/cli/fix_every.test.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"

namespace sbpc::diag {

constexpr int kFixRounds = 20;  // at most: a text that is never done is left as the last one made it

// Those of one round for one text: at most one for each diagnostic, by rising place, without those that overlap one
// before them.
[[nodiscard]] std::vector<const Fix*> chosen_fixes(std::span<const Diagnostic> diagnostics, FileId file);

// The text after them.
[[nodiscard]] std::string with_fixes(std::string_view text, std::span<const Fix* const> fixes);

}  // namespace sbpc::diag
