#include "sema/build_policy.h"

#include <algorithm>
#include <utility>

#include "diag/kinds/lints.def"
#include "sema/expand.h"
#include "sema/policy_lines.h"
#include "sema/tests.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

struct Whole {
  Context& context;
  const PolicyRequest& request;
  const ast::Policy& node;
  Env env;
  AbiSet named;
  PolicyLines lines;
  Build build;
  ScopeId root;
};

// The policy's own body, with nothing in it yet.
Body empty_body(Build& build, const Env& env, AbiSet named) {
  const ScopeId root = build.new_scope();
  Body body{build, env, named, named, root, no_guards()};
  body.is_policy = true;
  for (Abi abi : named) {
    build.abis[static_cast<size_t>(abi)].policy.conditions.emplace_back();  // kAlways
    (void)build.scope(abi, root);
  }
  return body;
}

// The calls that the policy's own assertions are about.
void note_asserted(Context& context, const ast::Policy& policy) {
  context.asserted_calls.clear();
  for (const ast::Statement& statement : policy.body) {
    const auto* assertion = std::get_if<ast::AssertStatement>(&statement.node);
    if (assertion == nullptr) continue;
    for (const ast::Target& target : assertion->targets) {
      if (target.kind == ast::Target::Kind::call) context.asserted_calls.insert(target.name.last());
    }
  }
}

void expand_body(Whole& whole) {
  note_asserted(whole.context, whole.node);
  Build& build = whole.build;
  const Body body = empty_body(build, whole.env, whole.named);
  whole.root = body.scope;
  expand_block(body, whole.node.body);
  if (whole.request.test == nullptr) {
    collect_assertions(build, whole.root);
  } else {
    if (!whole.request.test->arguments.empty()) {
      collect_assertions(build, whole.root);
      for (AbiBuild& abi : build.abis) abi.policy.promises = std::exchange(abi.policy.assertions, {});
    }
    Body expected = body;
    expected.abis = expected.named = whole.named & whole.request.only.value_or(whole.named);
    expand_expectations(expected, *whole.request.test);
  }
  drop_unsaid_excepts(build);
}

std::vector<DeclaredNumber> declared_on(const Context& context, Abi abi) {
  std::vector<DeclaredNumber> calls;
  const auto at = static_cast<size_t>(abi);
  for (const DeclaredCall& call : context.facts.declared()) {
    if (call.numbers[at]) calls.push_back({*call.numbers[at], std::string(call.name), call.args[at]});
  }
  std::ranges::sort(calls, {}, &DeclaredNumber::nr);
  return calls;
}

Policy family_policy(Whole& whole, AbiSet family) {
  Policy policy;
  policy.name = whole.node.name.text;
  policy.span = whole.node.name.span;
  for (Abi abi : family) {
    AbiPolicy part = std::move(whole.build.abis[static_cast<size_t>(abi)].policy);
    part.abi = abi;
    part.root = whole.root;
    part.scopes.resize(whole.build.scopes);
    part.declared = declared_on(whole.context, abi);
    policy.abis.push_back(std::move(part));
  }
  policy.holes = whole.context.holes;
  policy.places = whole.build.places;
  if (whole.lines.default_line != nullptr) {
    policy.places.push_back({whole.lines.default_line->span, {}, whole.lines.default_line->doc});
  }
  const LineReader reader{whole.context, whole.env, whole.named, PlaceId(policy.places.size() - 1)};
  apply_lines(reader, whole.lines, policy);
  return policy;
}

void check_notify(const Whole& whole, const Policy& policy) {
  std::optional<Span> place = whole.build.first_notify;
  if (policy.otherwise.action == target::Action::notify && whole.lines.default_line != nullptr)
    place = whole.lines.default_line->span;
  if (!place || policy.install.new_listener) return;
  whole.context.report(kinds::NotifyWithoutListener, *place)
      .note("without a listener the kernel answers such calls with ENOSYS: write `install new_listener;`");
}

std::vector<AbiSet> families(AbiSet named) {
  std::vector<AbiSet> result;
  for (Abi abi : named) {
    const target::Family family = target::info(abi).family;
    const auto same = std::ranges::find(result, family, [](AbiSet set) { return target::info(set.first()).family; });
    if (same != result.end()) {
      same->add(abi);
    } else {
      result.emplace_back(abi);
    }
  }
  return result;
}

}  // namespace

AbiSet abis_of_policy(Context& context, const ast::Policy& policy) {
  if (!policy.abis.empty()) return abis_named(context, policy.abis);
  AbiSet set;
  for (Abi abi : context.options.targets) set.add(abi);
  return set.empty() ? AbiSet(target::host_abi()) : set;
}

std::vector<Policy> build_policy(Context& context, const PolicyRequest& request) {
  const auto& node = context.node<ast::Policy>(request.policy);
  const AbiSet named = abis_of_policy(context, node);
  const AbiSet built = named & request.only.value_or(named);  // what the policy says is judged by all its ABIs
  PolicyLines lines = find_lines(context, node);
  if (built.empty()) return {};
  context.holes.clear();
  context.test_values = 0;
  const Frame frame = policy_frame(context, request.policy, named, request.given);
  Env env = context.env_of(request.policy.file);
  env.frame = &frame;
  Whole whole{context, request, node, env, named, std::move(lines), Build(context), {}};
  whole.build.default_runs = default_lets_run(context, env, whole.lines, named.first());
  expand_body(whole);
  std::vector<Policy> policies;
  for (AbiSet family : families(built)) policies.push_back(family_policy(whole, family));
  check_notify(whole, policies.front());
  return policies;
}

void check_expectations(Context& context, const PolicyRequest& request) {
  const AbiSet named = abis_of_policy(context, context.node<ast::Policy>(request.policy));
  if (named.empty()) return;
  context.holes.clear();
  context.test_values = 0;
  const Frame frame = policy_frame(context, request.policy, named, request.given);
  Env env = context.env_of(request.policy.file);
  env.frame = &frame;
  Build build(context);
  expand_expectations(empty_body(build, env, named), *request.test);
}

}  // namespace sbpc::sema
