#include "lsp/diagnostics.h"

#include <algorithm>

#include "lsp/uri.h"

namespace sbpc::lsp {
namespace {

int severity_of(diag::Severity severity) {
  switch (severity) {
    case diag::Severity::error: return 1;
    case diag::Severity::warning: return 2;
    case diag::Severity::remark: return 3;
  }
  return 1;
}

// Where an editor shows it: what has no file of its own (a -D value, an embedded module) stands at the top of the root.
std::string shown_at(const Workspace& workspace, const Checked& checked, const Found& found) {
  const std::string& path = found.place.path;
  return path.starts_with('/') || workspace.documents.find(path) != nullptr ? path : checked.root;
}

// Of texts that are others now. What changed on disk while it was read, by a program that never stops writing, is taken
// the second time: nothing would be told at all otherwise.
bool is_overtaken(Workspace& workspace, const Checked& checked) {
  if (are_overtaken(checked.dependencies, workspace.documents, workspace.world)) return true;
  const bool was_put_off = workspace.put_off.erase(checked.root) != 0;
  if (was_put_off || are_current(checked.dependencies, workspace.documents, workspace.world)) return false;
  workspace.put_off.insert(checked.root);
  return true;
}

bool same(const Found& a, const Found& b) { return a.place == b.place && a.kind == b.kind && a.message == b.message; }

}  // namespace

Json diagnostic_json(const Workspace& workspace, const Found& found) {
  const diag::KindInfo& kind = diag::info(found.kind);
  Json json = {{"range", to_json(found.place.range)},
               {"severity", severity_of(found.severity)},
               {"code", std::string(kind.code)},
               {"source", "sbpc"},
               {"message", found.message}};
  Json related = Json::array();
  for (const auto& [place, text] : found.related) {
    if (!place.path.starts_with('/') && workspace.documents.find(place.path) == nullptr) continue;
    related.push_back(
        {{"location", {{"uri", uri_for(workspace, place.path)}, {"range", to_json(place.range)}}}, {"message", text}});
  }
  if (!related.empty()) json["relatedInformation"] = std::move(related);
  return json;
}

std::vector<const Found*> found_in(const Workspace& workspace, const std::string& path) {
  std::vector<const Found*> all;
  for (const auto& [root, checked] : workspace.checked) {
    for (const Found& found : checked.found) {
      if (shown_at(workspace, checked, found) != path) continue;
      if (std::ranges::none_of(all, [&](const Found* other) { return same(*other, found); })) all.push_back(&found);
    }
  }
  return all;
}

std::set<std::string> paths_of(const Workspace& workspace, const Checked& checked) {
  std::set<std::string> paths{checked.root};
  for (const Found& found : checked.found) paths.insert(shown_at(workspace, checked, found));
  return paths;
}

Json diagnostics_json(const Workspace& workspace, const std::string& path) {
  Json list = Json::array();
  for (const Found* found : found_in(workspace, path)) {
    Json json = diagnostic_json(workspace, *found);
    if (found->place.path != path) {  // of a text that no editor can show
      json["range"] = to_json(Range{});
      json["message"] = found->place.path + ": " + found->message;
    }
    list.push_back(std::move(json));
  }
  return list;
}

void publish(Workspace& workspace, const std::set<std::string>& paths) {
  for (const std::string& path : paths) {
    const Document* document = workspace.documents.find(path);
    const bool is_pulled = document != nullptr && workspace.client.pulls_diagnostics;
    Json list = is_pulled ? Json::array() : diagnostics_json(workspace, path);
    if (list.empty() && (document == nullptr || is_pulled) && !workspace.published.contains(path)) continue;
    if (list.empty()) {
      workspace.published.erase(path);
    } else {
      workspace.published.insert(path);
    }
    Json params = {{"uri", uri_for(workspace, path)}, {"diagnostics", std::move(list)}};
    if (document != nullptr) params["version"] = document->version;
    workspace.send("textDocument/publishDiagnostics", std::move(params));
  }
}

void take_checked(Workspace& workspace, Checked checked) {
  if (workspace.documents.find(checked.root) == nullptr) return;
  if (std::ranges::find(workspace.unchecked, checked.root) != workspace.unchecked.end()) return;  // to be made again
  if (is_overtaken(workspace, checked)) {
    workspace.unchecked.push_back(checked.root);
    return;
  }
  const auto before = workspace.checked.find(checked.root);
  std::set<std::string> paths = paths_of(workspace, checked);
  const std::string root = checked.root;
  const Checked::News news = checked.news;
  if (before != workspace.checked.end()) {
    paths.merge(paths_of(workspace, before->second));
    if (!checked.has_costs) {  // the last good ones stay until there are others
      checked.costs = std::move(before->second.costs);
      checked.has_costs = before->second.has_costs;
    }
    if (checked.has_errors && checked.idle.empty()) checked.idle = std::move(before->second.idle);
  }
  workspace.checked.insert_or_assign(root, std::move(checked));
  if (news == Checked::News::found) publish(workspace, paths);
  if (news != Checked::News::costs) return;
  if (workspace.client.lens_refresh) workspace.ask("workspace/codeLens/refresh", nullptr);
  if (workspace.client.hint_refresh) workspace.ask("workspace/inlayHint/refresh", nullptr);
}

}  // namespace sbpc::lsp
