#include "lsp/statement_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>

#include "lsp/check.h"
#include "lsp/mentions.h"

namespace sbpc::lsp {
namespace {

struct Sum {
  std::string text;
  uint32_t line = 0;
  uint32_t insns = 0;
  uint32_t calls = 0;
  double executed = 0;
  double share = 0;
};

std::string short_text(const Sum& sum) {
  constexpr double kSmall = 0.0005;
  const std::string insns = fmt::format("{} {}", sum.insns, sum.insns == 1 ? "insn" : "insns");
  const std::string share = sum.share < kSmall ? "" : fmt::format("{:.1f} % of calls", sum.share * 100);
  if (sum.insns == 0) return share.empty() ? "below 0.1 % of calls" : share;
  return share.empty() ? insns : insns + ", " + share;
}

std::string explanation(const Sum& sum) {
  const std::string whose =
      sum.insns == 0 ? std::string("the program finds its calls together with others, no instruction is its own")
                     : fmt::format("{} of the program's instructions are there for this statement", sum.insns);
  return fmt::format("{}; {:.2f} run for it for each call made", whose, sum.executed);
}

// Several policies may use a line: what it costs is what it costs in all of them.
std::vector<Sum> sums_of(const std::vector<PolicyCost>& costs, const std::string& path) {
  std::map<std::pair<uint32_t, std::string>, Sum> by_place;
  for (const PolicyCost& policy : costs) {
    for (const LineCost& line : policy.lines) {
      if (line.file != path) continue;
      Sum& sum = by_place[{line.line, line.text}];
      sum.text = line.text;
      sum.line = line.line;
      sum.insns += line.insns;
      sum.calls += line.calls;
      sum.executed += line.executed;
      sum.share = std::max(sum.share, line.share);
    }
  }
  std::vector<Sum> sums;
  for (auto& [place, sum] : by_place) {
    if (sum.insns > 0 || sum.calls > 0) sums.push_back(std::move(sum));
  }
  return sums;
}

// A statement of the text as it is now, with the first line of its words.
struct Candidate {
  const ast::Statement* statement;
  uint32_t line = 0;
  bool is_taken = false;
};
using Candidates = std::multimap<std::string, Candidate, std::less<>>;

// The nearest of those with the same words that no other cost has; null if there is none. `most`: lines it may lie off.
const ast::Statement* take_nearest(Candidates& candidates, const Sum& sum, uint32_t most) {
  const auto [first, last] = candidates.equal_range(sum.text);
  const auto distance = [&](const Candidate& each) {
    return sum.line > each.line ? sum.line - each.line : each.line - sum.line;
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

}  // namespace

std::vector<const ast::Statement*> statements_of(const Analysis& analysis) {
  std::vector<const ast::Statement*> all;
  const auto add = [&](const ast::Statement& statement) { all.push_back(&statement); };
  for (const ast::Item& item : analysis.ast().items) {
    if (const auto* rules = std::get_if<ast::Rules>(&item.node)) for_each_statement(rules->body, add);
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) for_each_statement(policy->body, add);
  }
  return all;
}

std::vector<StatementCost> statement_costs(const Workspace& workspace, const std::string& path,
                                           const Analysis& analysis) {
  std::vector<StatementCost> result;
  const auto checked = workspace.checked.find(path);
  if (checked == workspace.checked.end()) return result;
  Candidates candidates;
  for (const ast::Statement* statement : statements_of(analysis)) {
    const uint32_t line = analysis.lines(statement->span.file).line_of(statement->span.begin) + 1;
    candidates.emplace(line_text(analysis.sources.text(statement->span)), Candidate{statement, line});
  }
  std::vector<Sum> moved;
  const auto add = [&](const ast::Statement& statement, const Sum& sum) {
    result.push_back({statement.span, short_text(sum), explanation(sum)});
  };
  for (Sum& sum : sums_of(checked->second.costs, path)) {  // those that stay where they are first
    if (const ast::Statement* statement = take_nearest(candidates, sum, 0)) {
      add(*statement, sum);
    } else {
      moved.push_back(std::move(sum));
    }
  }
  for (const Sum& sum : moved) {
    if (const ast::Statement* statement = take_nearest(candidates, sum, UINT32_MAX)) add(*statement, sum);
  }
  std::ranges::sort(result, {}, &StatementCost::statement);
  return result;
}

}  // namespace sbpc::lsp
