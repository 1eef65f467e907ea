// assertions.h: does an assertion (of a policy, or a test's expectation) hold for all events that match?
#pragma once

#include <optional>
#include <vector>

#include "ir/program.h"
#include "lower/conditions.h"
#include "sema/policy.h"

namespace sbpc::judge {

// An event that matches and is answered otherwise.
struct Counterexample {
  ir::Diagram::Witness witness;  // its payload is the answer; nr and arch are filled in
  const sema::AbiPolicy* abi;
};

struct Finding {
  enum class Outcome : uint8_t { holds, fails, undecided };
  Outcome outcome = Outcome::holds;
  std::optional<Counterexample> counterexample;  // fails
  uint32_t undecided_nr = 0;                     // undecided: the call whose meaning outgrew its budget
};

// `abi` is the ABI of `policy` that the assertion stands in.
[[nodiscard]] Finding decide_assertion(ir::Program& program, const sema::AbiPolicy& abi,
                                       const sema::Assertion& assertion);

// For each call that the assertion names, an event that it speaks of and that is answered as it wants; nr and arch are
// filled in. Calls without one, or whose meaning outgrew its budget, are left out.
[[nodiscard]] std::vector<ir::Diagram::Witness> examples(ir::Program& program, const sema::AbiPolicy& abi,
                                                         const sema::Assertion& assertion);

// The events of call `nr` that the assertion speaks of.
[[nodiscard]] ir::CondId matching(const sema::Assertion& assertion, uint32_t nr, lower::Conditions& conditions);

// The calls that the assertion names, by rising number.
[[nodiscard]] std::vector<uint32_t> numbers_of(const sema::Assertion& assertion);

// Whether an answer is what the assertion wants. `never allow` objects to every action after which the call may run.
[[nodiscard]] bool satisfies(const sema::Assertion& assertion, target::Verdict verdict);

}  // namespace sbpc::judge
