#include "sema/targets.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ast/walk.h"
#include "base/limits.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "sema/conditions.h"
#include "sema/evaluate.h"
#include "sema/unknown.h"
#include "target/multiplexers.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

// Targets inside `{ }` carry the conditions of every list around them.
struct Level {
  const ast::Target* target;
  int outer;
};
struct FlatTarget {
  CallRef call;
  Span span;
  int level;  // innermost Level with conditions, -1 if there are none
  bool from_group;
};
struct FlatTargets {
  std::vector<FlatTarget> calls;
  std::vector<Level> levels;
};

void flatten(const Body& body, const ast::Target& target, int level, FlatTargets& flat) {
  if (!target.conditions.empty()) {
    flat.levels.push_back({&target, level});
    level = static_cast<int>(flat.levels.size()) - 1;
  }
  switch (target.kind) {
    case ast::Target::Kind::call:
      if (const auto call = find_call(body.context(), body.env, target.name))
        flat.calls.push_back({*call, target.name.span, level, false});
      return;
    case ast::Target::Kind::group:
      if (const auto* members = find_group(body.context(), body.env, target.name)) {
        for (CallRef call : *members) flat.calls.push_back({call, target.span, level, true});
      }
      return;
    case ast::Target::Kind::list:
      for (const ast::Target& member : target.members) flatten(body, member, level, flat);
      return;
  }
}

// A call without conditions twice in one list.
void check_repeats(const Body& body, const FlatTargets& flat) {
  if (flat.calls.size() < 2 || !body.is_first_look) return;
  std::vector<const FlatTarget*> plain;
  for (const FlatTarget& target : flat.calls) {
    if (target.level < 0 && !target.from_group) plain.push_back(&target);
  }
  std::ranges::stable_sort(plain, {}, [](const FlatTarget* target) { return target->call; });
  for (size_t i = 1; i < plain.size(); ++i) {
    if (plain[i]->call != plain[i - 1]->call) continue;
    body.context()
        .report(kinds::RepeatedCall, plain[i]->span, body.context().facts.name(plain[i]->call))
        .label(plain[i - 1]->span, "first written here");
  }
}

FlatTargets flatten_all(const Body& body, std::span<const ast::Target> targets) {
  FlatTargets flat;
  for (const ast::Target& target : targets) flatten(body, target, -1, flat);
  check_repeats(body, flat);
  return flat;
}

CondId build_levels(const Body& body, const FlatTargets& flat, const FlatTarget& target, Abi abi) {
  if (target.level < 0) return kAlways;
  Context& context = body.context();
  std::vector<ast::ExprId> operands;
  for (int level = target.level; level >= 0; level = flat.levels[static_cast<size_t>(level)].outer) {
    const auto& conditions = flat.levels[static_cast<size_t>(level)].target->conditions;
    operands.insert(operands.end(), conditions.begin(), conditions.end());
  }
  Site site{
      context, body.env, target.call, abi, context.facts.args(target.call, abi), target.span, &body.conditions(abi),
      {},      {}};
  site.is_checked_only = body.is_checked_only;
  return build_conditions(site, operands);
}

// `socketcall` with its first argument fixed, the lower half of it for `ipc`.
CondId selector_test(std::vector<Condition>& conditions, const target::SubCall& sub) {
  Condition condition;
  condition.kind = Condition::Kind::test;
  condition.test.arg.slots.low = 0;
  condition.test.arg.width = 32;
  const uint32_t mask = target::multiplexer(sub).mask;
  if (mask != ~uint32_t{0}) condition.test.mask = mask;
  condition.test.values = {{sub.selector, sub.selector}};
  return add_condition(conditions, std::move(condition));
}

void add_multiplexers(std::span<const ast::Target> targets, std::set<std::string_view>& found) {
  for (const ast::Target& target : targets) {
    add_multiplexers(target.members, found);
    if (target.kind == ast::Target::Kind::call && target::is_multiplexer(target.name.last()))
      found.insert(target.name.last());
  }
}

