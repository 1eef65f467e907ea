// pull_diagnostics.cpp: `textDocument/diagnostic`: an editor asks, and is answered when the text as it is now has been
// checked. Tested by test/lsp/pull_diagnostics.test.
#include <fmt/format.h>

#include <functional>

#include "lsp/diagnostics.h"
#include "lsp/handlers.h"

namespace sbpc::lsp {
namespace {

// Another one for other diagnostics.
std::string name_of(const Json& diagnostics) { return fmt::format("{:x}", std::hash<Json>()(diagnostics)); }

bool is_checked(const Workspace& workspace, const std::string& path) {
  const auto checked = workspace.checked.find(path);
  return checked != workspace.checked.end() && checked->second.change == workspace.change_of(path) &&
         !are_overtaken(checked->second.dependencies, workspace.documents, workspace.world);
}

}  // namespace

Answer pull_diagnostics(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  if (!is_checked(workspace, subject->path)) return error(ErrorCode::later, "");
  Json items = diagnostics_json(workspace, subject->path);
  const std::string name = name_of(items);
  workspace.pulled.insert_or_assign(subject->path, name);
  if (text_at(find(params, "previousResultId")) == name) return Json{{"kind", "unchanged"}, {"resultId", name}};
  return Json{{"kind", "full"}, {"resultId", name}, {"items", std::move(items)}};
}

void refresh_pulled(Workspace& workspace) {
  if (!workspace.client.diagnostic_refresh) return;
  bool differs = false;
  for (auto& [path, name] : workspace.pulled) {
    std::string now = name_of(diagnostics_json(workspace, path));
    differs = differs || now != name;
    name = std::move(now);
  }
  if (differs) workspace.ask("workspace/diagnostic/refresh", nullptr);
}

}  // namespace sbpc::lsp
