#include "import/redundant.h"

#include <algorithm>

namespace sbpc::importer {

bool is_redundant(const Use& own, const std::vector<Use>& uses) {
  for (const Use& other : uses) {
    if (&other == &own) continue;
    if (!other.rule->any.empty() || other.rule->verdict != own.rule->verdict ||
        !implies(own.rule->guard, other.rule->guard))
      continue;
    const bool same = own.rule->any.empty() && implies(other.rule->guard, own.rule->guard);
    if (!same || &other < &own) return true;
  }
  return false;
}

void drop_idle(const Profile& profile, std::vector<Use>& uses) {
  if (profile.discipline != Discipline::conditions) return;
  const auto is_plain = [](const Use& use) { return use.rule->any.empty(); };
  if (!std::ranges::all_of(uses, is_plain)) std::erase_if(uses, is_plain);
}

bool is_swallowed(const Profile& profile, const Use& use, const Use& by, Width width) {
  const Rule& a = *use.rule;
  const Rule& b = *by.rule;
  if (a.any.empty() || a.verdict != b.verdict || a.verdict.action != target::Action::allow) return false;
  if (b.any.empty()) return !implies(a.guard, b.guard);            // else it is redundant
  if (a.guard == b.guard && a.comment == b.comment) return false;  // one statement
  for (const target::Abi abi : a.guard.abis& b.guard.abis& profile.abis) {
    const auto nr = number_of(*use.call, abi);
    if (!nr) continue;
    ir::Diagram diagram;
    const ir::Ref inner = condition(as_applied(a.any, profile, abi), abi, *nr, width, diagram);
    const ir::Ref outer = condition(as_applied(b.any, profile, abi), abi, *nr, width, diagram);
    if (inner != outer && diagram.conjunction(inner, diagram.negate(outer)) == diagram.no()) return true;
  }
  return false;
}

}  // namespace sbpc::importer
