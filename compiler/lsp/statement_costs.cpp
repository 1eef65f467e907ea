#include "lsp/statement_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lsp/check.h"
#include "lsp/find_again.h"

namespace sbpc::lsp {
namespace {

struct Sum {
  Written written;
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
      if (line.written.file != path) continue;
      Sum& sum = by_place[{line.written.line, line.written.text}];
      sum.written = line.written;
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

}  // namespace

std::vector<StatementCost> statement_costs(const Workspace& workspace, const std::string& path,
                                           const Analysis& analysis) {
  std::vector<StatementCost> result;
  const auto checked = workspace.checked.find(path);
  if (checked == workspace.checked.end()) return result;
  const std::vector<Sum> sums = sums_of(checked->second.costs, path);
  std::vector<Written> written;
  for (const Sum& sum : sums) written.push_back(sum.written);
  const std::vector<const ast::Statement*> found = find_again(analysis, written);
  for (size_t i = 0; i < sums.size(); ++i) {
    if (found[i] != nullptr) result.push_back({found[i]->span, short_text(sums[i]), explanation(sums[i])});
  }
  std::ranges::sort(result, {}, &StatementCost::statement);
  return result;
}

}  // namespace sbpc::lsp
