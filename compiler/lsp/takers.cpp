#include "lsp/takers.h"

#include <algorithm>

namespace sbpc::lsp {

ast::QName written_name(std::string_view text) {
  const Span nowhere{Analysis::root_file(), 0, 0};
  ast::QName name;
  while (true) {
    const size_t dot = std::min(text.find('.'), text.size());
    name.parts.push_back({text.substr(0, dot), nowhere});
    if (dot == text.size()) break;
    text.remove_prefix(dot + 1);
  }
  name.span = nowhere;
  return name;
}

std::vector<TakenParameter> parameters_of(const Analysis& analysis, std::string_view name) {
  std::vector<TakenParameter> list;
  if (!analysis.context) return list;
  const sema::Context& context = *analysis.context;
  const sema::Found found = context.names.resolve(sema::Space::rules, 0, written_name(name));
  if (found.kind != sema::Found::Kind::declared) return list;
  if (const auto* rules = context.node_if<ast::Rules>(found.decl)) {
    for (const ast::Parameter& formal : rules->formals) list.emplace_back(&formal, found.decl.file);
  } else if (const auto* policy = context.node_if<ast::Policy>(found.decl)) {
    for (const ast::Statement& statement : policy->body) {
      if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node))
        list.emplace_back(&param->parameter, found.decl.file);
    }
    for (const ast::Item& item : analysis.ast().items) {
      if (const auto* param = std::get_if<ast::Param>(&item.node)) list.emplace_back(&param->parameter, 0);
    }
  }
  return list;
}

}  // namespace sbpc::lsp
