#include "sema/name_uses.h"

#include "sema/build_policy.h"
#include "sema/evaluate.h"
#include "sema/expand.h"
#include "sema/policy_lines.h"
#include "sema/targets.h"
#include "sema/tests.h"

namespace sbpc::sema {
namespace {

void read_policy(Context& context, Decl decl) {
  const auto& node = context.node<ast::Policy>(decl);
  const AbiSet abis = abis_of_policy(context, node);
  if (abis.empty()) return;
  const Frame frame = policy_frame(context, decl, abis, {});
  Env env = context.env_of(decl.file);
  env.frame = &frame;
  Build build(context);
  Body body{build, env, abis, abis, ScopeId(0U), no_guards()};
  body.is_policy = true;
  body.is_checked_only = true;
  expand_block(body, node.body);
  Policy policy;
  AbiPolicy part;
  part.abi = abis.first();
  policy.abis.push_back(std::move(part));
  apply_lines({context, env, abis, PlaceId(0U)}, find_lines(context, node), policy);
}

}  // namespace

void find_name_uses(Context& context) {
  const auto& items = context.module.files[0].ast.items;
  AbiSet abis;
  for (const ast::Item& item : items) {
    if (const auto* policy = std::get_if<ast::Policy>(&item.node)) abis = abis | abis_of_policy(context, *policy);
  }
  if (abis.empty()) abis = AbiSet::all();
  Build build(context);
  for (uint32_t index = 0; index < items.size(); ++index) {
    const Decl decl{0, index};
    if (context.node_if<ast::Policy>(decl) != nullptr) {
      read_policy(context, decl);
    } else if (context.node_if<ast::Rules>(decl) != nullptr) {
      check_rules(build, decl, abis);
    } else if (context.node_if<ast::Group>(decl) != nullptr) {
      check_group(context, decl);
    } else if (const auto* test = context.node_if<ast::Test>(decl)) {
      read_test(context, *test);
    } else if (context.node_if<ast::Const>(decl) != nullptr || context.node_if<ast::Param>(decl) != nullptr) {
      for (const target::Abi abi : abis) (void)value_of(context, decl, abi);
    }
  }
}

}  // namespace sbpc::sema
