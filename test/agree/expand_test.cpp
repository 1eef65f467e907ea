// `sbpc -E` of generated policies compiles to the same bytes as they do.
#include <gtest/gtest.h>

#include <fstream>

#include "agree/product.h"
#include "agree/random_policy.h"
#include "agree/small_policies.h"

namespace sbpc::agree {
namespace {

void compare(const std::string& text, const std::vector<std::string>& options) {
  const std::string path = scratch_directory() + "/expand.sb";
  const std::string expanded = scratch_directory() + "/expanded.sb";
  std::ofstream(path) << text;
  std::vector<std::string> arguments = {path, "--emit", "expanded=" + expanded};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Run run = run_sbpc(arguments);
  ASSERT_EQ(run.status, 0) << run.output << text;
  std::vector<std::string> quick = options;
  quick.insert(quick.end(), {"--no-prove", "-O1"});
  const bpf::Insns before = compile(path, quick);
  const bpf::Insns after = compile(expanded, quick);
  ASSERT_FALSE(before.empty());
  EXPECT_EQ(before, after) << text;
}

TEST(Expand, SmallPoliciesKeepTheirBytes) {
  const std::vector<SmallPolicy> policies = small_policies();
  for (size_t i = 0; i < policies.size() && !HasFailure(); i += 4) compare(policies[i].text, {});
}

TEST(Expand, RandomPoliciesKeepTheirBytes) {
  const auto abis = target::abis();
  for (uint64_t seed = 0; seed < 60 && !HasFailure(); ++seed) {
    const target::AbiInfo& abi = abis[seed % 4];  // x86_64 i386 x32 aarch64
    SCOPED_TRACE("seed " + std::to_string(seed) + " on " + std::string(abi.name));
    compare(text_of(random_policy(seed, abi.abi, 1)), {"--target", std::string(abi.name)});
  }
}

}  // namespace
}  // namespace sbpc::agree
