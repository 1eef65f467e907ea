// expand_rules.cpp: the statements that decide calls, and the assertions about them.
#include <algorithm>
#include <unordered_set>

#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "sema/action.h"
#include "sema/conditions.h"
#include "sema/expand.h"
#include "sema/policy_lines.h"
#include "sema/targets.h"
#include "target/multiplexers.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;
using target::Action;
using target::Verdict;

using Verdicts = std::array<std::optional<Verdict>, kAbis>;

// The action on every ABI of the body: errno values differ. nullopt after a report.
std::optional<Verdicts> verdicts_of(const Statement& statement, const ast::Action& action) {
  const Body& body = statement.body;
  Verdicts verdicts;
  bool good = true;
  for (Abi abi : body.abis) {
    const Value value = action_of({body.context(), body.env, abi}, action);
    if (is_poison(value)) good = false;
    if (value.via_parameter) ++body.context().parameters_read;
    verdicts[static_cast<size_t>(abi)] = value.verdict;
    if (value.kind == Value::Kind::action && value.verdict.action == Action::notify && !body.is_checked_only &&
        !body.build.first_notify) {
      body.build.first_notify = statement.ast.span;
    }
  }
  return good ? std::optional(verdicts) : std::nullopt;
}

bool stops_calls(const std::optional<Verdicts>& verdicts, const Body& body) {
  if (!verdicts || body.abis.empty()) return false;
  return !target::info((*verdicts)[static_cast<size_t>(body.abis.first())]->action).may_run;
}

bool watches_calls(const std::optional<Verdicts>& verdicts, const Body& body) {
  if (!verdicts || body.abis.empty() || stops_calls(verdicts, body)) return false;
  return (*verdicts)[static_cast<size_t>(body.abis.first())]->action != Action::allow;
}

// Whether one of the two is the multiplexer behind which the other is: each takes that part of the other.
bool reaches(const Body& body, CallRef call, CallRef multiplexer) {
  if (!Facts::is_builtin(multiplexer)) return false;
  const target::CallId id(multiplexer);
  if (target::find_multiplexer(id) == nullptr) return false;
  bool found = false;
  for (Abi abi : body.abis) {
    const auto sub = body.context().facts.sub_call(call, abi);
    found |= sub && sub->multiplexer == id;
  }
  return found;
}

// Each target after `except` must name at least one call that is there to be removed.
void check_except(const Statement& statement, std::span<const ast::Target> targets,
                  std::span<const ast::Target> except) {
  if (except.empty() || !statement.body.is_first_look) return;
  std::unordered_set<CallRef> there;
  for (const auto& calls : calls_of_each(statement.body, targets)) {
    if (calls.empty()) return;  // unknown, and told
    there.insert(calls.begin(), calls.end());
  }
  const auto removed = calls_of_each(statement.body, except);
  for (size_t i = 0; i < removed.size(); ++i) {
    const bool any = std::ranges::any_of(removed[i], [&](CallRef call) {
      return there.contains(call) || std::ranges::any_of(there, [&](CallRef other) {
               return reaches(statement.body, call, other) || reaches(statement.body, other, call);
             });
    });
    if (any || removed[i].empty()) continue;
    const Span span = except[i].span;
    report_useless_except(statement.body.context(), statement.body.env.file, span);
  }
}

// `else` answers the calls that a rule names, behind the multiplexers, too.
std::optional<Fallback> blind_otherwise(const Body& body, const AbiTargets& bound, const Rule& rule) {
  if (!rule.otherwise) return std::nullopt;
  const std::vector<Condition>& conditions = body.conditions(bound.abi);
  const auto is_taken = [&](const BlindTarget& blind) {
    return std::ranges::any_of(rule.except, [&](const Target& out) {
      if (out.nr != blind.behind.nr) return false;
      const auto selected = [&](const Target& target) {
        return conditions[target.when.value].test.values.front().first;
      };
      return out.when == kAlways || (out.sub_call && selected(out) == selected(blind.behind));
    });
  };
  Fallback fallback{rule.place, rule.guard, *rule.otherwise, {}, {}};
  for (const BlindTarget& blind : bound.blind) {
    if (!is_taken(blind)) fallback.sub_calls.push_back(blind.behind);
  }
  return fallback.sub_calls.empty() ? std::nullopt : std::optional(std::move(fallback));
}

std::vector<Target> take(std::vector<AbiTargets>& list, size_t index) {
  return index < list.size() ? std::move(list[index].targets) : std::vector<Target>{};
}

}  // namespace

bool is_turned_round(const Body& body, const ast::Action& action, std::span<const ast::Target> targets,
                     std::string_view before) {
  Context& context = body.context();
  const std::string_view call = action.name.text;
  if (targets.size() != 1 || targets[0].kind != ast::Target::Kind::call || targets[0].name.parts.size() != 1 ||
      !target::find_action(targets[0].name.last()) || target::find_action(call) || !target::find_call(call) ||
      (body.env.frame != nullptr && body.env.frame->find(call) != nullptr))
    return false;
  const std::string right = std::string(context.text(targets[0].span)) + " " + std::string(call);
  context.report(kinds::UnknownAction, action.name.span, call)
      .note("the action comes before the calls: `" + std::string(before) + right + ";`")
      .fix("write `" + right + "`", join(action.span, targets[0].span), right, true);
  return true;
}

