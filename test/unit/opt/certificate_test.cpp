// Docker's profile, x86_64: how near the search by number comes to the best one, by profile and cache model.
#include "opt/certificate.h"

#include "opt/cost.h"
#include "opt/default_profile.h"
#include "unit/opt/docker.h"

namespace sbpc::opt::testing {
namespace {

Options longest_search(std::string_view profile, bool cache_aware) {
  Options options;
  options.level = Level::o3;
  options.profiles = {*named_profile(profile, target::Abi::x86_64)};
  options.cache_aware = cache_aware;
  return options;
}

void expect_gap(std::string_view profile, bool cache_aware) {
  Program program = docker_x86_64();
  const Options options = longest_search(profile, cache_aware);
  run(program, options);
  const size_t nodes = program.graph.size();
  const std::vector<Certificate> made = certify(program, options);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(program.graph.size(), nodes) << "the certified search is not the one that ran";
  EXPECT_EQ(made[0].arch, kX86_64);
  EXPECT_GT(made[0].intervals, 60U);
  ASSERT_TRUE(made[0].least);
  EXPECT_GT(*made[0].least, 1.5);
  EXPECT_LE(*made[0].least, made[0].comparisons * 1.0000001);
  EXPECT_LE(*made[0].gap_of_tests(), 0.02) << profile << ' ' << *made[0].least << ' ' << made[0].comparisons;
  EXPECT_LE(*made[0].gap_of_executed(), 0.01) << profile;
  EXPECT_LE(made[0].with_bits, made[0].comparisons);
  EXPECT_GT(made[0].executed, made[0].with_bits + 4);  // two loads, the arch, the return
}

TEST(Certificate, DockerDefault) { expect_gap("default", true); }
TEST(Certificate, DockerDefaultUncached) { expect_gap("default", false); }
TEST(Certificate, DockerServerMix) { expect_gap("server-mix", false); }
TEST(Certificate, DockerUniform) { expect_gap("uniform", false); }

TEST(Certificate, ThreeAbisHaveOneForEachArchWord) {
  Program program = docker_three_abis();
  const Options options = longest_search("default", true);
  run(program, options);
  const std::vector<Certificate> made = certify(program, options);
  ASSERT_EQ(made.size(), 2U);
  EXPECT_TRUE(made[0].least);
  EXPECT_TRUE(made[1].least);
}

// A worst-case bound is no reason for a slower mean: the longest way asks at most kWorstNumberTests.
TEST(Certificate, WorstCaseIsBounded) {
  Program program = docker_x86_64();
  const Options options = longest_search("server-mix", false);
  run(program, options);
  EXPECT_LE(program_cost(program, options).worst_number_tests, 12U);
}

}  // namespace
}  // namespace sbpc::opt::testing
