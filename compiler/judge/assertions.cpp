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

// The events that the assertion speaks of, one call at a time, with their answers.
class Events {
 public:
  Events(ir::Program& program, const sema::AbiPolicy& abi)
      : program_(program),
        conditions_(abi, program.conds),
        diagrams_(program),
        arch_(target::info(abi.abi).audit_arch) {}

  // An event of call `nr` with an answer that `wanted` takes. False, and nothing found, if the meaning outgrew its
  // budget.
  bool find(const sema::Assertion& assertion, uint32_t nr, ir::FunctionRef<bool(target::Verdict)> wanted,
            std::optional<ir::Diagram::Witness>& found) {
    ir::Diagram& diagram = program_.diagram;
    ir::Ref meaning = meaning_of(program_, arch_, nr);
    ir::CondId matched = matching(assertion, nr, conditions_);
    diagram.begin_part();
    ir::Ref answers = diagrams_.choose(matched, meaning, diagram.none());
    if (!diagram.end_part() || !answers.valid()) {
      diagrams_.forget();
      return false;
    }
    // Two data of one action are an error of their own.
    found = diagram.witness(answers, [&](uint32_t payload) {
      return payload != ir::Diagram::kNone && !diagram.several(payload) && wanted(target::decode(payload));
    });
    if (!found) return true;
    found->data.nr = static_cast<int32_t>(nr);
    found->data.arch = arch_;
    return true;
  }

 private:
  ir::Program& program_;
  lower::Conditions conditions_;
  ir::CondDiagrams diagrams_;
  uint32_t arch_;
};

}  // namespace

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

bool satisfies(const sema::Assertion& assertion, target::Verdict verdict) {
  bool may_run = target::info(verdict.action).may_run;
  bool is_outcome = verdict.action == assertion.action && (!assertion.data || *assertion.data == verdict.data);
  if (assertion.never && assertion.action == target::Action::allow) return !may_run;
  return is_outcome != assertion.never;
}

std::vector<uint32_t> numbers_of(const sema::Assertion& assertion) {
  std::vector<uint32_t> numbers;
  for (const sema::Target& target : assertion.targets) numbers.push_back(target.nr);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

Finding decide_assertion(ir::Program& program, const sema::AbiPolicy& abi, const sema::Assertion& assertion) {
  Events events(program, abi);
  std::optional<ir::Diagram::Witness> witness;
  auto is_wrong = [&](target::Verdict verdict) { return !satisfies(assertion, verdict); };
  for (uint32_t nr : numbers_of(assertion)) {
    if (!events.find(assertion, nr, is_wrong, witness)) return {Finding::Outcome::undecided, std::nullopt, nr};
    if (witness) return {Finding::Outcome::fails, Counterexample{std::move(*witness), &abi}, nr};
  }
  return {};
}

std::vector<ir::Diagram::Witness> examples(ir::Program& program, const sema::AbiPolicy& abi,
                                           const sema::Assertion& assertion) {
  Events events(program, abi);
  std::vector<ir::Diagram::Witness> result;
  for (uint32_t nr : numbers_of(assertion)) {
    std::optional<ir::Diagram::Witness> witness;
    auto is_right = [&](target::Verdict verdict) { return satisfies(assertion, verdict); };
    if (events.find(assertion, nr, is_right, witness) && witness) result.push_back(std::move(*witness));
  }
  return result;
}

}  // namespace sbpc::judge
