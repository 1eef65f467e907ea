#include "sema/analyze.h"

#include <algorithm>

#include "sema/build_policy.h"
#include "sema/declare.h"
#include "sema/evaluate.h"
#include "sema/expand.h"
#include "sema/targets.h"
#include "sema/tests.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

using target::Abi;

// The ABIs that unused rule sets are read for: those of the root's policies, all of them for a library.
AbiSet abis_of_root(Context& context) {
  AbiSet set;
  for (const ast::Item& item : context.module.files[0].ast.items) {
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) set = set | abis_of_policy(context, *policy);
  }
  return set.empty() ? AbiSet::all() : set;
}

// What no policy has looked at yet: every item of the user's own files.
class Rest {
 public:
  Rest(Context& context, const std::set<uint64_t>& used)
      : context_(context), used_(used), build_(context), abis_(abis_of_root(context)) {}

  void check() {
    context_.lenient = true;
    for (FileIndex file = 0; file < context_.module.files.size(); ++file) {
      if (context_.module.files[file].is_standard && file != 0) continue;
      const auto& items = context_.module.files[file].ast.items;
      for (uint32_t item = 0; item < items.size(); ++item) check_item({file, item});
    }
    context_.lenient = false;
  }

 private:
  void check_item(Decl decl) {
    if (context_.node_if<ast::Rules>(decl) != nullptr) {
      if (!used_.contains(key_of(decl))) check_rules(build_, decl, abis_);
    } else if (context_.node_if<ast::Group>(decl) != nullptr) {
      check_group(context_, decl);
    } else if (context_.node_if<ast::Const>(decl) != nullptr || context_.node_if<ast::Param>(decl) != nullptr) {
      for (Abi abi : abis_) (void)value_of(context_, decl, abi);
    }
  }

  Context& context_;
  const std::set<uint64_t>& used_;
  Build build_;
  AbiSet abis_;
};

// Reports the names and -D values; everything after it may rely on context.names.
void prepare(Context& context) {
  declare(context);
  read_defines(context);
  check_uses(context);
  check_unused_parameters(context);
}

}  // namespace

Result<std::vector<Policy>> analyze(const Input& input, diag::Sink& sink) {
  const size_t errors = sink.errors();
  auto policies = analyze_whole(input, sink);
  if (sink.errors() != errors) return failed();
  return policies;
}

Result<std::vector<Policy>> analyze_whole(const Input& input, diag::Sink& sink) {
  Context context(input, sink);
  const size_t errors = sink.errors();
  prepare(context);
  std::vector<Policy> policies;
  const auto& items = input.module.files[0].ast.items;
  for (uint32_t item = 0; item < items.size(); ++item) {
    if (!std::holds_alternative<ast::Policy>(items[item].node)) continue;
    for (Policy& policy : build_policy(context, {{0, item}, context.defines, std::nullopt, nullptr}))
      policies.push_back(std::move(policy));
  }
  check_tests(context);
  Rest(context, context.rules_used).check();
  if (sink.errors() != errors + context.idle_excepts) return failed();
  return policies;
}

Result<std::vector<TestCase>> analyze_tests(const Input& input, diag::Sink& sink) {
  Context context(input, sink);
  const size_t errors = sink.errors();
  prepare(context);
  std::vector<TestCase> cases = build_tests(context);
  if (sink.errors() != errors) return failed();
  return cases;
}

}  // namespace sbpc::sema