// Whether a statement of the file at hand is about the multiplexer itself: somebody has thought of it.
bool is_spoken_of(const Body& body, std::string_view multiplexer) {
  const auto [entry, is_new] = body.context().multiplexers.try_emplace(body.env.ast);
  std::set<std::string_view>& found = entry->second;
  const auto look = [&found](const ast::Statement& statement) {
    if (const auto* rule = std::get_if<ast::RuleStatement>(&statement.node)) {
      add_multiplexers(rule->targets, found);
      add_multiplexers(rule->except, found);
    }
    if (const auto* fallback = std::get_if<ast::FallbackStatement>(&statement.node))
      add_multiplexers(fallback->targets, found);
    if (const auto* require = std::get_if<ast::RequireStatement>(&statement.node))
      add_multiplexers(require->targets, found);
  };
  for (size_t i = 0; is_new && i < body.env.ast->items.size(); ++i) {
    const ast::Item& item = body.env.ast->items[i];
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) ast::for_each_statement(policy->body, look);
    if (const auto* rules = std::get_if<ast::Rules>(&item.node)) ast::for_each_statement(rules->body, look);
  }
  return found.contains(multiplexer);
}

class Binder {
 public:
  Binder(const Body& body, const TargetQuestion& question, const FlatTargets& flat)
      : body_(body), question_(question), flat_(flat) {}

  AbiTargets on(Abi abi) {
    AbiTargets made{abi, {}, {}};
    made.targets.reserve(flat_.calls.size());
    for (const FlatTarget& target : flat_.calls) {
      const auto number = body_.context().facts.number(target.call, abi);
      const auto sub = body_.context().facts.sub_call(target.call, abi);
      if (number) made.targets.push_back({*number, condition(target, abi), false});
      if (sub) add_sub_call(target, *sub, made);
    }
    return made;
  }

 private:
  // An `except` takes `else`, `fallback` and `assert` only where the text has no conditions: conditions that come to
  // nothing (`write(count >= 0)`, `write(a_bool)`) are still not kAlways.
  CondId condition(const FlatTarget& target, Abi abi) {
    const CondId built = build_levels(body_, flat_, target, abi);
    if (built != kAlways || target.level < 0 || question_.purpose != Purpose::except) return built;
    return add_condition(body_.conditions(abi), {});
  }

  // Ruling: an action without conditions also holds behind the multiplexer; with conditions a filter can't see enough
  // there.
  void add_sub_call(const FlatTarget& target, const target::SubCall& sub, AbiTargets& made) {
    const auto number = target::call_number(sub.multiplexer, made.abi);
    if (!number) return;
    const bool is_tested = target.level >= 0 && question_.purpose != Purpose::assertion;
    const Target behind{*number, selector_test(body_.conditions(made.abi), sub), true};
    if (!is_tested) {
      made.targets.push_back(behind);
      return;
    }
    made.blind.push_back({target.span, target.call, behind});
    if (question_.purpose != Purpose::rule || question_.denies || target.from_group) return;
    // Under `default allow` judge/ asks what passes a watched call; a call that has no number is not watched at all.
    const bool has_number = body_.context().facts.number(target.call, made.abi).has_value();
    if (!body_.build.default_runs || question_.otherwise != nullptr || (question_.watches && !has_number))
      warn(target, sub, made.abi);
  }

  // What is lost is an `allow`: programs are denied more than they should be.
  void warn(const FlatTarget& target, const target::SubCall& sub, Abi abi) {
    Context& context = body_.context();
    const std::string name(context.facts.name(target.call));
    const std::string multiplexer(target::call_name(sub.multiplexer));
    if (context.asserted_calls.contains(multiplexer) || is_spoken_of(body_, multiplexer)) return;
    const std::string_view may = context.facts.number(target.call, abi) ? "may also be" : "is";
    context.report(kinds::SubCallUnspecified, target.span, name, std::string(target::info(abi).name), multiplexer, may)
        .note("`" + multiplexer + "` has the call's arguments " +
              (multiplexer == "ipc" ? "in other registers" : "in memory") +
              ", so the condition isn't tested there; statements on `" + name + "` without conditions or on `" +
              multiplexer + "`, " + (question_.otherwise != nullptr ? "or `else`" : "or the default") + ", answer it");
  }

