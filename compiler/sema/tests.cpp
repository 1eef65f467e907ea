#include "sema/tests.h"

#include <algorithm>

#include "diag/kinds/lints.def"
#include "diag/kinds/names.def"
#include "sema/action.h"
#include "sema/build_policy.h"
#include "sema/expand.h"
#include "sema/targets.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

void expand_expectation(const Body& body, const ast::Expectation& expectation) {
  const std::string_view before = expectation.never ? "expect never " : "expect ";
  if (is_turned_round(body, expectation.outcome, expectation.targets, before)) return;
  auto targets = bind_targets(body, {expectation.targets, Purpose::assertion});
  ast::Statement statement;
  statement.span = expectation.span;
  const PlaceId place = add_place({body, statement});
  for (AbiTargets& on_abi : targets) {
    const auto outcome = outcome_of({body.context(), body.env, on_abi.abi}, expectation.outcome);
    if (!outcome || on_abi.targets.empty()) continue;
    AbiPolicy& policy = body.build.abis[static_cast<size_t>(on_abi.abi)].policy;
    policy.assertions.push_back(
        {place, kAlways, expectation.never, outcome->action, outcome->data, std::move(on_abi.targets), {}});
  }
}

// The names that `with` may give values to: the policy's parameters and the root file's.
std::vector<ast::Name> parameters_of(const Context& context, Decl policy) {
  std::vector<ast::Name> names;
  for (const ast::Statement& statement : context.node<ast::Policy>(policy).body) {
    if (const auto* param = std::get_if<ast::ParamStatement>(&statement.node)) names.push_back(param->parameter.name);
  }
  for (const ast::Item& item : context.module.files[policy.file].ast.items) {
    if (const auto* param = std::get_if<ast::Param>(&item.node)) names.push_back(param->parameter.name);
  }
  return names;
}

// Puts the test's `with` over what -D gave.
void give(Context& context, const ast::Test& test, PolicyRequest& request) {
  if (test.arguments.empty()) return;  // a file may hold 100,000 tests, whose parameters nobody looks for
  const auto known = parameters_of(context, request.policy);
  const std::string_view policy = context.node<ast::Policy>(request.policy).name.text;
  for (const ast::Argument& argument : test.arguments) {
    const auto named = std::ranges::find(known, argument.name.text, &ast::Name::text);
    if (named == known.end()) {
      std::vector<std::string_view> words;
      for (const ast::Name& name : known) words.push_back(name.text);
      auto report = context.report(kinds::UnknownParameter, argument.name.span, policy, argument.name.text);
      add_suggestion(report, argument.name.span, argument.name.text, words);
      continue;
    }
    const auto first = std::ranges::find_if(
        test.arguments, [&](const ast::Argument& other) { return other.name.text == argument.name.text; });
    if (&*first != &argument)
      context.report(kinds::RepeatedArgument, argument.name.span, argument.name.text)
          .label(first->name.span, "first given here");
    context.note_use({NameUse::Kind::parameter, argument.name.span, named->span});
    const GivenValue value{context.env_of(0), argument.value};
    request.given.insert_or_assign(std::string(argument.name.text), value);
    const Decl decl = context.names.find(Space::values, request.policy.file, argument.name.text);
    if (decl.valid()) context.given.insert_or_assign(key_of(decl), value);
  }
  if (!test.arguments.empty()) context.values.clear();  // consts may be made of params
}

std::optional<AbiSet> abis_of_test(Context& context, const ast::Test& test, const ast::Policy& policy) {
  if (test.abis.empty()) return std::nullopt;
  const AbiSet wanted = abis_named(context, test.abis);
  const AbiSet has = abis_of_policy(context, policy);
  for (const ast::Name& name : test.abis) {
    const auto abi = target::find_abi(name.text);
    if (abi && !has.has(*abi)) context.report(kinds::TestElsewhere, name.span, name.text, policy.name.text);
  }
  return wanted & has;
}

std::string note_of(const ast::Test& test) {
  return test.arguments.empty() ? std::string()
                                : "so it is with the values of the test \"" + std::string(test.title) + "\"";
}

