// assertions.cpp: (the targets match and no exception does) and the answer is wrong: is that ever so?
#include "judge/assertions.h"

#include <algorithm>

#include "base/check.h"
#include "ir/meaning.h"
#include "lower/conditions.h"
#include "lower/parts.h"
#include "target/abi.h"

namespace sbpc::judge {
namespace {

ir::Ref meaning_of(const ir::Program& program, uint32_t arch, uint32_t nr) {
  auto section = std::find_if(program.sections.begin(), program.sections.end(),
                              [&](const ir::Section& s) { return s.arch == arch; });
  CHECK(section != program.sections.end());
  return program.functions[ir::function_of(*section, nr).value].meaning;
}

// The events of call `nr` that the assertion speaks of.
ir::CondId matching(const sema::Assertion& assertion, uint32_t nr, lower::Conditions& conditions) {
  std::vector<ir::CondId> matched;
  for (const sema::Target& target : assertion.targets) {
    if (target.nr == nr) matched.push_back(conditions(target.when));
  }
  ir::Conds& conds = conditions.conds();
  std::vector<ir::CondId> all = {conds.any(std::move(matched)), conditions(assertion.guard)};
  for (const sema::Target& target : assertion.except) {
    if (target.nr == nr) all.push_back(conds.negation(conditions(target.when)));
  }
  return conds.all(std::move(all));
}

}  // namespace

bool satisfies(const sema::Assertion& assertion, target::Verdict verdict) {
  bool may_run = target::info(verdict.action).may_run;
  bool is_outcome = verdict.action == assertion.action && (!assertion.data || *assertion.data == verdict.data);
  if (assertion.never && assertion.action == target::Action::allow) return !may_run;
  return is_outcome != assertion.never;
}

Finding decide_assertion(ir::Program& program, const sema::AbiPolicy& abi, const sema::Assertion& assertion) {
  lower::Conditions conditions(abi, program.conds);
  ir::CondDiagrams diagrams(program);
  ir::Diagram& diagram = program.diagram;
  uint32_t arch = target::info(abi.abi).audit_arch;
  std::vector<uint32_t> numbers;
  for (const sema::Target& target : assertion.targets) numbers.push_back(target.nr);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (uint32_t nr : numbers) {
    ir::Ref meaning = meaning_of(program, arch, nr);
    ir::CondId matched = matching(assertion, nr, conditions);
    diagram.begin_part();
    ir::Ref wrong = diagrams.choose(matched, meaning, diagram.none());
    if (!diagram.end_part() || !wrong.valid()) return {Finding::Outcome::undecided, std::nullopt, nr};
    auto witness = diagram.witness(wrong, [&](uint32_t payload) {
      return payload != ir::Diagram::kNone && !satisfies(assertion, target::decode(payload));
    });
    if (!witness) continue;
    witness->data.nr = static_cast<int32_t>(nr);
    witness->data.arch = arch;
    return {Finding::Outcome::fails, Counterexample{std::move(*witness), &abi}, nr};
  }
  return {};
}

}  // namespace sbpc::judge