  const Body& body_;
  const TargetQuestion& question_;
  const FlatTargets& flat_;
};

void check_presence(const Body& body, const FlatTargets& flat) {
  Context& context = body.context();
  for (const FlatTarget& target : flat.calls) {
    const AbiSet having = context.facts.abis_with(target.call);
    const AbiSet lacking = body.abis - having;
    if (lacking.empty() && !body.abis.empty()) continue;
    if (!target.from_group && (having & body.named).empty()) {
      auto report =
          context.report(kinds::CallOnNoAbi, target.span, context.facts.name(target.call), to_string(body.named));
      const std::string_view other = other_name(context, context.facts.name(target.call), body.named);
      if (!other.empty())
        report.note("what it does is `" + std::string(other) + "` there")
            .fix("write `" + std::string(other) + "`", target.span, std::string(other));
      report.note(having.empty() ? "it exists on no ABI that sbpc knows" : "it exists on " + to_string(having));
    } else if (body.is_first_look && context.report.wants(kinds::SkippedCall)) {
      context.report(kinds::SkippedCall, target.span, context.facts.name(target.call), to_string(lacking));
    }
    // Conditions that no ABI of the policy would look at are still read, on one that has the call.
    if ((having & body.abis).empty() && !having.empty() && target.level >= 0 && body.is_first_look) {
      Body elsewhere = body;
      elsewhere.is_checked_only = true;
      const bool was_lenient = std::exchange(context.lenient, true);  // the policy is not for that ABI
      (void)build_levels(elsewhere, flat, target, having.first());
      context.lenient = was_lenient;
    }
  }
}

void add_members(Context& context, const Env& env, const ast::Target& target, std::vector<CallRef>& calls) {
  if (target.has_conditions) {
    context.report(kinds::ConditionInGroup, target.span)
        .note("write the conditions where the group is used: `allow @group(...)`");
  }
  switch (target.kind) {
    case ast::Target::Kind::call:
      if (const auto call = find_call(context, env, target.name)) calls.push_back(*call);
      return;
    case ast::Target::Kind::group:
      if (const auto* members = find_group(context, env, target.name))
        calls.insert(calls.end(), members->begin(), members->end());
      return;
    case ast::Target::Kind::list:
      for (const ast::Target& member : target.members) add_members(context, env, member, calls);
      return;
  }
}

void remove_excepted(Context& context, const Env& env, const ast::Group& group, std::vector<CallRef>& calls) {
  const bool had_calls = !calls.empty();
  for (const ast::Target& target : group.except) {
    std::vector<CallRef> excepted;
    const size_t errors = context.report.errors();
    add_members(context, env, target, excepted);
    const size_t removed =
        std::erase_if(calls, [&](CallRef call) { return std::ranges::find(excepted, call) != excepted.end(); });
    if (removed == 0 && context.report.errors() == errors) {
      report_useless_except(context, env.file, target.span);
    }
  }
  if (had_calls && calls.empty()) {
    const Span except = join(group.except.front().span, group.except.back().span);
    report_idle_except(context, env.file == 0 ? kinds::ExceptTakesAll : kinds::ExceptTakesAllImported, except)
        .label(group.name.span, "nothing is left of this group");
  }
}

// The calls of a group item; computed once.
const std::vector<CallRef>* members_of(Context& context, Decl decl) {
  GroupMembers& members = context.groups[key_of(decl)];
  if (members.state == Memo::State::done) return &members.calls;
  if (members.state == Memo::State::running || context.depth >= limits::kNesting) {
    const bool is_circular = members.state == Memo::State::running;
    if (!is_circular) report_too_deep(context, decl);
    if (is_circular) context.report(kinds::CircularGroup, context.span_of(decl), context.text(context.span_of(decl)));
    return nullptr;
  }
  members.state = Memo::State::running;
  ++context.depth;
  const auto& group = context.node<ast::Group>(decl);
  const Env env = context.env_of(decl.file);
  std::vector<CallRef> calls;
  for (const ast::Target& target : group.members) add_members(context, env, target, calls);
  remove_excepted(context, env, group, calls);
  std::vector<bool> seen(target::call_count() + context.facts.declared().size());
  std::erase_if(calls, [&](CallRef call) {
    const bool again = seen[call];
    seen[call] = true;
    return again;
  });
  members.calls = std::move(calls);
  --context.depth;
  members.state = Memo::State::done;
  return &members.calls;
}

}  // namespace

