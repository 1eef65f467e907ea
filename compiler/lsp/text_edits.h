// text_edits.h: the change from a document's text to another one as TextEdits.
#pragma once

#include <string_view>

#include "lsp/workspace.h"

namespace sbpc::lsp {

// One edit of the lines that change; empty for equal texts.
[[nodiscard]] Json edits_for(const Workspace& workspace, const Document& document, std::string_view after);

}  // namespace sbpc::lsp
