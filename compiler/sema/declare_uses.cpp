// declare_uses.cpp: what can be said of rule sets and parameters from the text alone: who uses whom, and who is used by
// nobody.
#include <algorithm>
#include <unordered_set>

#include "ast/walk.h"
#include "base/limits.h"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "sema/declare.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;

// ---- cycles ----

enum class Mark : uint8_t { unseen, open, done };

struct Walk {
  Context& context;
  std::unordered_map<uint64_t, Mark> marks;
  std::vector<Decl> path;
};

std::string path_text(const Walk& walk_state, Decl decl) {
  std::string text;
  for (auto from = std::ranges::find(walk_state.path, decl); from != walk_state.path.end(); ++from) {
    text += "`" + std::string(walk_state.context.node<ast::Rules>(*from).name.text) + "` uses ";
  }
  return text + "`" + std::string(walk_state.context.node<ast::Rules>(decl).name.text) + "`";
}

void follow(Walk& state, Decl decl) {
  Mark& mark = state.marks[key_of(decl)];  // references into an unordered_map stay valid
  if (mark != Mark::unseen) return;
  mark = Mark::open;
  state.path.push_back(decl);
  const auto& rules = state.context.node<ast::Rules>(decl);
  ast::for_each_statement(rules.body, [&](const ast::Statement& statement) {
    const auto* use = std::get_if<ast::UseStatement>(&statement.node);
    if (use == nullptr) return;
    if (use->is_unsafe && !rules.is_unsafe) {
      state.context.report(kinds::UnsafeInside, statement.span, rules.name.text)
          .note("whoever uses it must see that: declare it `unsafe rules " + std::string(rules.name.text) + "`");
    }
    const Found found = state.context.names.resolve(Space::rules, decl.file, use->set);
    if (found.kind != Found::Kind::declared || state.context.node_if<ast::Rules>(found.decl) == nullptr) return;
    if (state.marks[key_of(found.decl)] == Mark::open) {
      state.context.report(kinds::RecursiveRules, use->set.span, path_text(state, found.decl));
    } else if (state.path.size() >= limits::kUseDepth) {
      state.context.report(kinds::UseTooDeep, use->set.span, limits::kUseDepth);
    } else {
      follow(state, found.decl);
    }
  });
  state.path.pop_back();
  mark = Mark::done;
}

// ---- parameters nobody uses ----

using NameSet = std::unordered_set<std::string_view>;

void add_expr(const ast::File& file, ast::ExprId id, NameSet& names) {
  const ast::Expr& expr = file.at(id);
  if (!expr.name.parts.empty()) names.insert(expr.name.last());
  for (ast::ExprId operand : expr.operands) add_expr(file, operand, names);
}

void add_action(const ast::File& file, const ast::Action& action, NameSet& names) {
  names.insert(action.name.text);
  if (action.data) add_expr(file, *action.data, names);
}

void add_targets(const ast::File& file, std::span<const ast::Target> targets, NameSet& names) {
  for (const ast::Target& target : targets) {
    for (ast::ExprId condition : target.conditions) add_expr(file, condition, names);
    add_targets(file, target.members, names);
  }
}

struct Mentions {
  const ast::File& file;
  NameSet& names;
  void operator()(const ast::RuleStatement& node) const {
    add_action(file, node.action, names);
    add_targets(file, node.targets, names);
    add_targets(file, node.except, names);
    if (node.otherwise) add_action(file, *node.otherwise, names);
  }
  void operator()(const ast::FallbackStatement& node) const { add_action(file, node.action, names); }
  void operator()(const ast::RequireStatement& node) const {
    add_targets(file, node.targets, names);
    add_action(file, node.otherwise, names);
  }
  void operator()(const ast::UseStatement& node) const {
    for (const ast::Argument& argument : node.arguments) add_expr(file, argument.value, names);
    add_targets(file, node.except, names);
  }
  void operator()(const ast::IfStatement& node) const { add_expr(file, node.condition, names); }
  void operator()(const ast::AssertStatement& node) const {
    if (node.condition) {
      add_expr(file, *node.condition, names);
      return;
    }
    add_action(file, node.outcome, names);
    add_targets(file, node.targets, names);
    add_targets(file, node.except, names);
  }
  void operator()(const ast::DefaultLine& node) const { add_action(file, node.action, names); }
  void operator()(const ast::NewerLine& node) const { add_action(file, node.action, names); }
  void operator()(const ast::ForeignLine& node) const { add_action(file, node.action, names); }
  template <class Other>
  void operator()(const Other&) const {}
};

