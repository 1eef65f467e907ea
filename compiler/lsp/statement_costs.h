// statement_costs.h: the last check's costs, found again in the text as it is now.
#pragma once

#include <string>
#include <vector>

#include "lsp/workspace.h"

namespace sbpc::lsp {

struct StatementCost {
  Span statement;    // in the root
  std::string text;  // "12 insns, 3.4 %"
  std::string explanation;
};
[[nodiscard]] std::vector<StatementCost> statement_costs(const Workspace& workspace, const std::string& path,
                                                         const Analysis& analysis);

}  // namespace sbpc::lsp
