// answers.h: what the closed policy answers, asked call by call. All that the lints know of a policy's meaning.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ir/meaning.h"
#include "ir/program.h"
#include "lower/conditions.h"
#include "lower/decide.h"
#include "sema/policy.h"

namespace sbpc::lint {

using Witness = ir::Diagram::Witness;

// A part of a call's events: those whose argument has a value under a mask. Constants are joined by `|`; a number is
// itself.
struct Part {
  std::string_view arg;    // "" = the whole call
  std::string_view mask;   // "" = all of the argument
  std::string_view value;  // behind `!` all but that
};

// How events of a call are answered: one of each kind, if there is one.
struct Answer {
  std::optional<Witness> runs;   // the call may be executed
  std::optional<Witness> fails;  // it may not
  [[nodiscard]] bool always_runs() const { return runs && !fails; }
  [[nodiscard]] bool never_runs() const { return !runs && fails; }
  [[nodiscard]] bool depends() const { return runs && fails; }
};

class Answers {
 public:
  Answers(const sema::Policy& policy, const sema::AbiPolicy& abi, ir::Program& program);

  // nullopt: this ABI has no such call or argument, or the call's meaning outgrew its budget.
  [[nodiscard]] std::optional<Answer> of(std::string_view call, const Part& part = {});
  [[nodiscard]] std::optional<Answer> of(target::CallId call, const Part& part = {});
  // Of all other events of the call than those of the part.
  [[nodiscard]] std::optional<Answer> of_all_but(target::CallId call, const Part& part);
  // Of the events of call `nr` on which the condition holds; none if they have no answer in the budget.
  [[nodiscard]] std::optional<Answer> of_events(uint32_t nr, ir::CondId when);
  [[nodiscard]] bool may_run(std::string_view call);

  // Whether a rule or `require`, rather than the default, has something to say on the call.
  [[nodiscard]] bool is_named(target::CallId call) const;
  // Whether the policy says by an `assert` that the call may run (`allow`) or that it may not: then it is meant so.
  [[nodiscard]] bool is_meant(target::CallId call, bool runs) const;
  // How that part of the call is answered where no assertion says that events of it may run, in the states (instruction
  // pointer, run-time bools) in which some event of `denied` does not run.
  [[nodiscard]] std::optional<Answer> of_unmeant(target::CallId call, const Part& part, target::CallId denied);
  // The statement that decides an event, the default line if none does.
  [[nodiscard]] sema::Place decider(const Witness& witness);
  // Whether that statement came by a `use unsafe`: the author has said that it is dangerous.
  [[nodiscard]] bool is_said_unsafe(const Witness& witness);

  [[nodiscard]] std::string text_of(const Witness& witness) const;

  [[nodiscard]] ir::CondId condition(sema::CondId condition) { return conditions_(condition); }
  [[nodiscard]] ir::Conds& conds() { return program_.conds; }
  [[nodiscard]] const sema::AbiPolicy& statements() const { return abi_; }
  [[nodiscard]] target::Abi abi() const { return abi_.abi; }
  [[nodiscard]] const sema::Policy& policy() const { return policy_; }

 private:
  [[nodiscard]] std::optional<ir::CondId> condition(target::CallId call, const Part& part);
  [[nodiscard]] ir::Ref meaning(uint32_t nr) const;
  [[nodiscard]] ir::Ref states_without(target::CallId call);
  [[nodiscard]] Answer answer_of(ir::Ref meaning, uint32_t nr) const;
  [[nodiscard]] const sema::Place* deciding_place(const Witness& witness);

  const sema::Policy& policy_;
  const sema::AbiPolicy& abi_;
  ir::Program& program_;
  ir::CondDiagrams diagrams_;
  lower::Conditions conditions_;
  const ir::Section* section_ = nullptr;
  std::set<uint32_t> named_;
  std::set<uint32_t> meant_to_run_;
  std::set<uint32_t> meant_to_fail_;
  std::set<Span> unsafe_uses_;
};

[[nodiscard]] bool may_run(uint32_t payload);
[[nodiscard]] bool is_deadly(target::Verdict verdict);  // kill and trap: the program ends unless it expects it
[[nodiscard]] bool is_enosys(const Witness& witness, target::Abi abi);

// The value of constants joined by `|`, or of a number.
[[nodiscard]] std::optional<__int128> constant_of(std::string_view text, target::Abi abi);

}  // namespace sbpc::lint
