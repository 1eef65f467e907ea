#include "lsp/mentions.h"

#include <algorithm>

#include "target/abi.h"

namespace sbpc::lsp {
namespace {

using Role = Mention::Role;

class Walker {
 public:
  explicit Walker(const ast::File& file) : file_(file) {}

  std::vector<Mention> run() {
    for (const ast::Item& item : file_.items) std::visit([&](const auto& node) { visit(node); }, item.node);
    std::erase_if(
        found_, [](const Mention& mention) { return !mention.span.valid() || mention.span.begin == mention.span.end; });
    std::ranges::stable_sort(found_, {}, &Mention::span);
    return std::move(found_);
  }

 private:
  void add(Role role, const ast::Name& name, bool declares = false) { found_.push_back({role, name.span, declares}); }
  void add(Role role, const ast::QName& name) {
    for (size_t i = 0; i < name.parts.size(); ++i) add(i + 1 == name.parts.size() ? role : Role::module, name.parts[i]);
  }
  void add(Role role, const std::vector<ast::Name>& names) {
    for (const ast::Name& name : names) add(role, name);
  }

  // ---- items ----

  void visit(const ast::ErrorItem&) {}
  void visit(const ast::Import& node) {
    if (!node.path) add(Role::module, node.module);
    if (node.alias) add(Role::module, *node.alias, true);
  }
  void visit(const ast::Const& node) {
    add(Role::value, node.name, true);
    if (node.type) visit(*node.type);
    visit(node.value);
  }
  void visit(const ast::Group& node) {
    add(Role::group, node.name, true);
    visit(node.members);
    visit(node.except);
  }
  void visit(const ast::SyscallDecl& node) {
    add(Role::call, node.name, true);
    visit(node.formals);
    for (const ast::SyscallDecl::Number& number : node.numbers) {
      visit(number.number);
      add(Role::abi, number.abis);
    }
  }
  void visit(const ast::Param& node) { visit(node.parameter, Role::value); }
  void visit(const ast::Rules& node) {
    add(Role::rules, node.name, true);
    visit(node.formals);
    visit(node.body);
  }
  void visit(const ast::Policy& node) {
    add(Role::policy, node.name, true);
    add(Role::abi, node.abis);
    visit(node.body);
  }
  void visit(const ast::Test& node) {
    add(Role::policy, node.policy);
    add(Role::abi, node.abis);
    visit(node.arguments);
    for (const ast::Expectation& each : node.expectations) {
      visit(each.outcome);
      visit(each.targets);
    }
  }

  // ---- statements ----

  void visit(const ast::Block& block) {
    for (const ast::Statement& statement : block) std::visit([&](const auto& node) { visit(node); }, statement.node);
  }
  void visit(const ast::ErrorStatement&) {}
  void visit(const ast::RuleStatement& node) {
    visit(node.action);
    visit(node.targets);
    visit(node.except);
    if (node.otherwise) visit(*node.otherwise);
  }
  void visit(const ast::FallbackStatement& node) {
    visit(node.action);
    visit(node.targets);
  }
  void visit(const ast::RequireStatement& node) {
    visit(node.targets);
    visit(node.otherwise);
  }
  void visit(const ast::UseStatement& node) {
    add(Role::rules, node.set);
    visit(node.arguments);
    visit(node.except);
  }
  void visit(const ast::OnStatement& node) {
    add(Role::abi, node.abis);
    visit(node.then);
    visit(node.otherwise);
  }
  void visit(const ast::IfStatement& node) {
    visit(node.condition);
    visit(node.then);
    visit(node.otherwise);
  }
  void visit(const ast::OverrideStatement& node) { visit(node.body); }
  void visit(const ast::AssertStatement& node) {
    if (node.condition) {
      visit(*node.condition);
      return;
    }
    visit(node.outcome);
    visit(node.targets);
    visit(node.except);
  }
  void visit(const ast::ParamStatement& node) { visit(node.parameter, Role::parameter); }
  void visit(const ast::DefaultLine& node) { visit(node.action); }
  void visit(const ast::NewerLine& node) { visit(node.action); }
  void visit(const ast::ForeignLine& node) {
    visit(node.action);
    add(Role::abi, node.abis);
  }
  void visit(const ast::KernelLine&) {}
  void visit(const ast::InstallLine& node) { add(Role::flag, node.flags); }
  void visit(const ast::FrequencyLine& node) {
    for (const ast::FrequencyLine::Entry& entry : node.entries) add(Role::call, entry.call);
  }

  // ---- parts ----

  void visit(const ast::Action& action) {
    add(Role::action, action.name);
    if (action.data) visit(*action.data);
  }
  void visit(const std::vector<ast::Target>& targets) {
    for (const ast::Target& target : targets) {
      if (target.kind == ast::Target::Kind::list) {
        visit(target.members);
      } else {
        add(target.kind == ast::Target::Kind::call ? Role::call : Role::group, target.name);
      }
      for (const ast::ExprId condition : target.conditions) visit(condition);
    }
  }
  void visit(const std::vector<ast::Argument>& arguments) {
    for (const ast::Argument& argument : arguments) {
      add(Role::parameter, argument.name);
      visit(argument.value);
    }
  }
  void visit(const std::vector<ast::Parameter>& parameters) {
    for (const ast::Parameter& parameter : parameters) visit(parameter, Role::parameter);
  }
  void visit(const ast::Parameter& parameter, Role role) {
    add(role, parameter.name, true);
    visit(parameter.type);
    if (parameter.value) visit(*parameter.value);
  }
  void visit(const ast::Type& type) {
    const std::vector<ast::Name>& parts = type.name.parts;
    for (size_t i = 0; i < parts.size(); ++i) {
      const bool is_last = i + 1 == parts.size();
      add(parts.size() == 1       ? Role::type
          : is_last               ? Role::argument
          : i + 2 == parts.size() ? Role::call
                                  : Role::module,
          parts[i]);
    }
  }
  void visit(ast::ExprId id) {
    if (!id.valid() || id.value >= file_.exprs.size()) return;
    const ast::Expr& expr = file_.at(id);
    switch (expr.kind) {
      case ast::ExprKind::name: add(Role::value, expr.name); break;
      case ast::ExprKind::group: add(Role::group, expr.name); break;
      case ast::ExprKind::call: add(Role::value, expr.name); break;
      case ast::ExprKind::integer:
      case ast::ExprKind::character:
      case ast::ExprKind::version:
      case ast::ExprKind::raw:
      case ast::ExprKind::boolean:
      case ast::ExprKind::set:
      case ast::ExprKind::range:
      case ast::ExprKind::op:
      case ast::ExprKind::paren:
      case ast::ExprKind::error: break;
    }
    for (const ast::ExprId operand : expr.operands) visit(operand);
  }

  const ast::File& file_;
  std::vector<Mention> found_;
};

}  // namespace

std::vector<Mention> mentions_of(const ast::File& file) { return Walker(file).run(); }

Scope scope_at(const ast::File& file, size_t offset) {
  Scope scope;
  for (const ast::Item& item : file.items) {
    if (item.span.begin <= offset && offset <= item.span.end) scope.item = &item;
  }
  if (scope.item == nullptr) return scope;
  if (const auto* rules = std::get_if<ast::Rules>(&scope.item->node)) {
    for (const ast::Parameter& formal : rules->formals) scope.parameters.push_back(&formal);
  } else if (const auto* policy = std::get_if<ast::Policy>(&scope.item->node)) {
    for (const ast::Statement& statement : policy->body) {
      if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node))
        scope.parameters.push_back(&param->parameter);
    }
  }
  return scope;
}

}  // namespace sbpc::lsp
