// configuration.h: the editor's settings: `{"sbpc": {"arguments": ["-I", "policies"]}}`, or what is inside of `sbpc`.
// Tested by test/lsp/configuration.test.
#pragma once

#include "lsp/workspace.h"

namespace sbpc::lsp {

// Settings that hold nothing for us change nothing.
void take_settings(Workspace& workspace, const Json& settings);

}  // namespace sbpc::lsp
