// symbols.cpp: the outline of a document, the declarations of a workspace, and what can be folded. Tested by
// test/lsp/symbols.test.
#include <algorithm>

#include "ast/format.h"
#include "base/text.h"
#include "lsp/files.h"
#include "lsp/handlers.h"
#include "lsp/symbol_kinds.h"
#include "lsp/uri.h"
#include "parse/lexer.h"

namespace sbpc::lsp {
namespace {

// Of one item; children are its parameters.
class OutlineMaker {
 public:
  OutlineMaker(const Workspace& workspace, const Analysis& analysis) : workspace_(workspace), analysis_(analysis) {}

  [[nodiscard]] Json items() const {
    Json list = Json::array();
    for (const ast::Item& item : analysis_.ast().items) {
      if (auto symbol = of(item)) list.push_back(std::move(*symbol));
    }
    return list;
  }

 private:
  [[nodiscard]] Json symbol(const NamedItem& named, Span whole) const {
    return {{"name", named.name},
            {"detail", named.detail},
            {"kind", static_cast<int>(named.kind)},
            {"range", range(whole)},
            {"selectionRange", range(named.span)}};
  }
  [[nodiscard]] std::optional<Json> of(const ast::Item& item) const {
    const auto named = named_item(item, analysis_.sources);
    if (!named) return std::nullopt;
    Json json = symbol(*named, join(item.span, named->span));
    Json children = Json::array();
    if (const auto* rules = std::get_if<ast::Rules>(&item.node)) {
      for (const ast::Parameter& formal : rules->formals) children.push_back(parameter(formal, formal.span));
    } else if (const auto* policy = std::get_if<ast::Policy>(&item.node)) {
      for (const ast::Statement& statement : policy->body) {
        if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node))
          children.push_back(parameter(param->parameter, statement.span));
      }
    }
    if (!children.empty()) json["children"] = std::move(children);
    return json;
  }
  [[nodiscard]] Json parameter(const ast::Parameter& parameter, Span whole) const {
    return symbol({std::string(parameter.name.text), std::string(analysis_.sources.text(parameter.type.span)),
                   SymbolKind::variable, parameter.name.span},
                  join(whole, parameter.name.span));
  }
  [[nodiscard]] Json range(Span span) const { return to_json(range_of(workspace_, analysis_, span)); }

  const Workspace& workspace_;
  const Analysis& analysis_;
};

Json fold(uint32_t first, uint32_t last, std::string_view kind) {
  Json json = {{"startLine", first}, {"endLine", last}};
  if (!kind.empty()) json["kind"] = kind;
  return json;
}

// Lines of `//` that follow each other, and block comments.
void fold_comments(const parse::Lexed& lexed, const Lines& lines, Json& list) {
  for (size_t first = 0; first < lexed.comments.size();) {
    size_t last = first;
    const auto line = [&](size_t i) { return lines.line_of(lexed.comments[i].begin); };
    while (last + 1 < lexed.comments.size() && lexed.comments[first].kind != parse::TokenKind::block &&
           lexed.comments[last + 1].kind == lexed.comments[first].kind && line(last + 1) == line(last) + 1) {
      ++last;
    }
    const uint32_t end = lines.line_of(lexed.comments[last].end);
    if (end > line(first)) list.push_back(fold(line(first), end, "comment"));
    first = last + 1;
  }
}

void fold_imports(const ast::File& file, const Lines& lines, Json& list) {
  const ast::Item* first = nullptr;
  const ast::Item* last = nullptr;
  for (const ast::Item& item : file.items) {
    if (!std::holds_alternative<ast::Import>(item.node)) continue;
    if (first == nullptr) first = &item;
    last = &item;
  }
  if (first == nullptr) return;
  const uint32_t begin = lines.line_of(first->span.begin);
  const uint32_t end = lines.line_of(last->span.end);
  if (end > begin) list.push_back(fold(begin, end, "imports"));
}

}  // namespace

Answer document_symbols(Workspace& workspace, const Json& params) {
  auto outline = outline_of(workspace, params);
  if (!outline) return tl::unexpected(outline.error());
  if (!*outline) return Json::array();
  return OutlineMaker(workspace, (*outline)->analysis).items();
}

Answer workspace_symbols(Workspace& workspace, const Json& params) {
  constexpr size_t kMost = 500;
  const std::string query = text_at(find(params, "query")).value_or("");
  Json list = Json::array();
  for (const auto& [path, file] : workspace.files.all(workspace)) {
    for (const FileSymbol& symbol : file->symbols) {
      if (!is_spelt_in(query, symbol.name)) continue;
      if (list.size() >= kMost) return list;
      list.push_back({{"name", symbol.name},
                      {"kind", static_cast<int>(symbol.kind)},
                      {"location", {{"uri", uri_for(workspace, path)}, {"range", to_json(symbol.range)}}}});
    }
  }
  return list;
}

Answer folding(Workspace& workspace, const Json& params) {
  const auto subject = subject_of(workspace, params);
  if (!subject) return tl::unexpected(subject.error());
  const Document& document = subject->document;
  const parse::Lexed lexed = parse::lex(document.text);
  Json list = Json::array();
  std::vector<size_t> open;
  for (const parse::Token& token : lexed.tokens) {
    if (token.kind == parse::TokenKind::lbrace || token.kind == parse::TokenKind::lparen) open.push_back(token.begin);
    if (token.kind != parse::TokenKind::rbrace && token.kind != parse::TokenKind::rparen) continue;
    if (open.empty()) continue;
    const uint32_t first = document.lines.line_of(open.back());
    const uint32_t last = document.lines.line_of(token.begin);
    open.pop_back();
    if (last > first + 1)
      list.push_back(fold(first, last - 1, ""));  // the line of the closing bracket stays to be seen
  }
  fold_comments(lexed, document.lines, list);
  const Analysis& analysis = workspace.analysis_of(subject->path);
  if (analysis.module) fold_imports(analysis.ast(), document.lines, list);
  return list;
}

}  // namespace sbpc::lsp
