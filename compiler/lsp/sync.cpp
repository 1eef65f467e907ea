// sync.cpp: documents opened, changed, closed and saved; files that change on disk. Tested by test/lsp/sync.test.
#include <algorithm>

#include "base/message_limits.h"
#include "lsp/diagnostics.h"
#include "lsp/handlers.h"
#include "lsp/uri.h"

namespace sbpc::lsp {
namespace {

// What no open document is left to keep.
void drop(Workspace& workspace, const std::string& path) {
  workspace.forget(path);
  if (const auto checked = workspace.checked.find(path); checked != workspace.checked.end()) {
    const std::set<std::string> paths = paths_of(workspace, checked->second);
    workspace.checked.erase(checked);
    publish(workspace, paths);
  }
}

}  // namespace

void did_open(Workspace& workspace, const Json& params) {
  const Json* given = find(params, "textDocument");
  const auto uri = given == nullptr ? std::nullopt : text_at(find(*given, "uri"));
  auto text = given == nullptr ? std::nullopt : text_at(find(*given, "text"));
  if (!uri || !text) return;
  const std::string path = path_of(*uri);
  if (path.empty()) return;
  const int64_t version = integer_at(find(*given, "version")).value_or(0);
  if (!workspace.documents.open(path, {*uri, version, 0, std::move(*text), {}})) {
    workspace.warn("`" + *uri + "` is not looked at: more is open than " + std::to_string(limits::kOpenDocuments) +
                   " files or " + std::to_string(limits::kOpenBytes >> 20U) + " MiB");
    return;
  }
  workspace.files.search_again();
  workspace.recheck({path});
}

void did_change(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  const Json* changes = find(params, "contentChanges");
  if (!subject || changes == nullptr || !changes->is_array()) return;
  const std::string path = subject->path;
  const std::string uri = subject->document.uri;
  // Should the text be no policy after this, the answers about it stay those of before: somebody has to have asked.
  if (workspace.analyses.last_good(path) == nullptr) static_cast<void>(workspace.analysis_of(path));
  for (const Json& change : *changes) {
    if (workspace.documents.change(path, change, workspace.encoding)) continue;
    // What is known of the text now differs from the editor's: wrong answers would be worse than none.
    drop(workspace, path);
    workspace.warn("`" + uri +
                   "` is no longer looked at: an edit of it can't be followed, or makes it too long; close it and "
                   "open it again");
    return;
  }
  if (const auto version = integer_at(find(params, "textDocument", "version")))
    workspace.documents.set_version(path, *version);
  workspace.recheck({path});
}

void did_close(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return;
  const std::string path = subject->path;
  drop(workspace, path);
  workspace.recheck({path});  // those that import it read the file again
}

void did_save(Workspace& workspace, const Json& params) {
  workspace.files.search_again();
  if (const auto uri = text_at(find(params, "textDocument", "uri"))) workspace.recheck({path_of(*uri)});
}

void did_change_files(Workspace& workspace, const Json& params) {
  const Json* changes = find(params, "changes");
  if (changes == nullptr || !changes->is_array()) return;
  std::set<std::string> paths;
  for (const Json& change : *changes) {
    if (const auto uri = text_at(find(change, "uri"))) paths.insert(path_of(*uri));
  }
  workspace.files.search_again();
  workspace.recheck(paths);
}

void did_change_folders(Workspace& workspace, const Json& params) {
  workspace.files.search_again();
  const auto each = [&](std::string_view name, const auto& act) {
    const Json* list = find(params, "event", name);
    if (list == nullptr || !list->is_array()) return;
    for (const Json& folder : *list) {
      if (const auto uri = text_at(find(folder, "uri"))) act(path_of(*uri));
    }
  };
  each("removed", [&](const std::string& path) { std::erase(workspace.folders, path); });
  each("added", [&](const std::string& path) {
    if (path.starts_with('/')) workspace.folders.push_back(path);
  });
}

// Files that an import or a `frequency` line names may change while no editor has them open.
void watch_files(Workspace& workspace, const Json&) {
  if (!workspace.client.watches_files) return;
  const Json watchers = Json::array({{{"globPattern", "**/*.sb"}}, {{"globPattern", "**/*.json"}}});
  workspace.ask("client/registerCapability",
                {{"registrations", Json::array({{{"id", "files"},
                                                 {"method", "workspace/didChangeWatchedFiles"},
                                                 {"registerOptions", {{"watchers", watchers}}}}})}});
}

void do_nothing(Workspace&, const Json&) {}

}  // namespace sbpc::lsp
