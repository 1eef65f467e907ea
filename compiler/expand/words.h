// words.h: one ABI's numbers, slots and values as the words of the language.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ir/program.h"
#include "lower/scopes.h"
#include "sema/module.h"
#include "sema/policy.h"

namespace sbpc::expand {

// The calls that a text speaks of.
struct Spoken {
  std::set<uint32_t> numbers;
  std::set<uint32_t> whole;         // of these, those that are named themselves, not by calls behind them
  std::set<std::string> sub_calls;  // behind socketcall and ipc, by name
  [[nodiscard]] bool is_empty() const { return numbers.empty() && sub_calls.empty(); }
};

class Words {
 public:
  Words(const sema::Module& module, const sema::Policy& policy, const sema::AbiPolicy& abi);

  // "read, write(fd == 1)". Targets that can never match are left out if `prune`: a parameter's value has emptied them,
  // and written down they would be a contradiction.
  [[nodiscard]] std::string targets(const std::vector<sema::Target>& list, bool prune);
  [[nodiscard]] std::string calls(const sema::Fallback& fallback);
  // The targets that its own `except` does not take away as a whole, without those that a parameter's value has emptied
  // and that leave no trace.
  [[nodiscard]] std::vector<sema::Target> left_of(const sema::Rule& rule);
  [[nodiscard]] bool has_condition(const sema::Target& target) {
    return !target.sub_call && conditions_(target.when) != scratch_.conds.always();
  }
  // What a rule speaks of: "read, openat except openat(flags has O_CREAT)". Calls that are taken away as a whole are
  // not named at all, and exceptions from what is not named would be mistakes in one text. Empty: nothing.
  [[nodiscard]] std::string speaks_of(const sema::Rule& rule);
  // " except openat(...)", of those calls only that are spoken of.
  [[nodiscard]] std::string except(const std::vector<sema::Target>& list, const Spoken& spoken);
  void add(const std::vector<sema::Target>& targets, Spoken& spoken) const;
  // The fallback without what the `else` of the scope's rule says again where the rule is written.
  [[nodiscard]] sema::Fallback without_else(sema::Fallback fallback, const sema::Scope& scope);
  [[nodiscard]] std::string verdict(target::Verdict verdict) const;
  // Calls that `targets` has written as groups of one, `@only_shmat`: a condition on a call that `ipc` or `socketcall`
  // stands for as well is an error under `default allow`, but for groups, which leave the multiplexer to a statement of
  // its own.
  [[nodiscard]] const std::set<std::string>& groups() const { return groups_; }
  // The run-time parameters that the texts have named since the last call.
  [[nodiscard]] std::set<uint32_t> take_holes() { return std::exchange(holes_, {}); }
  // `text` inside the run-time `if`s that the guard asks for.
  [[nodiscard]] std::string guarded(sema::CondId guard, std::string text);

  // The call's name on this ABI; and that of one behind socketcall or ipc.
  [[nodiscard]] std::string call(uint32_t nr) const;
  [[nodiscard]] std::string sub_call(const sema::Target& target) const;

 private:
  [[nodiscard]] bool is_hidden(uint32_t nr) const;
  [[nodiscard]] bool leaves_sub_call(const std::vector<sema::Target>& list, const sema::Target& target) const;
  [[nodiscard]] std::string condition(sema::CondId id, uint32_t nr);
  [[nodiscard]] std::string written(const std::vector<sema::Target>& list, bool prune, bool is_except);
  void count_mentions();
  [[nodiscard]] bool is_emptied(const sema::Target& target);
  [[nodiscard]] bool is_contradiction(const sema::Condition& all);
  [[nodiscard]] std::string joined(const sema::Condition& condition, uint32_t nr);
  void add_operands(const sema::Condition& list, std::vector<sema::CondId>& out);
  [[nodiscard]] bool is_list(const sema::Condition& condition) const;
  [[nodiscard]] bool is_command(sema::CondId id, uint32_t nr) const;
  [[nodiscard]] sema::CondId essence(sema::CondId id);
  [[nodiscard]] std::string test(const sema::Test& test, uint32_t nr);
  [[nodiscard]] const std::string& hole(sema::HoleId id);
  [[nodiscard]] std::optional<target::Arg> argument(const sema::ArgRef& ref, uint32_t nr) const;
  [[nodiscard]] std::string declared_argument(const sema::ArgRef& ref, uint32_t nr) const;

  const sema::Module& module_;
  const sema::Policy& policy_;
  const sema::AbiPolicy& abi_;
  ir::Program scratch_;
  lower::Workshop workshop_;
  lower::Conditions conditions_;
  std::set<std::string> groups_;
  std::set<uint32_t> holes_;
  std::map<uint32_t, size_t> mentions_;  // by number: how many targets of all statements are that call
  std::map<std::pair<uint32_t, uint64_t>, std::string_view> sub_calls_;  // by multiplexer's number and selector
};

}  // namespace sbpc::expand
