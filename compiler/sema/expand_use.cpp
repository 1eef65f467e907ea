// expand_use.cpp: `use set(args) except targets;`. A rule set with the same arguments is expanded once and shared, so
// that sets that use sets that use sets cost what their text costs, not what their tree costs.
#include <algorithm>
#include <set>
#include <unordered_set>

#include "base/limits.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "diag/kinds/names.def"
#include "sema/arguments.h"
#include "sema/expand.h"
#include "sema/targets.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

std::optional<Decl> find_rules(Context& context, const Env& env, const ast::QName& name) {
  const Found found = context.names.resolve(Space::rules, env.file, name);
  if (found.kind != Found::Kind::declared) {
    report_unknown(context, found, name, {kinds::UnknownRules, Space::rules, {}});
    return std::nullopt;
  }
  context.note_use({NameUse::Kind::rules, name.span, context.span_of(found.decl)});
  if (const auto* rules = context.node_if<ast::Rules>(found.decl))
    return rules->is_broken ? std::nullopt : std::optional(found.decl);  // the parser has reported it
  context.report(kinds::UsedPolicy, name.span, name.last())
      .note("move what both policies need into `rules NAME { ... }`");
  return std::nullopt;
}

void check_unsafe(const Statement& statement, const ast::UseStatement& node, Decl decl) {
  Context& context = statement.body.context();
  const auto& rules = context.node<ast::Rules>(decl);
  if (rules.is_unsafe == node.is_unsafe) return;
  const Span name = node.set.span;
  if (rules.is_unsafe) {
    context.report(kinds::UnsafeNotSaid, name, rules.name.text)
        .label(rules.name.span, "declared `unsafe` here")
        .fix("write `use unsafe`", Span{name.file, name.begin, name.begin}, "unsafe ");
  } else {
    context.report(kinds::UselessUnsafe, name, rules.name.text).label(rules.name.span, "this rule set is not `unsafe`");
  }
}

std::string cycle_text(const Context& context, std::span<const Decl> open, Decl decl) {
  std::string text;
  for (auto from = std::ranges::find(open, decl); from != open.end(); ++from) {
    text += "`" + std::string(context.node<ast::Rules>(*from).name.text) + "` uses ";
  }
  return text + "`" + std::string(context.node<ast::Rules>(decl).name.text) + "`";
}

bool may_enter(const Statement& statement, const ast::UseStatement& node, Decl decl) {
  const Build& build = statement.body.build;
  Context& context = statement.body.context();
  if (std::ranges::find(build.open, decl) != build.open.end()) {
    context.report(kinds::RecursiveRules, node.set.span, cycle_text(context, build.open, decl));
    return false;
  }
  if (build.open.size() < limits::kUseDepth) return true;
  context.report(kinds::UseTooDeep, node.set.span, limits::kUseDepth);
  return false;
}

// Expands the set's body with the frame's values into a scope of its own.
Instance expand_instance(const Statement& statement, Decl decl, Frame frame) {
  const Body& body = statement.body;
  Build& build = body.build;
  Context& context = body.context();
  const auto& rules = context.node<ast::Rules>(decl);
  Instance instance{body.abis, std::move(frame), build.new_scope(), 0};
  Body inner{build,          {&context.module.files[decl.file].ast, decl.file, &instance.frame},
             body.abis,      AbiSet::all(),
             instance.scope, no_guards()};
  inner.is_first_look = build.instances[key_of(decl)].empty();
  context.rules_used.insert(key_of(decl));
  const uint64_t before = build.statements;
  build.open.push_back(decl);
  context.use_stack.push(statement.ast.span, context.module.files[decl.file].ast.items[decl.item].span);
  expand_block(inner, rules.body);
  context.use_stack.pop();
  build.open.pop_back();
  instance.statements = build.statements - before;
  return instance;
}

ScopeId scope_for(const Statement& statement, Decl decl, Frame frame) {
  constexpr size_t kLookBack = 16;
  Build& build = statement.body.build;
  const std::vector<Instance>& known = build.instances[key_of(decl)];
  const size_t first = known.size() > kLookBack ? known.size() - kLookBack : 0;
  for (size_t i = first; i < known.size(); ++i) {
    if (!(known[i].abis == statement.body.abis) || !same_values(known[i].frame, frame, known[i].abis)) continue;
    build.statements += known[i].statements;
    return known[i].scope;
  }
  Instance made = expand_instance(statement, decl, std::move(frame));
  std::vector<Instance>& list = build.instances[key_of(decl)];
  list.push_back(std::move(made));
  return list.back().scope;
}

// The numbers that a scope and everything below it speak about, and those that are only asserted there.
struct NumbersOf {
  Build& build;
  Abi abi;
  std::unordered_set<uint32_t> numbers{};
  std::unordered_set<uint32_t> whole{};  // of these, those that are named themselves, not by calls behind them
  std::unordered_set<uint32_t> asserted{};
  std::set<std::pair<uint32_t, Int>> behind{};  // socketcall and ipc: with the number of the call behind
  std::unordered_set<uint32_t> seen{};          // scopes
  bool has_untaken = false;                     // with other values there may be more
  void add(ScopeId id);
  void add(const std::vector<Target>& targets);
  void add_asserts();
};

