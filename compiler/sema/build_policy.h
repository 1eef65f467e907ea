// build_policy.h: one `policy` of the root file -> a Policy for each family of ABIs that it names.
#pragma once

#include "sema/body.h"
#include "sema/parameters.h"

namespace sbpc::sema {

struct PolicyRequest {
  Decl policy;
  GivenValues given;                // -D and, in a test, `with`
  std::optional<AbiSet> only;       // a test's `on`
  const ast::Test* test = nullptr;  // its expectations replace the policy's assertions
};
// Empty after an error that leaves nothing to build.
[[nodiscard]] std::vector<Policy> build_policy(Context& context, const PolicyRequest& request);

// A test's expectations alone, reported as build_policy would: for a policy that has been built with the same values.
void check_expectations(Context& context, const PolicyRequest& request);

// The ABIs that a policy is for: its `on`, --target, or the host's.
[[nodiscard]] AbiSet abis_of_policy(Context& context, const ast::Policy& policy);

}  // namespace sbpc::sema
