#include "lsp/describe_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ast/format.h"
#include "ast/walk.h"
#include "lsp/mentions.h"
#include "sema/build_policy.h"
#include "sema/evaluate.h"
#include "sema/targets.h"
#include "sema/types.h"

namespace sbpc::lsp {
namespace {

constexpr size_t kShownCalls = 60;
constexpr size_t kShownLines = 24;

std::string code(std::string_view text) { return fmt::format("```sb\n{}\n```\n", text); }

std::string paragraph(std::string_view doc) { return doc.empty() ? "" : fmt::format("{}\n\n", doc); }

std::string names_text(const std::vector<std::string_view>& names) {
  const size_t shown = std::min(names.size(), kShownCalls);
  std::string out = fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "));
  if (shown < names.size()) out += fmt::format(" and {} more", names.size() - shown);
  return out;
}

// The first lines of a text.
std::string shortened(std::string_view text) {
  size_t end = 0;
  for (size_t lines = 0; lines < kShownLines && end != std::string_view::npos; ++lines)
    end = text.find('\n', end == 0 ? 0 : end + 1);
  return end == std::string_view::npos ? std::string(text) : std::string(text.substr(0, end)) + "\n  ...";
}

// The values of a const or param, equal ones of several ABIs together.
std::string values_text(Analysis& analysis, sema::Decl decl, sema::AbiSet abis) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const target::Abi abi : abis) {
    const sema::Value value = sema::value_of(*analysis.context, decl, abi);
    std::string text;
    if (value.kind == sema::Value::Kind::number) {
      text = sema::to_string(value.number);
      if (value.number > 9) text += fmt::format(" = {:#x}", static_cast<uint64_t>(value.number));
    } else if (value.kind == sema::Value::Kind::set) {
      text = fmt::format("{} values or ranges", value.elements.size());
    } else if (value.kind == sema::Value::Kind::boolean) {
      text = value.truth ? "true" : "false";
    }
    if (text.empty()) continue;
    const auto known = std::ranges::find(values, text, &std::pair<std::string, std::string>::first);
    const std::string name(target::info(abi).name);
    if (known == values.end()) {
      values.emplace_back(text, name);
    } else {
      known->second += ", " + name;
    }
  }
  if (values.size() == 1) return values[0].first + "\n";
  std::string out;
  for (const auto& [value, names] : values) out += fmt::format("- {} on {}\n", value, names);
  return out;
}

// The calls that a rule set speaks about, in the sets that it uses, too.
class CallsOf {
 public:
  explicit CallsOf(Analysis& analysis) : context_(*analysis.context) {}

  void add(sema::Decl decl) {
    if (!seen_.insert(sema::key_of(decl)).second) return;
    const auto* rules = context_.node_if<ast::Rules>(decl);
    if (rules == nullptr) return;
    const sema::Env env = context_.env_of(decl.file);
    ast::for_each_statement(rules->body, [&](const ast::Statement& statement) { this->add(statement, env); });
  }
  // "allow: read, write" and so on, a line each.
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [action, names] : by_action_) out += fmt::format("{}: {}  \n", action, names_text(names));
    return out;
  }

 private:
  void add(const ast::Statement& statement, const sema::Env& env) {
    if (const auto* rule = std::get_if<ast::RuleStatement>(&statement.node)) {
      const std::string action = ast::format(*env.ast, rule->action);
      for (const ast::Target& target : rule->targets) add(target, env, action);
    } else if (const auto* fallback = std::get_if<ast::FallbackStatement>(&statement.node)) {
      for (const ast::Target& target : fallback->targets)
        add(target, env, "fallback " + ast::format(*env.ast, fallback->action));
    } else if (const auto* use = std::get_if<ast::UseStatement>(&statement.node)) {
      const sema::Found found = context_.names.resolve(sema::Space::rules, env.file, use->set);
      if (found.kind == sema::Found::Kind::declared) add(found.decl);
    }
  }
  void add(const ast::Target& target, const sema::Env& env, const std::string& action) {
    switch (target.kind) {
      case ast::Target::Kind::call:
        if (!target.name.parts.empty()) put(action, target.name.last());
        return;
      case ast::Target::Kind::group:
        if (const auto* calls = sema::find_group(context_, env, target.name)) {
          for (const sema::CallRef call : *calls) put(action, context_.facts.name(call));
        }
        return;
      case ast::Target::Kind::list:
        for (const ast::Target& member : target.members) add(member, env, action);
        return;
    }
  }
  void put(const std::string& action, std::string_view name) {
    auto known = std::ranges::find(by_action_, action, &std::pair<std::string, std::vector<std::string_view>>::first);
    if (known == by_action_.end()) known = by_action_.insert(by_action_.end(), {action, {}});
    if (std::ranges::find(known->second, name) == known->second.end()) known->second.push_back(name);
  }

  sema::Context& context_;
  std::set<uint64_t> seen_;
  std::vector<std::pair<std::string, std::vector<std::string_view>>> by_action_;
};

