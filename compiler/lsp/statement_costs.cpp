#include "lsp/statement_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lsp/check.h"
#include "lsp/mentions.h"

namespace sbpc::lsp {
namespace {

struct Sum {
  uint32_t insns = 0;
  double executed = 0;
  double share = 0;
  uint32_t line = 0;
};

std::string share_text(double share) {
  constexpr double kSmall = 0.0005;
  return share < kSmall ? "" : fmt::format(", {:.1f} % of calls", share * 100);
}

// The line that lies nearest among those with the same words.
const Sum* nearest(const std::multimap<std::string, Sum, std::less<>>& by_text, const std::string& text,
                   uint32_t line) {
  const auto [first, last] = by_text.equal_range(text);
  const Sum* best = nullptr;
  const auto distance = [&](const Sum& sum) { return sum.line > line ? sum.line - line : line - sum.line; };
  for (auto at = first; at != last; ++at) {
    if (best == nullptr || distance(at->second) < distance(*best)) best = &at->second;
  }
  return best;
}

// Several policies may use a line: what it costs is what it costs in all of them.
std::multimap<std::string, Sum, std::less<>> sums_of(const std::vector<PolicyCost>& costs, const std::string& path) {
  std::map<std::pair<std::string, uint32_t>, Sum> by_place;
  for (const PolicyCost& policy : costs) {
    for (const LineCost& line : policy.lines) {
      if (line.file != path) continue;
      Sum& sum = by_place[{line.text, line.line}];
      sum.insns += line.insns;
      sum.executed += line.executed;
      sum.share = std::max(sum.share, line.share);
      sum.line = line.line;
    }
  }
  std::multimap<std::string, Sum, std::less<>> by_text;
  for (const auto& [place, sum] : by_place) by_text.emplace(place.first, sum);
  return by_text;
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
  const auto sums = sums_of(checked->second.costs, path);
  for (const ast::Statement* statement : statements_of(analysis)) {
    const std::string_view text = analysis.sources.text(statement->span);
    const uint32_t line = analysis.lines(statement->span.file).line_of(statement->span.begin) + 1;
    const Sum* sum = nearest(sums, line_text(text), line);
    if (sum == nullptr || sum->insns == 0) continue;
    result.push_back(
        {statement->span,
         fmt::format("{} {}{}", sum->insns, sum->insns == 1 ? "insn" : "insns", share_text(sum->share)),
         fmt::format(
             "{} of the program's instructions are there for this statement; {:.2f} of them run for each call made",
             sum->insns, sum->executed)});
  }
  return result;
}

}  // namespace sbpc::lsp
