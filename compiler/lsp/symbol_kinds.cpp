#include "lsp/symbol_kinds.h"

namespace sbpc::lsp {
namespace {

std::string list_of(const std::vector<ast::Name>& names) {
  std::string out;
  for (const ast::Name& name : names) out += (out.empty() ? "" : ", ") + std::string(name.text);
  return out;
}

std::string formals_text(const std::vector<ast::Parameter>& formals, const SourceMap& sources) {
  std::string out;
  for (const ast::Parameter& formal : formals)
    out += (out.empty() ? "" : ", ") + std::string(sources.text(formal.span));
  return out;
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

struct DescribeKind {
  const SourceMap& sources;
  using Answer = std::optional<NamedItem>;

  Answer operator()(const ast::ErrorItem&) const { return std::nullopt; }
  Answer operator()(const ast::Import& node) const {
    const std::string target(sources.text(node.target_span));
    return NamedItem{target.empty() ? "import" : target, node.alias ? "as " + std::string(node.alias->text) : "",
                     SymbolKind::module, node.target_span};
  }
  Answer operator()(const ast::Const& node) const {
    return named(node.name, node.type ? std::string(sources.text(node.type->span)) : "", SymbolKind::constant);
  }
  Answer operator()(const ast::Group& node) const { return named(node.name, "group", SymbolKind::array); }
  Answer operator()(const ast::SyscallDecl& node) const {
    return named(node.name, "syscall(" + formals_text(node.formals, sources) + ")", SymbolKind::function);
  }
  Answer operator()(const ast::Param& node) const {
    return named(node.parameter.name, std::string(sources.text(node.parameter.type.span)), SymbolKind::variable);
  }
  Answer operator()(const ast::Rules& node) const {
    return named(node.name, (node.is_unsafe ? "unsafe rules(" : "rules(") + formals_text(node.formals, sources) + ")",
                 SymbolKind::interface);
  }
  Answer operator()(const ast::Policy& node) const {
    return named(node.name, "on " + list_of(node.abis), SymbolKind::class_);
  }
  Answer operator()(const ast::Test& node) const {
    return NamedItem{node.title.empty() ? "test" : quoted(node.title), "test", SymbolKind::event, node.title_span};
  }

  static Answer named(const ast::Name& name, std::string detail, SymbolKind kind) {
    if (name.text.empty()) return std::nullopt;
    return NamedItem{std::string(name.text), std::move(detail), kind, name.span};
  }
};

}  // namespace

std::optional<NamedItem> named_item(const ast::Item& item, const SourceMap& sources) {
  auto named = std::visit(DescribeKind{sources}, item.node);
  if (named && !named->span.valid()) return std::nullopt;
  return named;
}

std::string head_of(const ast::Rules& rules, const SourceMap& sources) {
  std::string out = rules.is_unsafe ? "unsafe rules " : "rules ";
  out += rules.name.text;
  return rules.has_formals ? out + "(" + formals_text(rules.formals, sources) + ")" : out;
}

}  // namespace sbpc::lsp
