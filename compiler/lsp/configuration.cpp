#include "lsp/configuration.h"

#include "lsp/handlers.h"

namespace sbpc::lsp {
namespace {

// nullopt: not a list of texts.
std::optional<std::vector<std::string>> words_of(const Json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<std::string> words;
  for (const Json& each : list) {
    auto word = text_at(&each);
    if (!word) return std::nullopt;
    words.push_back(std::move(*word));
  }
  return words;
}

}  // namespace

void take_settings(Workspace& workspace, const Json& settings) {
  const Json* ours = find(settings, "sbpc");
  const Json* list = find(ours != nullptr ? *ours : settings, "arguments");
  if (list == nullptr || list->is_null()) return;
  auto words = words_of(*list);
  if (!words) {
    workspace.warn("`sbpc.arguments` is a list of texts, such as [\"-I\", \"policies\"]; what was set before holds on");
    return;
  }
  if (*words == workspace.arguments) return;
  const std::string why = workspace.world.configure(*words);
  if (!why.empty()) {
    workspace.warn("`sbpc.arguments`: " + why + "; what was set before holds on");
    return;
  }
  workspace.arguments = std::move(*words);
  workspace.analyses.forget_all();
  workspace.files.search_again();
  workspace.recheck_all();
}

void did_change_configuration(Workspace& workspace, const Json& params) {
  if (const Json* settings = find(params, "settings")) take_settings(workspace, *settings);
}

}  // namespace sbpc::lsp
