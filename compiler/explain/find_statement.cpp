#include "explain/find_statement.h"

#include <array>
#include <vector>

namespace sbpc::explain {
namespace {

using ast::Block;
using ast::Statement;

bool holds(Span outer, Span inner) {
  return outer.file == inner.file && outer.begin <= inner.begin && inner.end <= outer.end;
}

// The blocks inside of a statement.
std::array<const Block*, 2> blocks_of(const Statement& statement) {
  if (const auto* on = std::get_if<ast::OnStatement>(&statement.node)) return {&on->then, &on->otherwise};
  if (const auto* condition = std::get_if<ast::IfStatement>(&statement.node))
    return {&condition->then, &condition->otherwise};
  if (const auto* over = std::get_if<ast::OverrideStatement>(&statement.node)) return {&over->body, nullptr};
  return {nullptr, nullptr};
}

// Statements nest at most limits::kNesting deep.
const Statement* find_in(const Block& block, Span span) {
  for (const Statement& statement : block) {
    for (const Block* inner : blocks_of(statement)) {
      const Statement* found = inner != nullptr && holds(statement.span, span) ? find_in(*inner, span) : nullptr;
      if (found != nullptr) return found;
    }
    if (statement.span == span) return &statement;
  }
  return nullptr;
}

const Statement* find_override_in(const Block& block, Span span) {
  for (const Statement& statement : block) {
    if (!holds(statement.span, span)) continue;
    for (const Block* inner : blocks_of(statement)) {
      const Statement* found = inner != nullptr ? find_override_in(*inner, span) : nullptr;
      if (found != nullptr) return found;
    }
    if (std::holds_alternative<ast::OverrideStatement>(statement.node)) return &statement;
  }
  return nullptr;
}

ExceptPlace place_behind(Span last, const std::vector<ast::Target>& except) {
  if (!except.empty()) last = except.back().span;
  return {Span{last.file, last.end, last.end}, except.empty()};
}

// Places in a list of targets where `call` is written.
void collect(const std::vector<ast::Target>& targets, std::string_view call, std::vector<Span>& found) {
  for (size_t i = 0; i < targets.size(); ++i) {
    const ast::Target& target = targets[i];
    if (target.kind == ast::Target::Kind::list) collect(target.members, call, found);
    if (target.kind != ast::Target::Kind::call || target.name.last() != call) continue;
    const Span own = target.span;
    if (i + 1 < targets.size()) {
      found.push_back({own.file, own.begin, targets[i + 1].span.begin});
    } else if (i > 0) {
      found.push_back({own.file, targets[i - 1].span.end, own.end});
    } else {
      found.push_back({});  // the only one of its list
    }
  }
}

}  // namespace

const ast::Policy* find_policy(const ast::File& file, std::string_view name) {
  for (const ast::Item& item : file.items) {
    const auto* policy = std::get_if<ast::Policy>(&item.node);
    if (policy != nullptr && policy->name.text == name) return policy;
  }
  return nullptr;
}

uint32_t find_item_begin(const ast::File& file, const ast::Policy& policy) {
  for (const ast::Item& item : file.items) {
    if (std::get_if<ast::Policy>(&item.node) == &policy) return item.span.begin;
  }
  return 0;
}

const Statement* find_statement(const ast::File& file, Span span) {
  for (const ast::Item& item : file.items) {
    if (!holds(item.span, span)) continue;
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) return find_in(policy->body, span);
    if (const auto* rules = std::get_if<ast::Rules>(&item.node)) return find_in(rules->body, span);
  }
  return nullptr;
}

const Statement* find_override(const ast::Policy& policy, Span span) { return find_override_in(policy.body, span); }

ExceptPlace except_place(const Statement& statement) {
  if (const auto* rule = std::get_if<ast::RuleStatement>(&statement.node)) {
    return rule->targets.empty() ? ExceptPlace{} : place_behind(rule->targets.back().span, rule->except);
  }
  if (const auto* use = std::get_if<ast::UseStatement>(&statement.node)) {
    return place_behind({statement.span.file, statement.span.begin, statement.span.end - 1},
                        use->except);  // before the `;`
  }
  return {};
}

Span removal(const ast::RuleStatement& rule, Span statement, std::string_view call) {
  std::vector<Span> found;
  collect(rule.targets, call, found);
  if (found.size() != 1) return {};
  if (found.front().valid()) return found.front();
  return rule.targets.size() == 1 ? statement : Span{};
}

}  // namespace sbpc::explain