std::optional<CallRef> find_call(Context& context, const Env& env, const ast::QName& name) {
  const Found found = context.names.resolve(Space::calls, env.file, name);
  if (found.kind == Found::Kind::declared) {
    context.note_use({NameUse::Kind::call, name.span, context.span_of(found.decl)});
    const auto declared = context.declared.find(key_of(found.decl));
    return declared == context.declared.end() ? std::nullopt : std::optional(declared->second);
  }
  if (found.kind == Found::Kind::none && name.parts.size() == 1) {
    if (const auto call = target::find_call(name.last())) {
      context.note_use({NameUse::Kind::call, name.span, {}, call->value});
      return call->value;
    }
  }
  report_unknown_call(context, found, name);
  return std::nullopt;
}

const std::vector<CallRef>* find_group(Context& context, const Env& env, const ast::QName& name) {
  const Found found = context.names.resolve(Space::groups, env.file, name);
  if (found.kind != Found::Kind::declared) {
    if (found.kind == Found::Kind::none && name.parts.size() == 1 && target::find_call(name.last())) {
      context.report(kinds::UnknownGroup, name.span, name.last())
          .note("`" + std::string(name.last()) + "` is a system call; `@` is for groups");
      return nullptr;
    }
    report_unknown(context, found, name,
                   {kinds::UnknownGroup,
                    Space::groups,
                    {},
                    "no group is predefined: `group NAME = { ... };` makes one, and modules have some, as "
                    "`@fs.metadata` of `import std.fs;`"});
    return nullptr;
  }
  context.note_use({NameUse::Kind::group, name.span, context.span_of(found.decl)});
  return members_of(context, found.decl);
}

void check_group(Context& context, Decl decl) { (void)members_of(context, decl); }

void report_useless_except(Context& context, FileIndex file, Span span) {
  (void)report_idle_except(context, file == 0 ? kinds::ExceptNoEffect : kinds::ExceptNoEffectImported, span);
}

diag::Builder report_idle_except(Context& context, diag::Kind kind, Span span) {
  const size_t errors = context.report.errors();
  diag::Builder report = context.report(kind, span);
  context.idle_excepts += context.report.errors() - errors;
  return report;
}

std::vector<AbiTargets> bind_targets(const Body& body, const TargetQuestion& question) {
  const FlatTargets flat = flatten_all(body, question.targets);
  if (body.is_checked_only) body.build.scratch.resize(1);
  check_presence(body, flat);
  std::vector<AbiTargets> result;
  Binder binder(body, question, flat);
  for (Abi abi : body.abis) result.push_back(binder.on(abi));
  return result;
}

void note_blind_denials(const Body& body, const AbiTargets& bound) {
  const Facts& facts = body.context().facts;
  AbiPolicy& policy = body.build.abis[static_cast<size_t>(bound.abi)].policy;
  for (const BlindTarget& blind : bound.blind) {
    const auto sub = facts.sub_call(blind.call, bound.abi);
    policy.blind_denials.push_back({blind.span, std::string(facts.name(blind.call)),
                                    std::string(target::call_name(sub->multiplexer)),
                                    facts.number(blind.call, bound.abi), blind.behind});
  }
}

std::vector<std::vector<CallRef>> calls_of_each(const Body& body, std::span<const ast::Target> targets) {
  std::vector<std::vector<CallRef>> result;
  for (const ast::Target& target : targets) {
    FlatTargets flat;
    flatten(body, target, -1, flat);
    std::vector<CallRef>& calls = result.emplace_back();
    for (const FlatTarget& call : flat.calls) calls.push_back(call.call);
  }
  return result;
}

}  // namespace sbpc::sema