void NumbersOf::add(ScopeId id) {
  if (!seen.insert(id.value).second) return;
  const Scope& scope = build.scope(abi, id);
  has_untaken |= scope.has_untaken;
  for (const Rule& rule : scope.rules) add(rule.targets);
  for (const Require& require : scope.requires_) add(require.targets);
  for (const Fallback& fallback : scope.fallbacks) {
    numbers.insert(fallback.calls.begin(), fallback.calls.end());
    whole.insert(fallback.calls.begin(), fallback.calls.end());
    add(fallback.sub_calls);
  }
  for (const Use& use : scope.uses) add(use.scope);
  for (const Override& inner : scope.overrides) add(inner.scope);
}

void NumbersOf::add(const std::vector<Target>& targets) {
  const std::vector<Condition>& conditions = build.abis[static_cast<size_t>(abi)].policy.conditions;
  for (const Target& target : targets) {
    numbers.insert(target.nr);
    if (target.sub_call) {
      behind.emplace(target.nr, conditions[target.when.value].test.values.front().first);
    } else {
      whole.insert(target.nr);
    }
  }
}

void NumbersOf::add_asserts() {
  for (const ScopedAssertion& each : build.abis[static_cast<size_t>(abi)].assertions) {
    if (!seen.contains(each.scope.value)) continue;
    for (const Target& target : each.assertion.targets) asserted.insert(target.nr);
  }
}

void check_except(const Statement& statement, const ast::UseStatement& node, ScopeId scope) {
  const Body& body = statement.body;
  if (node.except.empty() || !body.is_first_look) return;
  const auto removed = calls_of_each(body, node.except);
  std::vector<bool> useful(removed.size());
  for (Abi abi : body.abis) {
    NumbersOf all{body.build, abi};
    all.add(scope);
    all.add_asserts();
    for (size_t i = 0; i < removed.size(); ++i) {
      useful[i] =
          useful[i] || all.has_untaken || removed[i].empty() || std::ranges::any_of(removed[i], [&](CallRef call) {
            const Facts& facts = body.context().facts;
            const auto sub = facts.sub_call(call, abi);
            const auto multiplexer = sub ? target::call_number(sub->multiplexer, abi) : std::nullopt;
            if (multiplexer && (all.whole.contains(*multiplexer) || all.behind.contains({*multiplexer, sub->selector})))
              return true;
            const auto number = facts.number(call, abi);
            if (!number) return false;
            return all.numbers.contains(*number) ||
                   (node.except[i].conditions.empty() && all.asserted.contains(*number));
          });
    }
  }
  for (size_t i = 0; i < removed.size(); ++i) {
    if (useful[i] || body.abis.empty()) continue;
    const Span span = node.except[i].span;
    report_useless_except(body.context(), body.env.file, span);
  }
}

}  // namespace

void expand_use(const Statement& statement, const ast::UseStatement& node) {
  const Body& body = statement.body;
  const auto decl = find_rules(body.context(), body.env, node.set);
  auto except = node.except.empty() ? std::vector<AbiTargets>{} : bind_targets(body, {node.except, Purpose::except});
  if (!decl) return;
  check_unsafe(statement, node, *decl);
  auto frame = bind_arguments(body, *decl, {node.set.span, node.arguments});
  if (!frame || body.is_checked_only || body.abis.empty() || !may_enter(statement, node, *decl) ||
      !count_statement(statement))
    return;
  const ScopeId scope = scope_for(statement, *decl, std::move(*frame));
  check_except(statement, node, scope);
  const PlaceId place = add_place(statement);
  size_t index = 0;
  for (Abi abi : body.abis) {
    Use use{place, body.guard(abi), scope, {}, node.is_unsafe};
    if (index < except.size()) {
      note_blind_denials(body, except[index]);
      use.except = std::move(except[index].targets);
    }
    ++index;
    (void)body.build.scope(abi, scope);
    body.build.scope(abi, body.scope).uses.push_back(std::move(use));
  }
}

void drop_unsaid_excepts(Build& build) {
  for (Abi abi : AbiSet::all()) {
    for (uint32_t id = 0; id < build.abis[static_cast<size_t>(abi)].policy.scopes.size(); ++id) {
      for (Use& use : build.scope(abi, ScopeId(id)).uses) {
        if (use.except.empty()) continue;
        NumbersOf set{build, abi};
        set.add(use.scope);
        std::erase_if(use.except, [&](const Target& target) { return !set.numbers.contains(target.nr); });
      }
    }
  }
}

void check_rules(Build& build, Decl decl, AbiSet abis) {
  Context& context = build.context;
  const Frame frame = open_frame(context, decl, abis);
  Body body{build,      {&context.module.files[decl.file].ast, decl.file, &frame}, abis, AbiSet::all(), ScopeId(0U),
            no_guards()};
  body.is_checked_only = true;
  expand_block(body, context.node<ast::Rules>(decl).body);
}

}  // namespace sbpc::sema
