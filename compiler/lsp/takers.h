// takers.h: the rule set or the policy that values are given to, by its name as written: `use net.server(`, `test "t"
// for p with (`.
//
// Tested by test/lsp/completion.test and test/lsp/signature.test.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "lsp/analysis.h"

namespace sbpc::lsp {

// "net.server" in parts, without places.
[[nodiscard]] ast::QName written_name(std::string_view text);

// The parameters of the rule set; of the policy, those of its file with them. Each with the file that it stands in.
using TakenParameter = std::pair<const ast::Parameter*, sema::FileIndex>;
[[nodiscard]] std::vector<TakenParameter> parameters_of(const Analysis& analysis, std::string_view name);

}  // namespace sbpc::lsp
