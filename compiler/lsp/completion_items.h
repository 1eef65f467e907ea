// completion_items.h: the list that `textDocument/completion` answers: what fits the word at the cursor, the likeliest
// first.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/cursor.h"
#include "lsp/workspace.h"

namespace sbpc::lsp {

// LSP 3.17, CompletionItemKind.
enum class ItemKind : uint8_t {
  function = 3,
  field = 5,
  variable = 6,
  class_ = 7,
  interface = 8,
  module = 9,
  keyword = 14,
  constant = 21,
  structure = 22,
  file = 17,
  type = 25
};

class CompletionItems {
 public:
  CompletionItems(const Workspace& workspace, const Here& here, const Cursor& cursor);

  // `rank`: a lower one stands before, whatever the names. False: it does not fit, or is there already.
  bool add(std::string_view name, ItemKind kind, std::string_view detail, int rank = 5);
  // `completionItem/resolve` is asked what it is.
  void add_call(std::string_view name);
  [[nodiscard]] Json take();

 private:
  [[nodiscard]] bool matches(std::string_view name) const;

  const Cursor& cursor_;
  Json range_;
  std::set<std::string> seen_;
  std::vector<Json> list_;
};

}  // namespace sbpc::lsp
