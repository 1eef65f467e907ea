// expand.h: the statements of a body -> the scopes of each ABI. `use`, `on`, constant `if`s and arguments are gone
// afterwards.
//
// Before: `on x86_64 { use net.tcp_server(listen: 3) except listen; }`
// After:  on x86_64 a Use of the scope that holds tcp_server's statements with listen = 3, without listen.
// Tested by test/language/rulings_test.cpp and test/sema/use_binds_its_arguments.sb.
#pragma once

#include "sema/body.h"

namespace sbpc::sema {

void expand_block(const Body& body, const ast::Block& block);

// ---- one kind of statement each; private to the files of expand ----

struct Statement {  // what every statement needs of itself
  const Body& body;
  const ast::Statement& ast;
  size_t parameters_read = 0;  // Context::parameters_read before it
};

void expand_rule(const Statement& statement, const ast::RuleStatement& node);
void expand_fallback(const Statement& statement, const ast::FallbackStatement& node);
void expand_require(const Statement& statement, const ast::RequireStatement& node);
void expand_assert(const Statement& statement, const ast::AssertStatement& node);
void assert_parameters(const Statement& statement, ast::ExprId condition);
void expand_use(const Statement& statement, const ast::UseStatement& node);
void expand_if(const Statement& statement, const ast::IfStatement& node);

// The place of a statement as it came into the policy here.
[[nodiscard]] PlaceId add_place(const Statement& statement);
// Counts one more statement of the policy; false once there are too many.
[[nodiscard]] bool count_statement(const Statement& statement);
// Reads a block that adds nothing: a branch not taken, an ABI that the policy does not cover. `lenient`: nobody named
// the ABIs.
void check_block(const Body& body, const ast::Block& block, AbiSet abis, bool lenient);

// `fallback clone3 errno(ENOSYS);`, `expect read allow;`: reports an action and a call in each other's place. `before`
// is what stands before them.
[[nodiscard]] bool is_turned_round(const Body& body, const ast::Action& action, std::span<const ast::Target> targets,
                                   std::string_view before);

// The ABIs that names spell; misspelt ones are reported.
[[nodiscard]] AbiSet abis_named(Context& context, std::span<const ast::Name> names);

// Checks a rule set with open parameters, for the case that no policy uses it.
void check_rules(Build& build, Decl decl, AbiSet abis);

// The assertions of the policy's body and of every set it uses, with what `except` took away, into each AbiPolicy.
void collect_assertions(Build& build, ScopeId root);
// Afterwards: what the `except` of a `use` names and the set does not speak of is done with; it has lifted an assert,
// or was reported.
void drop_unsaid_excepts(Build& build);

}  // namespace sbpc::sema
