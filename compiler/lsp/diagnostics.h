// diagnostics.h: what checks found -> `textDocument/publishDiagnostics`, and `textDocument/diagnostic` for clients that
// ask.
//
// A file's diagnostics are those of every open document that read it, each once. Tested by test/lsp/diagnostics.test.
#pragma once

#include "lsp/workspace.h"

namespace sbpc::lsp {

// A document's, as both `publishDiagnostics` and `textDocument/diagnostic` send them.
[[nodiscard]] Json diagnostics_json(const Workspace& workspace, const std::string& path);
// Asks a client that has fetched diagnostics which are others now to fetch them again.
void refresh_pulled(Workspace& workspace);
// Keeps the result and publishes what changed; nothing if the document was closed meanwhile.
void take_checked(Workspace& workspace, Checked checked);
// Publishes what the checks that are left say of these paths, and takes back what none says any more.
void publish(Workspace& workspace, const std::set<std::string>& paths);
// The paths that a check says something of.
[[nodiscard]] std::set<std::string> paths_of(const Workspace& workspace, const Checked& checked);

[[nodiscard]] Json diagnostic_json(const Workspace& workspace, const Found& found);
// Every one of a document, each once.
[[nodiscard]] std::vector<const Found*> found_in(const Workspace& workspace, const std::string& path);

}  // namespace sbpc::lsp
