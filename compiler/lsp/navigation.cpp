// navigation.cpp: where a name is declared, where else it stands. Tested by test/lsp/navigation.test.
#include "lsp/handlers.h"
#include "lsp/occurrences.h"

namespace sbpc::lsp {

Answer definition(Workspace& workspace, const Json& params) {
  const auto here = known_here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  const auto symbol = symbol_at(here->analysis, here->offset);
  if (!symbol) return Json();
  return location_of(workspace, here->analysis, symbol->declaration);
}

Answer references(Workspace& workspace, const Json& params) {
  const auto here = here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  const auto symbol = symbol_at(here->analysis, here->offset);
  if (!symbol) return Json();
  const Json* wanted = find(params, "context", "includeDeclaration");
  const bool with_declaration = wanted == nullptr || true_at(wanted);
  Json list = Json::array();
  const Occurrences all = occurrences_everywhere(workspace, here->analysis, *symbol);
  if (!all.left_out.empty()) workspace.warn("references may be missing: " + all.left_out);
  for (const Occurrence& each : all.found) {
    if (each.declares && !with_declaration) continue;
    list.push_back({{"uri", uri_for(workspace, each.path)}, {"range", to_json(each.range)}});
  }
  return list;
}

Answer highlights(Workspace& workspace, const Json& params) {
  constexpr int kText = 1;  // DocumentHighlightKind
  constexpr int kWrite = 3;
  const auto here = known_here_of(workspace, params);
  if (!here) return tl::unexpected(here.error());
  const auto symbol = symbol_at(here->analysis, here->offset);
  if (!symbol) return Json();
  Json list = Json::array();
  for (const Span span : occurrences(here->analysis, *symbol)) {
    list.push_back({{"range", to_json(range_of(workspace, here->analysis, span))},
                    {"kind", span == symbol->declaration ? kWrite : kText}});
  }
  return list;
}

}  // namespace sbpc::lsp
