#include "lsp/completion_items.h"

#include <algorithm>

#include "base/text.h"

namespace sbpc::lsp {

CompletionItems::CompletionItems(const Workspace& workspace, const Here& here, const Cursor& cursor) : cursor_(cursor) {
  const Document& document = here.document;
  range_ = to_json(document.lines.range(document.text, cursor.begin, here.offset, workspace.encoding));
}

bool CompletionItems::add(std::string_view name, ItemKind kind, std::string_view detail, int rank) {
  if (!matches(name) || !seen_.insert(std::string(name)).second) return false;
  const char* const begins = name.starts_with(cursor_.prefix) ? "0" : "1";
  Json item = {{"label", name},
               {"kind", static_cast<int>(kind)},
               {"sortText", begins + std::to_string(rank) + std::string(name)},
               {"textEdit", {{"range", range_}, {"newText", name}}}};
  if (!detail.empty()) item["detail"] = detail;
  list_.push_back(std::move(item));
  return true;
}

void CompletionItems::add_call(std::string_view name) {
  if (add(name, ItemKind::function, "")) list_.back()["data"] = {{"call", name}};
}

Json CompletionItems::take() {
  constexpr size_t kMost = 1000;
  const bool is_incomplete = list_.size() > kMost;
  std::ranges::sort(list_, {}, [](const Json& item) { return item["sortText"].get<std::string>(); });
  if (is_incomplete) list_.resize(kMost);
  return {{"isIncomplete", is_incomplete}, {"items", std::move(list_)}};
}

// Letters in their order, so that `prlim` finds `prlimit64` and `opat` finds `openat`.
bool CompletionItems::matches(std::string_view name) const { return is_spelt_in(cursor_.prefix, name); }

}  // namespace sbpc::lsp
