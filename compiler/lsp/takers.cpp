#include "lsp/takers.h"

#include <algorithm>

#include "sema/targets.h"

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

std::vector<sema::CallRef> calls_of(Analysis& analysis, const Cursor& cursor) {
  std::vector<sema::CallRef> found;
  if (!analysis.context) return found;
  sema::Context& context = *analysis.context;
  for (const std::string_view name : cursor.calls) {
    if (const auto call = target::find_call(name)) {
      found.push_back(call->value);
    } else if (const auto there = context.names.resolve(sema::Space::calls, 0, written_name(name));
               there.kind == sema::Found::Kind::declared) {
      const auto declared = context.declared.find(sema::key_of(there.decl));
      if (declared != context.declared.end()) found.push_back(declared->second);
    }
  }
  for (const std::string_view name : cursor.groups) {
    if (const auto* calls = sema::find_group(context, context.env_of(0), written_name(name)))
      found.insert(found.end(), calls->begin(), calls->end());
  }
  return found;
}

}  // namespace sbpc::lsp
