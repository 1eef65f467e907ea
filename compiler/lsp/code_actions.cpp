// code_actions.cpp: the fixes of diagnostics as quick fixes, and all safe ones at once. Tested by
// test/lsp/code_actions.test.
#include <algorithm>

#include "lsp/diagnostics.h"
#include "lsp/handlers.h"
#include "lsp/text_edits.h"

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

// Whether it is known what the fixes make of the text as it is now.
bool is_fixed(const Workspace& workspace, const std::string& path) {
  const auto checked = workspace.checked.find(path);
  return checked != workspace.checked.end() && checked->second.is_fixed &&
         checked->second.change == workspace.change_of(path);
}

}  // namespace

Answer code_actions(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const auto range = range_at(find(params, "range"));
  if (!range) return error(ErrorCode::invalid_params, "`range` is missing");
  // Asked for by name, as before a save, they are waited for; a menu is not kept waiting.
  const Json* only = find(params, "context", "only");
  const bool is_named = only != nullptr && only->is_array() && !only->empty() && is_wanted(params, kFixAll);
  if (is_named && !is_fixed(workspace, subject->path)) return error(ErrorCode::later, "");
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
  const auto& fixed = checked->second.fixed;
  if (is_wanted(params, kFixAll) && checked->second.is_fixed && fixed && *fixed != subject->document.text)
    list.push_back(
        {{"title", "apply every safe fix"},
         {"kind", kFixAll},
         {"edit", workspace_edit(workspace, subject->path, edits_for(workspace, subject->document, *fixed))}});
  return list;
}

}  // namespace sbpc::lsp