void expand_rule(const Statement& statement, const ast::RuleStatement& node) {
  const Body& body = statement.body;
  if (is_turned_round(body, node.action, node.targets, {})) return;
  const auto verdicts = verdicts_of(statement, node.action);
  if (!verdicts && reads_as_line(node)) return;
  const auto otherwise = node.otherwise ? verdicts_of(statement, *node.otherwise) : std::nullopt;
  const bool denies = stops_calls(verdicts, body);
  const ast::Action* named_otherwise = node.otherwise ? &*node.otherwise : nullptr;
  auto targets =
      bind_targets(body, {node.targets, Purpose::rule, denies, named_otherwise, watches_calls(verdicts, body)});
  auto except = node.except.empty() ? std::vector<AbiTargets>{} : bind_targets(body, {node.except, Purpose::except});
  check_except(statement, node.targets, node.except);
  if (body.is_checked_only || !verdicts || (node.otherwise && !otherwise) || !count_statement(statement)) return;
  const PlaceId place = add_place(statement);
  size_t index = 0;
  for (Abi abi : body.abis) {
    const auto at = static_cast<size_t>(abi);
    Rule rule{place, body.guard(abi), *(*verdicts)[at], take(targets, index), take(except, index), std::nullopt};
    if (otherwise) rule.otherwise = *(*otherwise)[at];
    if (denies) note_blind_denials(body, targets[index]);
    if (!denies && index < except.size()) note_blind_denials(body, except[index]);
    if (auto blind = blind_otherwise(body, targets[index], rule))
      body.build.scope(abi, body.scope).fallbacks.push_back(std::move(*blind));
    ++index;
    if (!rule.targets.empty()) body.build.scope(abi, body.scope).rules.push_back(std::move(rule));
  }
}

void expand_fallback(const Statement& statement, const ast::FallbackStatement& node) {
  const Body& body = statement.body;
  if (is_turned_round(body, node.action, node.targets, "fallback ")) return;
  const auto verdicts = verdicts_of(statement, node.action);
  for (const ast::Target& target : node.targets) {
    if (target.conditions.empty()) continue;
    body.context()
        .report(kinds::ConditionInFallback, target.span)
        .note(
            "`fallback` answers what no other statement decides about a whole call; for a part of it write a rule: "
            "`ACTION call(...)`");
  }
  auto targets = bind_targets(body, {node.targets, Purpose::rule});
  if (body.is_checked_only || !verdicts || !count_statement(statement)) return;
  const PlaceId place = add_place(statement);
  for (AbiTargets& on_abi : targets) {
    Fallback fallback{place, body.guard(on_abi.abi), *(*verdicts)[static_cast<size_t>(on_abi.abi)], {}, {}};
    for (const Target& target : on_abi.targets) {
      if (target.sub_call) {
        fallback.sub_calls.push_back(target);
      } else {
        fallback.calls.push_back(target.nr);
      }
    }
    if (!on_abi.targets.empty()) body.build.scope(on_abi.abi, body.scope).fallbacks.push_back(std::move(fallback));
  }
}

void expand_require(const Statement& statement, const ast::RequireStatement& node) {
  const Body& body = statement.body;
  const auto verdicts = verdicts_of(statement, node.otherwise);
  if (node.otherwise.name.text == target::info(Action::allow).name)
    body.context()
        .report(kinds::RequireAllows, node.otherwise.span)
        .note("what `require` refuses gets a stricter action: `else errno(EPERM)`; to let calls run write `allow`");
  const bool denies = stops_calls(verdicts, body);
  auto targets = bind_targets(body, {node.targets, Purpose::rule, denies, {}, watches_calls(verdicts, body)});
  if (body.is_checked_only || !verdicts || !count_statement(statement)) return;
  const PlaceId place = add_place(statement);
  for (AbiTargets& on_abi : targets) {
    const Verdict verdict = *(*verdicts)[static_cast<size_t>(on_abi.abi)];
    if (denies) note_blind_denials(body, on_abi);
    if (on_abi.targets.empty()) continue;
    body.build.scope(on_abi.abi, body.scope)
        .requires_.push_back({place, body.guard(on_abi.abi), std::move(on_abi.targets), verdict});
  }
}

void expand_assert(const Statement& statement, const ast::AssertStatement& node) {
  const Body& body = statement.body;
  if (node.condition) {
    assert_parameters(statement, *node.condition);
    return;
  }
  if (is_turned_round(body, node.outcome, node.targets, node.never ? "assert never " : "assert ")) return;
  auto targets = bind_targets(body, {node.targets, Purpose::assertion});
  auto except = node.except.empty() ? std::vector<AbiTargets>{} : bind_targets(body, {node.except, Purpose::except});
  check_except(statement, node.targets, node.except);
  std::array<std::optional<OutcomeValue>, kAbis> outcomes;
  for (Abi abi : body.abis) {
    outcomes[static_cast<size_t>(abi)] = outcome_of({body.context(), body.env, abi}, node.outcome);
    if (!outcomes[static_cast<size_t>(abi)]) return;
  }
  if (body.is_checked_only || !count_statement(statement)) return;
  const PlaceId place = add_place(statement);
  size_t index = 0;
  for (Abi abi : body.abis) {
    const OutcomeValue outcome = *outcomes[static_cast<size_t>(abi)];
    Assertion assertion{place,        body.guard(abi),      node.never,         outcome.action,
                        outcome.data, take(targets, index), take(except, index)};
    ++index;
    if (!assertion.targets.empty())
      body.build.abis[static_cast<size_t>(abi)].assertions.push_back({body.scope, std::move(assertion)});
  }
}

}  // namespace sbpc::sema
