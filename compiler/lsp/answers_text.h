// answers_text.h: what the policies of a document answer to a call, and what that costs, by its last check without
// errors.
#pragma once

#include <string>
#include <string_view>

#include "lsp/workspace.h"

namespace sbpc::lsp {

// A list in Markdown; empty if no policy of the document has such a call.
[[nodiscard]] std::string answers_text(const Workspace& workspace, const std::string& path, std::string_view call);

// "3..7", "7", "the kernel's cache".
[[nodiscard]] std::string cost_text(const CallCost& cost);

}  // namespace sbpc::lsp
