// find_again.h: statements that a check spoke of, in the text as it is now: one has moved if its words are the same.
#pragma once

#include <vector>

#include "lsp/analysis.h"
#include "lsp/check.h"

namespace sbpc::lsp {

// For each its statement in the root, no statement twice; null for those that are gone.
[[nodiscard]] std::vector<const ast::Statement*> find_again(const Analysis& analysis,
                                                            const std::vector<Written>& statements);

}  // namespace sbpc::lsp
