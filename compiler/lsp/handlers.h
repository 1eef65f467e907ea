// handlers.h: one function for each row of methods.def.
#pragma once

#include "lsp/workspace.h"

namespace sbpc::lsp {

#define REQUEST(name, handler, capability, value) \
  [[nodiscard]] Answer handler(Workspace& workspace, const Json& params);
#define NOTIFICATION(name, handler, capability, value) void handler(Workspace& workspace, const Json& params);
#include "lsp/methods.def"

// Whether the parameters of a request are those of `workspace/executeCommand` for this test.
[[nodiscard]] bool asks_for(const Json& params, const AskedTest& test);

}  // namespace sbpc::lsp
