// `sbpc -E` of generated policies compiles to the same bytes as they do.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "agree/product.h"
#include "agree/random_policy.h"
#include "agree/small_policies.h"

namespace sbpc::agree {
namespace {

void compare(const std::string& text, const std::vector<std::string>& options,
             const std::vector<std::string>& levels = {"-O1"}) {
  const std::string path = scratch_directory() + "/expand.sb";
  const std::string expanded = scratch_directory() + "/expanded.sb";
  std::ofstream(path) << text;
  std::vector<std::string> arguments = {path, "--emit", "expanded=" + expanded};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Run run = run_sbpc(arguments);
  ASSERT_EQ(run.status, 0) << run.output << text;
  for (const std::string& level : levels) {
    std::vector<std::string> quick = options;
    quick.insert(quick.end(), {"--no-prove", level});
    const bpf::Insns before = compile(path, quick);
    const bpf::Insns after = compile(expanded, quick);
    ASSERT_FALSE(before.empty());
    EXPECT_EQ(before, after) << level << " of\n" << text;
  }
}

TEST(Expand, SmallPoliciesKeepTheirBytes) {
  const std::vector<SmallPolicy> policies = small_policies();
  for (size_t i = 0; i < policies.size() && !HasFailure(); i += 4) compare(policies[i].text, {});
}

// What a value of `n` makes empty, redundant, idle or plain: each pair of conditions in some form, with some value.
TEST(Expand, WhatAValueMakesIdleKeepsItsBytes) {
  constexpr const char* kConditions[] = {"fd == n",
                                         "fd == 1",
                                         "fd <= n",
                                         "fd has 1",
                                         "fd & 3 == n",
                                         "fd & n == 0",
                                         "fd & 1 in { n, 1 }",
                                         "fd in { n, 3 }",
                                         "fd !in { 0, n }",
                                         "offset == n",
                                         "!(fd == n && offset == 1)",
                                         "fd == n && offset == 1 || fd == 1",
                                         "b",
                                         "!b"};
  constexpr const char* kForms[] = {
      "allow lseek({0}, {1}); allow lseek(whence == 2);",
      "allow lseek({0}); allow lseek({1});",
      "allow lseek({0}), lseek({1}) else errno(EBADF);",
      "allow lseek({0}) except lseek({1});",
      "use inner(n: n, b: b); allow lseek({0}); errno(EACCES) lseek({1});",
      "if (b) {{ allow lseek({0}); }} allow lseek({1});",
      "allow lseek; require lseek({0}), lseek({1}) else errno(EACCES);",
      "use inner(n: n, b: b) except lseek({0}); trap close; errno(EACCES) lseek({1});",
  };
  std::mt19937_64 random(1);
  for (const char* form : kForms) {
    for (size_t i = 0; i < 6 && !HasFailure(); ++i) {
      const char* first = kConditions[random() % std::size(kConditions)];
      const char* second = kConditions[random() % std::size(kConditions)];
      const std::string body = fmt::format(fmt::runtime(form), first, second);
      compare(fmt::format("rules inner(n: u32, b: bool) {{ allow lseek(fd <= n); if (b) {{ allow lseek(offset == 1); "
                          "}} }}\nrules set(n: u32, b: bool) {{ {} if (b) {{ log read(fd == n); }} }}\n"
                          "policy small on x86_64 {{\n  default errno(EPERM);\n  use set(n: {}, b: {});\n}}\n",
                          body, i % 4, i % 8 < 4),
              {}, {"-O1", "-O0"});
    }
  }
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
