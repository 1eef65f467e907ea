// How often calls are made, as integers: profiles, the bitmap's share, what no profile names.
#include "opt/weights.h"

#include "opt/default_profile.h"
#include "unit/opt/support.h"

namespace sbpc::opt::testing {
namespace {

// read and write are always allowed, ioctl by its arguments, all else refused.
Program three_calls() {
  Program program;
  const ir::FunctionId allow = constant_function(program, kAllow);
  const ir::CondId terminal = program.conds.member(Word::arg1_lo, 0xffffffffU, {{0x5401, 0x5401}});
  const ir::FunctionId checked = add_function(program, {{terminal, kAllow, {}}}, errno_of(1));
  const ir::FunctionId refuse = constant_function(program, errno_of(1));
  program.sections.push_back(
      section_of(kX86_64, {target::Abi::x86_64}, {{0, allow}, {1, allow}, {16, checked}}, refuse));
  return program;
}

uint64_t weight_of(const std::vector<NumberWeight>& weights, uint32_t nr) {
  for (const NumberWeight& number : weights) {
    if (number.nr == nr) return number.weight;
  }
  return 0;
}

uint64_t sum_of(const std::vector<NumberWeight>& weights) {
  uint64_t sum = 0;
  for (const NumberWeight& number : weights) sum += number.weight;
  return sum;
}

TEST(Weights, SumIsTheWhole) {
  const Program program = three_calls();
  for (std::string_view name : {"default", "server-mix", "uniform"}) {
    for (uint32_t ppm : {0U, 10'000U, 1'000'000U}) {
      Options options;
      options.profiles = {*named_profile(name, target::Abi::x86_64)};
      options.cached_weight_ppm = ppm;
      const uint64_t sum = sum_of(number_weights(program, program.sections[0], options));
      EXPECT_LE(sum, ir::kWeightTotal);
      EXPECT_GE(sum, ir::kWeightTotal - 1000) << name << ' ' << ppm;
    }
  }
}

TEST(Weights, CachedCallsCountTheirShare) {
  const Program program = three_calls();
  Options options;
  options.profiles = {{kX86_64, {{0, 600}, {1, 300}, {16, 100}}, 0}};
  options.cached_weight_ppm = 10'000;
  const auto weights = number_weights(program, program.sections[0], options);
  // 6 + 3 + 100 of 109
  EXPECT_EQ(weight_of(weights, 0), ir::kWeightTotal * 6 / 109);
  EXPECT_EQ(weight_of(weights, 16), ir::kWeightTotal * 100 / 109);
  options.cached_weight_ppm = 0;
  EXPECT_EQ(weight_of(number_weights(program, program.sections[0], options), 16), ir::kWeightTotal);
  options.cache_aware = false;
  EXPECT_EQ(weight_of(number_weights(program, program.sections[0], options), 0), ir::kWeightTotal * 6 / 10);
}

// mips has no bitmap: an allowed call runs the filter like any other.
TEST(Weights, NoBitmapNoCachedCalls) {
  Program program = three_calls();
  program.sections[0].arch = target::info(target::Abi::mips).audit_arch;
  program.sections[0].abis = {target::Abi::mips};
  Options options;
  options.profiles = {{program.sections[0].arch, {{0, 600}, {16, 400}}, 0}};
  EXPECT_EQ(weight_of(number_weights(program, program.sections[0], options), 0), ir::kWeightTotal * 6 / 10);
}

TEST(Weights, LargestCountsDoNotOverflow) {
  const Program program = three_calls();
  Options options;
  options.cache_aware = false;
  constexpr uint64_t kMost = ~uint64_t{0};
  options.profiles = {{kX86_64, {{0, kMost}, {1, kMost}, {16, kMost}}, kMost}};
  const auto weights = number_weights(program, program.sections[0], options);
  EXPECT_EQ(weight_of(weights, 0), weight_of(weights, 16));
  EXPECT_GT(weight_of(weights, 0), ir::kWeightTotal / 5);
  EXPECT_LE(sum_of(weights), ir::kWeightTotal);
  EXPECT_EQ(section_weights(program, options), std::vector<uint64_t>{ir::kWeightTotal});
}

TEST(Weights, ZeroCountsAreNoProfile) {
  const Program program = three_calls();
  Options options;
  options.profiles = {{kX86_64, {{0, 0}, {1, 0}}, 0}};
  EXPECT_GT(number_weights(program, program.sections[0], options).size(), 300U);
}

TEST(Weights, NumbersOfNoSection) {
  Program program = three_calls();
  program.sections.push_back(program.sections[0]);
  program.sections[1].arch = kI386;
  program.sections[1].abis = {target::Abi::i386};
  Options options;
  options.profiles = {{kX86_64, {{0, 100}}, 0}};
  const std::vector<uint64_t> shares = section_weights(program, options);
  EXPECT_GT(shares[0], shares[1] * 50);
  EXPECT_GT(shares[1], 0U);
}

TEST(DefaultProfile, IsTheMixAndATenthOfAllCalls) {
  const Profile profile = default_profile(target::Abi::x86_64);
  const Profile mix = *named_profile("server-mix", target::Abi::x86_64);
  uint64_t all = profile.rest;
  uint64_t named = 0;
  for (const auto& [nr, count] : profile.counts) all += count;
  for (const auto& [nr, count] : mix.counts) named += count;
  EXPECT_NEAR(static_cast<double>(named) / static_cast<double>(all), 0.9, 0.001);
  EXPECT_TRUE(std::is_sorted(profile.counts.begin(), profile.counts.end()));
}

TEST(DefaultProfile, OtherAbisHaveTheSameCallsByName) {
  const Profile arm = *named_profile("server-mix", target::Abi::aarch64);
  const auto read = target::call_number(*target::find_call("read"), target::Abi::aarch64);
  const auto found =
      std::find_if(arm.counts.begin(), arm.counts.end(), [&](const auto& row) { return row.first == *read; });
  ASSERT_NE(found, arm.counts.end());
  EXPECT_GT(found->second, 100'000'000U);
}

// Calls that run count alike, those that are refused a sixteenth, as nothing known of a profile does.
TEST(DefaultProfile, UniformIsEveryCallAlike) {
  const Program program = three_calls();
  Options options;
  options.cache_aware = false;
  const auto unknown = number_weights(program, program.sections[0], options);
  options.profiles = {*named_profile("uniform", target::Abi::x86_64)};
  const auto uniform = number_weights(program, program.sections[0], options);
  ASSERT_EQ(uniform.size(), target::calls_of(target::Abi::x86_64).size());
  EXPECT_EQ(weight_of(uniform, 0), weight_of(uniform, 16));
  EXPECT_EQ(weight_of(uniform, 0) / weight_of(uniform, 2), kRefusedPart);
  for (size_t i = 0; i < uniform.size(); ++i) EXPECT_EQ(uniform[i].weight, unknown[i].weight);
  EXPECT_FALSE(named_profile("nginx.json", target::Abi::x86_64));
}

}  // namespace
}  // namespace sbpc::opt::testing