struct Describe {
  Analysis& analysis;
  sema::Decl decl;
  const ast::Item& item;

  std::string operator()(const ast::ErrorItem&) const { return {}; }
  std::string operator()(const ast::Import&) const { return {}; }
  std::string operator()(const ast::Test&) const { return {}; }
  std::string operator()(const ast::Const&) const { return written() + values_text(analysis, decl, abis()); }
  std::string operator()(const ast::Param&) const { return written() + values_text(analysis, decl, abis()); }
  std::string operator()(const ast::SyscallDecl&) const { return written(); }
  std::string operator()(const ast::Group&) const {
    const ast::QName name = group_name();
    const auto* calls = sema::find_group(*analysis.context, analysis.context->env_of(decl.file), name);
    std::vector<std::string_view> names;
    if (calls != nullptr) {
      for (const sema::CallRef call : *calls) names.push_back(analysis.context->facts.name(call));
    }
    return code("group " + std::string(name.last())) + paragraph(item.doc) +
           fmt::format("{} {}: {}\n", names.size(), names.size() == 1 ? "call" : "calls", names_text(names));
  }
  std::string operator()(const ast::Rules& node) const {
    CallsOf calls(analysis);
    calls.add(decl);
    return code(head_of(node, analysis.sources)) + paragraph(item.doc) + calls.text();
  }
  std::string operator()(const ast::Policy& node) const {
    std::string head = "policy " + std::string(node.name.text);
    for (size_t i = 0; i < node.abis.size(); ++i) head += (i == 0 ? " on " : ", ") + std::string(node.abis[i].text);
    return code(head) + paragraph(item.doc);
  }

  [[nodiscard]] std::string written() const {
    return code(shortened(analysis.sources.text(item.span))) + paragraph(item.doc);
  }
  [[nodiscard]] sema::AbiSet abis() const {
    const sema::AbiSet set = abis_at(analysis, 0);
    return set.empty() ? sema::AbiSet(target::host_abi()) : set;
  }
  [[nodiscard]] ast::QName group_name() const {
    const auto& node = std::get<ast::Group>(item.node);
    return {{node.name}, node.name.span};
  }
};

// A parameter of a rule set or a policy, by the place of its name.
std::string describe_parameter(const Analysis& analysis, Span declaration) {
  const sema::LoadedFile* file = analysis.loaded(declaration.file);
  if (file == nullptr) return {};
  const Scope scope = scope_at(file->ast, declaration.begin);
  for (const ast::Parameter* parameter : scope.parameters) {
    if (parameter->name.span != declaration) continue;
    std::string head = "param " + std::string(analysis.sources.text(parameter->span));
    if (const auto* rules = std::get_if<ast::Rules>(&scope.item->node))
      return code(head) + fmt::format("of `{}`\n", head_of(*rules, analysis.sources));
    return code(head);
  }
  return {};
}

}  // namespace

sema::Decl item_of(const Analysis& analysis, Span declaration) {
  for (sema::FileIndex file = 0; analysis.module && file < analysis.module->files.size(); ++file) {
    const ast::File& ast = analysis.module->files[file].ast;
    if (ast.file != declaration.file) continue;
    for (uint32_t item = 0; item < ast.items.size(); ++item) {
      if (analysis.context->span_of({file, item}) == declaration) return {file, item};
    }
  }
  return {};
}

sema::AbiSet abis_at(Analysis& analysis, size_t offset) {
  sema::AbiSet all;
  if (!analysis.module) return all;
  for (const ast::Item& item : analysis.ast().items) {
    const auto* policy = std::get_if<ast::Policy>(&item.node);
    if (policy == nullptr) continue;
    const sema::AbiSet here = sema::abis_of_policy(*analysis.context, *policy);
    if (item.span.begin <= offset && offset <= item.span.end) return here;
    all = all | here;
  }
  return all;
}

std::string describe_declared(Analysis& analysis, const Symbol& symbol) {
  if (!analysis.context || symbol.kind != Symbol::Kind::declared) return {};
  const sema::Decl decl = item_of(analysis, symbol.declaration);
  if (!decl.valid()) return describe_parameter(analysis, symbol.declaration);
  const ast::Item& item = analysis.module->files[decl.file].ast.items[decl.item];
  return std::visit(Describe{analysis, decl, item}, item.node);
}

}  // namespace sbpc::lsp
