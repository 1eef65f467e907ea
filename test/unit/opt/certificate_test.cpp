// Docker's profile, x86_64: how near the search by number comes to the best one, by profile and cache model.
#include "opt/certificate.h"

#include "bpf/interpret.h"
#include "codegen/codegen.h"
#include "opt/cost.h"
#include "opt/default_profile.h"
#include "opt/weights.h"
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

// The jumps that a call executes while the number is in A.
uint32_t number_tests(const bpf::Insns& insns, uint32_t arch, uint32_t nr) {
  target::SeccompData data{};
  data.nr = static_cast<int32_t>(nr);
  data.arch = arch;
  std::vector<uint32_t> path;
  (void)bpf::interpret(insns, data, false, &path);
  bool is_number = false;
  uint32_t tests = 0;
  for (const uint32_t pc : path) {
    const uint16_t code = insns[pc].code;
    if (code == bpf::kLdAbs) is_number = insns[pc].k == offsetof(target::SeccompData, nr);
    const bool is_test = code == bpf::kJeqK || code == bpf::kJgtK || code == bpf::kJgeK || code == bpf::kJsetK;
    tests += is_number && is_test ? 1 : 0;
  }
  return tests;
}

// A test of bits may cut what has one answer in two: every number counts with its own way.
TEST(Certificate, CountsWhatIsExecuted) {
  for (const bool with_bits : {false, true}) {
    Program program = docker_x86_64();
    Options options = longest_search("default", true);
    options.only_passes = "share_functions,merge_ranges,order_arguments,search_arguments,weigh_numbers";
    if (with_bits) options.only_passes += ",refine_numbers";
    run(program, options);
    const bpf::Insns insns = codegen::generate(program, codegen::Goal::speed).program.insns;
    double executed = 0;
    for (const NumberWeight& number : number_weights(program, program.sections[0], options)) {
      executed += static_cast<double>(number.weight) / ir::kWeightTotal * number_tests(insns, kX86_64, number.nr);
    }
    const std::vector<Certificate> made = certify(program, options);
    ASSERT_EQ(made.size(), 1U);
    EXPECT_NEAR(made[0].with_bits, executed, 1e-9);
    if (!with_bits) {
      EXPECT_NEAR(made[0].comparisons, executed, 1e-9);
    }
  }
}

// A section that makes few of the calls, too, is certified as it was searched.
TEST(Certificate, ThreeAbisHaveOneForEachArchWord) {
  Program program = docker_three_abis();
  Options options = longest_search("default", true);
  options.profiles.push_back(*named_profile("default", target::Abi::i386));
  for (auto& [nr, count] : options.profiles[0].counts) count *= 100;
  options.profiles[0].rest *= 100;
  ASSERT_LT(section_weights(program, options)[1], ir::kWeightTotal / 50);
  run(program, options);
  const size_t nodes = program.graph.size();
  const std::vector<Certificate> made = certify(program, options);
  EXPECT_EQ(program.graph.size(), nodes) << "the certified search is not the one that ran";
  ASSERT_EQ(made.size(), 2U);
  for (const Certificate& section : made) {
    ASSERT_TRUE(section.least);
    EXPECT_LE(*section.gap_of_tests(), 0.02) << section.arch;
    EXPECT_LE(*section.gap_of_executed(), 0.01) << section.arch;
  }
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
