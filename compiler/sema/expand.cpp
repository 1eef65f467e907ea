#include "sema/expand.h"

#include "base/limits.h"
#include "diag/kinds/lints.def"
#include "diag/kinds/meaning.def"
#include "sema/targets.h"
#include "sema/unknown.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

void expand_on(const Statement& statement, const ast::OnStatement& node) {
  const Body& body = statement.body;
  const AbiSet written = abis_named(body.context(), node.abis);
  Body inner = body;
  inner.is_nested = true;
  inner.abis = body.abis & written;
  inner.named = written;
  if (inner.abis.empty() && body.is_first_look) {
    check_block(inner, node.then, written, false);
  } else {
    expand_block(inner, node.then);
  }
  if (!node.has_else) return;
  inner.abis = body.abis - written;
  inner.named = body.named - written;
  if (inner.abis.empty() && body.is_first_look) {
    // If no ABI at all comes here its names are still looked up, as on those that could.
    if (inner.named.empty()) inner.named = AbiSet::all() - written;
    check_block(inner, node.otherwise, inner.named, true);
  } else {
    expand_block(inner, node.otherwise);
  }
}

void expand_override(const Statement& statement, const ast::OverrideStatement& node) {
  const Body& body = statement.body;
  Body inner = body;
  inner.is_nested = true;
  if (body.is_checked_only) {
    expand_block(inner, node.body);
    return;
  }
  if (node.body.empty() && body.is_first_look)
    body.context().report(kinds::NeverDecides, statement.ast.span).note("the block is empty");
  if (!count_statement(statement)) return;
  inner.scope = body.build.new_scope();
  inner.guards = no_guards();
  expand_block(inner, node.body);
  const PlaceId place = add_place(statement);
  for (Abi abi : body.abis) {
    (void)body.build.scope(abi, inner.scope);
    body.build.scope(abi, body.scope).overrides.push_back({place, body.guard(abi), inner.scope});
  }
}

// `default`, `kernel` ... were read from the policy's own statements; here they only may not stand elsewhere.
void check_policy_line(const Statement& statement, std::string_view word) {
  const Body& body = statement.body;
  if (body.is_policy && !body.is_nested) return;
  auto report = body.context().report(kinds::PolicyLineElsewhere, statement.ast.span, word);
  report.note(body.is_policy ? "it holds for the whole policy: write it directly in the policy's `{ }`"
                             : "it belongs to a policy, not to a rule set");
}

struct Expander {
  const Statement& statement;
  void operator()(const ast::ErrorStatement&) const {}
  void operator()(const ast::RuleStatement& node) const { expand_rule(statement, node); }
  void operator()(const ast::FallbackStatement& node) const { expand_fallback(statement, node); }
  void operator()(const ast::RequireStatement& node) const { expand_require(statement, node); }
  void operator()(const ast::UseStatement& node) const { expand_use(statement, node); }
  void operator()(const ast::OnStatement& node) const { expand_on(statement, node); }
  void operator()(const ast::IfStatement& node) const { expand_if(statement, node); }
  void operator()(const ast::OverrideStatement& node) const { expand_override(statement, node); }
  void operator()(const ast::AssertStatement& node) const { expand_assert(statement, node); }
  void operator()(const ast::ParamStatement&) const { check_policy_line(statement, "param"); }
  void operator()(const ast::DefaultLine&) const { check_policy_line(statement, "default"); }
  void operator()(const ast::NewerLine&) const { check_policy_line(statement, "newer"); }
  void operator()(const ast::ForeignLine&) const { check_policy_line(statement, "foreign"); }
  void operator()(const ast::KernelLine&) const { check_policy_line(statement, "kernel"); }
  void operator()(const ast::InstallLine&) const { check_policy_line(statement, "install"); }
  void operator()(const ast::FrequencyLine&) const { check_policy_line(statement, "frequency"); }
};

}  // namespace

void expand_block(const Body& body, const ast::Block& block) {
  for (const ast::Statement& ast : block) {
    if (body.build.too_many) return;
    const Statement statement{body, ast, body.context().parameters_read};
    std::visit(Expander{statement}, ast.node);
  }
}

void check_block(const Body& body, const ast::Block& block, AbiSet abis, bool lenient) {
  Context& context = body.context();
  if (context.module.files[body.env.file].is_standard || abis.empty()) return;
  const bool was_lenient = context.lenient;
  context.lenient = lenient || was_lenient;
  Body inner = body;
  inner.abis = abis;
  inner.is_checked_only = true;
  expand_block(inner, block);
  context.lenient = was_lenient;
}

AbiSet abis_named(Context& context, std::span<const ast::Name> names) {
  AbiSet set;
  for (const ast::Name& name : names) {
    const auto abi = target::find_abi(name.text);
    if (!abi) {
      report_unknown_abi(context, name);
      continue;
    }
    if (set.has(*abi)) context.report(kinds::RepeatedAbi, name.span, name.text);
    set.add(*abi);
  }
  return set;
}

PlaceId add_place(const Statement& statement) {
  Build& build = statement.body.build;
  const Context& context = statement.body.context();
  const bool by_parameter = context.parameters_read != statement.parameters_read;
  build.places.push_back({statement.ast.span, context.use_stack.uses(), statement.ast.doc, by_parameter});
  return PlaceId(build.places.size() - 1);
}

bool count_statement(const Statement& statement) {
  Build& build = statement.body.build;
  if (build.too_many) return false;
  if (++build.statements <= limits::kExpandedRules) return true;
  build.too_many = true;
  statement.body.context().report(kinds::TooManyStatements, statement.ast.span, limits::kExpandedRules);
  return false;
}

}  // namespace sbpc::sema
