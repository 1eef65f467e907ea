#include "lsp/find_again.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "ast/walk.h"
#include "lsp/mentions.h"

namespace sbpc::lsp {
namespace {

// A statement of the text as it is now, with the first line of its words.
struct Candidate {
  const ast::Statement* statement;
  uint32_t line = 0;
  bool is_taken = false;
};
using Candidates = std::multimap<std::string, Candidate, std::less<>>;

// The nearest of those with the same words that no other one has; null if there is none. `most`: lines it may lie off.
const ast::Statement* take_nearest(Candidates& candidates, const Written& sought, uint32_t most) {
  const auto [first, last] = candidates.equal_range(sought.text);
  const auto distance = [&](const Candidate& each) {
    return sought.line > each.line ? sought.line - each.line : each.line - sought.line;
  };
  Candidate* best = nullptr;
  for (auto at = first; at != last; ++at) {
    Candidate& each = at->second;
    if (each.is_taken || distance(each) > most) continue;
    if (best == nullptr || distance(each) < distance(*best)) best = &each;
  }
  if (best == nullptr) return nullptr;
  best->is_taken = true;
  return best->statement;
}

// Every statement of the root's rule sets and policies.
std::vector<const ast::Statement*> statements_of(const Analysis& analysis) {
  std::vector<const ast::Statement*> all;
  const auto add = [&](const ast::Statement& statement) { all.push_back(&statement); };
  for (const ast::Item& item : analysis.ast().items) {
    if (const auto* rules = std::get_if<ast::Rules>(&item.node)) ast::for_each_statement(rules->body, add);
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) ast::for_each_statement(policy->body, add);
  }
  return all;
}

}  // namespace

std::vector<const ast::Statement*> find_again(const Analysis& analysis, const std::vector<Written>& statements) {
  Candidates candidates;
  for (const ast::Statement* statement : statements_of(analysis)) {
    const uint32_t line = analysis.lines(statement->span.file).line_of(statement->span.begin) + 1;
    candidates.emplace(line_text(analysis.sources.text(statement->span)), Candidate{statement, line});
  }
  std::vector<const ast::Statement*> found(statements.size());
  for (const uint32_t most : {uint32_t{0}, UINT32_MAX}) {  // those that stay where they are first
    for (size_t i = 0; i < statements.size(); ++i) {
      if (found[i] == nullptr) found[i] = take_nearest(candidates, statements[i], most);
    }
  }
  return found;
}

}  // namespace sbpc::lsp
