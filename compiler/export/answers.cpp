#include "export/answers.h"

#include <fmt/format.h>

#include <algorithm>

namespace sbpc::exporter {
namespace {

using importer::AbiSet;
using ir::Ref;
using target::Abi;
using target::Action;
using target::Verdict;

constexpr uint16_t kEperm = 1;

}  // namespace

void Answers::set_default(const sema::Policy& policy, Plan& plan) {
  otherwise_ = policy_otherwise_ = nearest(policy.otherwise);
  if (format_.actions == Actions::line) limit_otherwise(plan);
  plan.profile.otherwise = otherwise_;
}

// minijail's calls without a line die or, in a list of denials, pass.
void Answers::limit_otherwise(Plan& plan) {
  switch (otherwise_.action) {
    case Action::kill_process:
    case Action::kill_thread:
    case Action::trap:
    case Action::notify:
    case Action::allow: return;
    case Action::errno_:
    case Action::trace:
    case Action::log: break;
  }
  otherwise_ = {Action::kill_thread, 0};
  plan.default_reason = "what no line names dies, is trapped or is asked about";
  plan.default_remedy =
      "`default kill_thread;` is what it has; single calls can have errors: `errno(EPERM) mount, umount2;`";
}

bool Answers::has_word(Verdict verdict) const {
  const bool is_denylist = format_.actions == Actions::line && otherwise_.action == Action::allow;
  return format_.says(verdict) && (!is_denylist || verdict.action == Action::errno_ || verdict.action == Action::allow);
}

Verdict Answers::nearest(Verdict verdict) const {
  if (has_word(verdict)) return verdict;
  const bool is_errno = verdict.action == Action::errno_;  // without data it is a success
  if (!is_errno && has_word({verdict.action, 0})) return {verdict.action, 0};
  const auto with = [](int action) {
    const auto made = static_cast<Action>(action);
    return Verdict{made, made == Action::errno_ ? kEperm : uint16_t{0}};
  };
  for (int action = static_cast<int>(verdict.action) - (is_errno ? 0 : 1); action >= 0; --action) {
    if (has_word(with(action))) return with(action);
  }
  const Verdict kill{Action::kill_thread, 0};  // every format has it, but for minijail's lists of denials
  return has_word(kill) ? kill : Verdict{Action::errno_, kEperm};
}

// Where all rules of a file have one answer: that of most calls, `allow` before all where the default denies, a
// denial before what runs where it does not.
void Answers::set_matched(std::span<const Input> inputs, AbiSet abis) {
  Counts counts;
  for (const Input& input : inputs) {
    for (const Abi abi : abis) count(*input.program, abi, counts);
  }
  counts.erase(otherwise_);
  const Verdict allow{Action::allow, 0};
  if (counts.empty()) {
    matched_ = otherwise_ == allow ? Verdict{Action::kill_process, 0} : allow;
    return;
  }
  const bool is_open = target::info(otherwise_.action).may_run;
  if (!is_open && counts.contains(allow)) {
    matched_ = allow;
    return;
  }
  const auto runs = [](const auto& row) { return target::info(row.first.action).may_run; };
  if (is_open && !std::ranges::all_of(counts, runs)) std::erase_if(counts, runs);
  matched_ = std::ranges::max_element(counts, {}, [](const auto& row) { return row.second; })->first;
}

void Answers::count(const ir::Program& program, Abi abi, Counts& counts) const {
  const auto section = std::ranges::find(program.sections, target::info(abi).audit_arch, &ir::Section::arch);
  if (section == program.sections.end()) return;
  for (const target::NumberedCall& row : target::calls_of(abi)) {
    const Ref meaning = program.functions[ir::function_of(*section, row.nr).value].meaning;
    if (!meaning.valid()) continue;
    for (const uint32_t payload : program.diagram.payloads(meaning)) ++counts[nearest(target::decode(payload))];
  }
}

// Of the two that there are: the weaker one that is strict enough.
Verdict Answers::one_of_two(Verdict verdict) const {
  const auto [strict, weak] = std::minmax(otherwise_, matched_);
  return verdict == weak || weak < verdict ? weak : strict;
}

Ref Answers::sayable(ir::Diagram& diagram, Ref answer, const std::string& call) const {
  return diagram.map(answer, [&](uint32_t payload) {
    const Verdict verdict = target::decode(payload);
    const Verdict there = nearest(verdict);
    if (there != verdict) reason_(call, fmt::format("it has no word for `{}`", target::to_string(verdict)));
    if (format_.actions != Actions::one || there == otherwise_ || there == matched_) return target::encode(there);
    reason_(call, "it has one answer beside the default");
    return target::encode(one_of_two(there));
  });
}

}  // namespace sbpc::exporter
