#include "lsp/answers_text.h"

#include <fmt/format.h>

namespace sbpc::lsp {

std::string cost_text(const CallCost& cost) {
  if (cost.cached) return "answered by the kernel's cache";
  const std::string insns =
      cost.least == cost.most ? std::to_string(cost.most) : fmt::format("{}..{}", cost.least, cost.most);
  return insns + " instructions";
}

std::string answers_text(const Workspace& workspace, const std::string& path, std::string_view call) {
  const auto checked = workspace.checked.find(path);
  if (checked == workspace.checked.end()) return {};
  std::string out;
  for (const PolicyCost& policy : checked->second.costs) {
    const auto [first, last] = policy.calls.equal_range(call);
    for (auto at = first; at != last; ++at) {
      out += fmt::format("- `{}` on {}: {}{}, {}\n", policy.name, target::info(at->second.abi).name,
                         at->second.verdicts, at->second.named ? "" : " (no rule names it)", cost_text(at->second));
    }
  }
  return out.empty() ? out : "\n" + out;
}

}  // namespace sbpc::lsp