// Calls `look` with what is to be built for a test, while the test's values hold.
template <class Look>
void with_request(Context& context, const ast::Test& test, const Look& look) {
  const Decl policy = find_policy(context, 0, test.policy);
  if (!policy.valid()) return;
  PolicyRequest request{policy, context.defines, abis_of_test(context, test, context.node<ast::Policy>(policy)), &test};
  const auto given = context.given;
  give(context, test, request);
  // What is wrong with the policy alone has been told.
  context.report.note_each(note_of(test), join(test.title_span, test.braces));
  look(request);
  context.report.note_each({}, {});
  context.given = given;
  if (!test.arguments.empty()) context.values.clear();
}

// It would pass whatever the policy says. What a syntax error has left of it is none.
void warn_if_empty(Context& context, const ast::Test& test) {
  if (test.expectations.empty() && context.report.errors() == 0)
    context.report(kinds::EmptyTest, test.title_span, test.title)
        .note("write what must hold: `expect allow read;`, `expect never allow execve;`");
}

}  // namespace

// The policy may be an imported one: the expectations are the root file's all the same.
void expand_expectations(const Body& body, const ast::Test& test) {
  Body here = body;
  here.env = {&body.context().module.files[0].ast, 0, body.env.frame};
  for (const ast::Expectation& expectation : test.expectations) expand_expectation(here, expectation);
}

Decl find_policy(Context& context, FileIndex file, const ast::QName& name) {
  const Found found = context.names.resolve(Space::rules, file, name);
  if (found.kind == Found::Kind::declared && context.node_if<ast::Policy>(found.decl) != nullptr) {
    context.note_use({NameUse::Kind::policy, name.span, context.span_of(found.decl)});
    return found.decl;
  }
  if (found.kind == Found::Kind::declared) {
    context.report(kinds::UnknownPolicy, name.span, name.last())
        .note("it is a rule set; a test is for a policy")
        .label(context.span_of(found.decl), "declared here");
    return {};
  }
  std::string policies;
  for (const ast::Item& item : context.module.files[file].ast.items) {
    const auto* policy = std::get_if<ast::Policy>(&item.node);
    if (policy != nullptr)
      policies += (policies.empty() ? "the file has `" : ", `") + std::string(policy->name.text) + "`";
  }
  report_unknown(context, found, name, {kinds::UnknownPolicy, Space::rules, {}, policies});
  return {};
}

void read_test(Context& context, const ast::Test& test) {
  with_request(context, test, [&](const PolicyRequest& request) {
    const auto& node = context.node<ast::Policy>(request.policy);
    const AbiSet abis = request.only.value_or(abis_of_policy(context, node));
    const Frame frame = policy_frame(context, request.policy, abis, request.given);
    Env env = context.env_of(request.policy.file);
    env.frame = &frame;
    Build build(context);
    Body body{build, env, abis, abis, ScopeId(0U), no_guards()};
    body.is_checked_only = true;
    expand_expectations(body, test);
  });
}

void check_tests(Context& context) {
  for (const ast::Item& item : context.module.files[0].ast.items) {
    const auto* test = std::get_if<ast::Test>(&item.node);
    if (test == nullptr) continue;
    warn_if_empty(context, *test);
    with_request(context, *test, [&](const PolicyRequest& request) {
      const bool is_built = request.policy.file == 0 && !request.only && test->arguments.empty();
      if (is_built) {
        check_expectations(context, request);
      } else {
        (void)build_policy(context, request);
      }
    });
  }
}

std::vector<TestCase> build_tests(Context& context) {
  std::vector<TestCase> cases;
  for (const ast::Item& item : context.module.files[0].ast.items) {
    const auto* test = std::get_if<ast::Test>(&item.node);
    if (test == nullptr) continue;
    warn_if_empty(context, *test);
    with_request(context, *test, [&](const PolicyRequest& request) {
      for (Policy& built : build_policy(context, request))
        cases.push_back({std::string(test->title), test->title_span, std::move(built), note_of(*test)});
    });
  }
  return cases;
}

}  // namespace sbpc::sema
