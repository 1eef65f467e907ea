// tests.h: `test` blocks: expectations as assertions of the policy they are for.
#pragma once

#include "sema/body.h"

namespace sbpc::sema {

// Adds each `expect` to the assertions of every ABI of the body.
void expand_expectations(const Body& body, const ast::Test& test);

// The policy that a test is for; invalid after a report.
[[nodiscard]] Decl find_policy(Context& context, FileIndex file, const ast::QName& name);

// The names of one test, into context.uses: nothing is built.
void read_test(Context& context, const ast::Test& test);

// Reports what is wrong with the tests of the root file, whose policies have been built: most tests need no other one.
void check_tests(Context& context);

// Every test of the root file, with its policy built for it.
[[nodiscard]] std::vector<TestCase> build_tests(Context& context);

}  // namespace sbpc::sema
