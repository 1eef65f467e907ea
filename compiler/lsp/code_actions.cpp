// code_actions.cpp: the fixes of diagnostics as quick fixes, and all safe ones at once. Tested by
// test/lsp/code_actions.test.
#include <algorithm>

#include "lsp/diagnostics.h"
#include "lsp/handlers.h"

namespace sbpc::lsp {
namespace {

constexpr std::string_view kQuickFix = "quickfix";
constexpr std::string_view kFixAll = "source.fixAll.sbpc";

bool touches(const Range& a, const Range& b) { return a.begin <= b.end && b.begin <= a.end; }

// `source` asks for `source.fixAll.sbpc`, too.
bool is_wanted(const Json& params, std::string_view kind) {
  const Json* only = find(params, "context", "only");
  if (only == nullptr || !only->is_array() || only->empty()) return true;
  return std::ranges::any_of(*only, [&](const Json& each) {
    const auto text = text_at(&each);
    return text && (kind == *text || kind.starts_with(*text + "."));
  });
}

Json edit_of(const QuickFix& fix) { return {{"range", to_json(fix.place.range)}, {"newText", fix.replacement}}; }

Json workspace_edit(const Workspace& workspace, const std::string& path, Json edits) {
  const std::string uri = uri_for(workspace, path);
  const Document* open = workspace.documents.find(path);
  if (workspace.client.document_changes && open != nullptr) {
    return {{"documentChanges", Json::array({{{"textDocument", {{"uri", uri}, {"version", open->version}}},
                                              {"edits", std::move(edits)}}})}};
  }
  return {{"changes", {{uri, std::move(edits)}}}};
}

// The safe fixes of the document that do not overlap, the first in the text first.
Json safe_edits(const std::vector<const Found*>& found, const std::string& path) {
  std::vector<const QuickFix*> fixes;
  for (const Found* each : found) {
    for (const QuickFix& fix : each->fixes) {
      if (fix.safe && fix.place.path == path) fixes.push_back(&fix);
    }
  }
  std::ranges::stable_sort(fixes, {}, [](const QuickFix* fix) { return fix->place.range; });
  Json edits = Json::array();
  const QuickFix* last = nullptr;
  for (const QuickFix* fix : fixes) {
    if (last != nullptr && fix->place.range.begin < last->place.range.end) continue;
    if (last != nullptr && fix->place.range == last->place.range) continue;
    edits.push_back(edit_of(*fix));
    last = fix;
  }
  return edits;
}

}  // namespace

Answer code_actions(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const auto range = range_at(find(params, "range"));
  if (!range) return error(ErrorCode::invalid_params, "`range` is missing");
  Json list = Json::array();
  const auto checked = workspace.checked.find(subject->path);
  // Fixes are for the text that was checked; in another one they would hit other words.
  if (checked == workspace.checked.end() ||
      !are_current(checked->second.dependencies, workspace.documents, workspace.world))
    return list;
  const std::vector<const Found*> found = found_in(workspace, subject->path);
  for (const Found* each : found) {
    if (!is_wanted(params, kQuickFix) || each->place.path != subject->path || !touches(each->place.range, *range))
      continue;
    for (const QuickFix& fix : each->fixes) {
      if (!fix.place.path.starts_with('/') && workspace.documents.find(fix.place.path) == nullptr) continue;
      Json action = {{"title", fix.title},
                     {"kind", kQuickFix},
                     {"diagnostics", Json::array({diagnostic_json(workspace, *each)})},
                     {"edit", workspace_edit(workspace, fix.place.path, Json::array({edit_of(fix)}))}};
      if (each->fixes.size() == 1) action["isPreferred"] = true;
      list.push_back(std::move(action));
    }
  }
  if (!is_wanted(params, kFixAll)) return list;
  Json edits = safe_edits(found, subject->path);
  if (!edits.empty())
    list.push_back({{"title", "apply every safe fix"},
                    {"kind", kFixAll},
                    {"edit", workspace_edit(workspace, subject->path, std::move(edits))}});
  return list;
}

}  // namespace sbpc::lsp
