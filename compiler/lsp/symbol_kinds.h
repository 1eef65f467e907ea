// symbol_kinds.h: what an item declares, as outlines and searches show it.
#pragma once

#include <optional>
#include <string>

#include "ast/ast.h"
#include "base/source.h"

namespace sbpc::lsp {

// LSP 3.17, SymbolKind.
enum class SymbolKind : uint8_t {
  module = 2,
  class_ = 5,
  method = 6,
  interface = 11,
  function = 12,
  variable = 13,
  constant = 14,
  array = 18,
  event = 24
};

struct NamedItem {
  std::string name;
  std::string detail;
  SymbolKind kind{};
  Span span;  // the name
};
// nullopt for what a syntax error left.
[[nodiscard]] std::optional<NamedItem> named_item(const ast::Item& item, const SourceMap& sources);

// "rules tcp_server(listen: fd, most: u32 = 128)".
[[nodiscard]] std::string head_of(const ast::Rules& rules, const SourceMap& sources);

}  // namespace sbpc::lsp
