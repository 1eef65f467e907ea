// view.cpp: says again what lower said. Conditions are shared with the program, so this costs a fraction of lowering.
#include "judge/view.h"

#include <algorithm>

#include "base/check.h"

namespace sbpc::judge {

View::View(const sema::Policy& whole, const sema::AbiPolicy& one, ir::Program& target)
    : policy(whole), abi(one), program(target), workshop(target), conditions(one, target.conds) {
  sayings = lower::say(abi, conditions, workshop);
  scopes = lower::inner_first(abi);
  std::reverse(scopes.begin(), scopes.end());
}

ir::Ref View::answer(uint32_t nr) const {
  uint32_t arch = target::info(abi.abi).audit_arch;
  for (const ir::Section& section : program.sections) {
    if (section.arch == arch) return program.functions[ir::function_of(section, nr).value].meaning;
  }
  CHECK(false);  // lower makes a section for each ABI of the policy
}

std::optional<ir::Diagram::Witness> View::example(uint32_t nr, ir::CondId cond) {
  ir::Ref ref;
  bool fits = workshop.part([&] { ref = workshop.diagrams(cond); });
  if (!fits) return std::nullopt;
  auto witness = program.diagram.witness(ref, [](uint32_t payload) { return payload == ir::Diagram::kYes; });
  if (!witness) return std::nullopt;
  witness->data.nr = static_cast<int32_t>(nr);
  witness->data.arch = target::info(abi.abi).audit_arch;
  return witness;
}

bool View::may_hold(ir::CondId cond) {
  if (cond == program.conds.never()) return false;
  ir::Ref ref;
  bool fits = workshop.part([&] { ref = workshop.diagrams(cond); });
  return !fits || ref != program.diagram.no();
}

}  // namespace sbpc::judge