// What a syntax error has left out may have used any name.
bool has_errors(const ast::Block& block) {
  bool found = false;
  ast::for_each_statement(block, [&](const ast::Statement& statement) {
    found |= std::holds_alternative<ast::ErrorStatement>(statement.node);
  });
  return found;
}

bool has_errors(const ast::File& file) {
  return std::ranges::any_of(file.items, [](const ast::Item& item) {
    const auto* rules = std::get_if<ast::Rules>(&item.node);
    const auto* policy = std::get_if<ast::Policy>(&item.node);
    return std::holds_alternative<ast::ErrorItem>(item.node) || (rules != nullptr && has_errors(rules->body)) ||
           (policy != nullptr && has_errors(policy->body));
  });
}

NameSet names_in(const ast::File& file, const ast::Block& block) {
  NameSet names;
  ast::for_each_statement(block, [&](const ast::Statement& statement) {
    std::visit(Mentions{file, names}, statement.node);
  });
  return names;
}

void report_unused(Context& context, const ast::Parameter& parameter, const NameSet& names, std::string_view where) {
  if (names.contains(parameter.name.text)) return;
  context.report(kinds::UnusedParameter, parameter.name.span, where, parameter.name.text);
}

void check_item(Context& context, const ast::File& file, const ast::Item& item) {
  if (const auto* rules = std::get_if<ast::Rules>(&item.node);
      rules != nullptr && !rules->formals.empty() && !has_errors(rules->body)) {
    const NameSet names = names_in(file, rules->body);
    for (const ast::Parameter& formal : rules->formals) report_unused(context, formal, names, "the rule set");
  }
  const auto* policy = std::get_if<ast::Policy>(&item.node);
  if (policy == nullptr || has_errors(policy->body)) return;
  const auto is_param = [](const ast::Statement& statement) {
    return std::holds_alternative<ast::ParamStatement>(statement.node);
  };
  if (std::ranges::none_of(policy->body, is_param)) return;
  const NameSet names = names_in(file, policy->body);
  for (const ast::Statement& statement : policy->body) {
    if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node))
      report_unused(context, param->parameter, names, "the policy");
  }
}

// Everything that the files mention, for the parameters of the root file.
NameSet all_names(const Context& context) {
  NameSet names;
  for (const LoadedFile& loaded : context.module.files) {
    for (const ast::Expr& expr : loaded.ast.exprs) {
      if (!expr.name.parts.empty()) names.insert(expr.name.last());
    }
    for (const ast::Item& item : loaded.ast.items) {
      const auto add = [&](const ast::Block& block) {
        ast::for_each_statement(block, [&](const ast::Statement& statement) {
          std::visit(Mentions{loaded.ast, names}, statement.node);
        });
      };
      if (const auto* rules = std::get_if<ast::Rules>(&item.node)) add(rules->body);
      if (const auto* policy = std::get_if<ast::Policy>(&item.node)) add(policy->body);
    }
  }
  return names;
}

}  // namespace

void check_uses(Context& context) {
  Walk state{context, {}, {}};
  for (FileIndex file = 0; file < context.module.files.size(); ++file) {
    if (context.module.files[file].is_standard) continue;
    const auto& items = context.module.files[file].ast.items;
    for (uint32_t item = 0; item < items.size(); ++item) {
      if (std::holds_alternative<ast::Rules>(items[item].node)) follow(state, {file, item});
    }
  }
}

void check_unused_parameters(Context& context) {
  for (const LoadedFile& loaded : context.module.files) {
    if (loaded.is_standard) continue;
    for (const ast::Item& item : loaded.ast.items) check_item(context, loaded.ast, item);
  }
  const auto& root = context.module.files[0].ast.items;
  const auto is_param = [](const ast::Item& item) { return std::holds_alternative<ast::Param>(item.node); };
  const auto is_broken = [](const LoadedFile& loaded) { return has_errors(loaded.ast); };
  if (std::ranges::none_of(root, is_param) || std::ranges::any_of(context.module.files, is_broken)) return;
  const NameSet names = all_names(context);
  for (const ast::Item& item : root) {
    const auto* param = std::get_if<ast::Param>(&item.node);
    if (param != nullptr && !param->is_runtime)
      report_unused(context, param->parameter, names, "the file or its imports");
  }
}

}  // namespace sbpc::sema
