// takers.h: what values are given to, by its name as written: the rule set or the policy (`use net.server(`, `test "t"
// for p with (`), the calls that a condition is for (`{ read, @net.io }(`).
//
// Tested by test/lsp/completion.test and test/lsp/signature.test.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "lsp/analysis.h"
#include "lsp/cursor.h"

namespace sbpc::lsp {

// "net.server" in parts, without places.
[[nodiscard]] ast::QName written_name(std::string_view text);

// The parameters of the rule set; of the policy, those of its file with them. Each with the file that it stands in.
using TakenParameter = std::pair<const ast::Parameter*, sema::FileIndex>;
[[nodiscard]] std::vector<TakenParameter> parameters_of(const Analysis& analysis, std::string_view name);

// The calls whose arguments the cursor's condition names, those of groups behind the others.
[[nodiscard]] std::vector<sema::CallRef> calls_of(Analysis& analysis, const Cursor& cursor);

}  // namespace sbpc::lsp
