// Searches by number: pieces, tests of bits, and what Docker's profile costs by the optimiser's own count.
#include "opt/bit_split.h"
#include "opt/cost.h"
#include "opt/default_profile.h"
#include "opt/number_pieces.h"
#include "opt/word_search.h"
#include "unit/opt/docker.h"

namespace sbpc::opt::testing {
namespace {

TEST(NumberPieces, HeavyNumbersAreCutOut) {
  const Pieces runs = {{0, 40, 1, 0}, {41, 41, 2, 0}, {42, 0xffffffffU, 1, 0}};
  const std::vector<NumberWeight> weights = {
      {7, ir::kWeightTotal / 2}, {8, ir::kWeightTotal / 5000}, {41, ir::kWeightTotal / 4}};
  const Pieces knots = with_knots(runs, weights);
  ASSERT_EQ(knots.size(), 5U);  // 0..6, 7, 8..40, 41, 42..
  EXPECT_EQ(knots[1].first, 7U);
  EXPECT_EQ(knots[1].last, 7U);
  EXPECT_GE(knots[2].weight, ir::kWeightTotal / 5000);
  EXPECT_EQ(every_number(runs, weights).size(), 6U);  // 8 too, and 9..40
  for (const Piece& piece : knots) EXPECT_GT(piece.weight, 0U);
}

TEST(NumberPieces, X32HalfIsTakenOut) {
  Pieces runs = {{0, 40, 1, 0}, {41, 0x40000003U, 2, 0}, {0x40000004U, 0xffffffffU, 3, 0}};
  const Pieces upper = take_upper(runs);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[1].last, 0x3fffffffU);
  ASSERT_EQ(upper.size(), 2U);
  EXPECT_EQ(upper[0].first, 0x40000000U);
  EXPECT_EQ(upper[0].label, 2U);
}

TEST(BitSplit, FindsTheBitThatTellsOddFromEven) {
  Pieces pieces;
  for (uint32_t nr = 0; nr < 16; ++nr) pieces.push_back({nr, nr, nr % 2, 100});
  const std::vector<BitSplit> splits = promising_splits(pieces, quick_cost(pieces), {});
  ASSERT_FALSE(splits.empty());
  EXPECT_EQ(splits[0].mask, 1U);
  EXPECT_EQ(splits[0].estimate, 1600U);  // one test for each, nothing behind it
  for (const Piece& piece : splits[0].sides[1]) EXPECT_EQ(piece.label, 1U);
}

TEST(BitSplit, SidesHoldEveryValue) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    Pieces pieces;
    for (uint32_t nr = 0; nr < 40; nr += 1 + static_cast<uint32_t>(random() % 3)) {
      pieces.push_back(
          {nr, nr + static_cast<uint32_t>(random() % 2) * 0, static_cast<uint32_t>(random() % 3), 1 + random() % 100});
    }
    for (const BitSplit& split : promising_splits(pieces, quick_cost(pieces) * 4, {})) {
      for (const Piece& piece : pieces) {
        const Pieces& side = split.sides[(piece.first & split.mask) != 0 ? 1 : 0];
        EXPECT_EQ(answer(word_search(side, {}), piece.first), piece.label) << "seed " << seed << " mask " << split.mask;
      }
    }
  }
}

// ---- Docker's default profile, x86_64 ----

ProgramCost docker_cost(
    std::string_view profile, Level level, void (*change)(Options&) = [](Options&) {}) {
  Program program = docker_x86_64();
  Options options;
  options.level = level;
  options.profiles = {*named_profile(profile, target::Abi::x86_64)};
  change(options);
  run(program, options);
  options.profiles = {*named_profile("server-mix", target::Abi::x86_64)};
  if (profile == "uniform") options.profiles = {*named_profile("uniform", target::Abi::x86_64)};
  return program_cost(program, options);
}

// What other builders reach for the same profile on the server mix: minijail 6.63, Kafel 8.45, libseccomp 14.0;
// uniform: 9.1, 10.4, 15.4.
TEST(DockerCost, AllCalls) {
  const auto all_run = [](Options& options) { options.cache_aware = false; };
  EXPECT_LE(docker_cost("server-mix", Level::o2, all_run).insns, 6.6);
  EXPECT_LE(docker_cost("uniform", Level::o2, all_run).insns, 9.0);
}

// Over the calls for which the filter runs: Kafel 12.1, minijail 13.1, libseccomp 20.6.
TEST(DockerCost, CallsThatRun) {
  EXPECT_LE(
      docker_cost("server-mix", Level::o2, [](Options& options) { options.cached_weight_ppm = 0; }).uncached_insns,
      8.0);
  EXPECT_LE(docker_cost("default", Level::o2).uncached_insns, 10.7);
}

TEST(DockerCost, TestsOfBitsAreNeverALoss) {
  for (std::string_view profile : {"server-mix", "uniform", "default"}) {
    const auto all_run = [](Options& options) { options.cache_aware = false; };
    const auto without = [](Options& options) {
      options.cache_aware = false;
      options.only_passes = "share_functions,merge_ranges,order_arguments,search_arguments,weigh_numbers,order_arches";
    };
    EXPECT_LE(docker_cost(profile, Level::o2, all_run).tests, docker_cost(profile, Level::o2, without).tests + 1e-9)
        << profile;
  }
}

// Each way counts what codegen emits for it: load arch, test, load nr, tests, return.
TEST(Cost, CountsLoadsTestsAndReturns) {
  Program program;
  program.foreign = kKill;
  const ir::FunctionId allow = constant_function(program, kAllow);
  const ir::FunctionId refuse = constant_function(program, errno_of(1));
  program.sections.push_back(section_of(kX86_64, {target::Abi::x86_64}, {{0, allow}}, refuse));
  run(program, {});
  CostModel model(program);
  EXPECT_EQ(model.of_call(kX86_64, 0).worst_insns, 5U);
  EXPECT_EQ(model.of_call(kX86_64, 0).tests, 2);
  EXPECT_EQ(model.of_call(kI386, 0).worst_insns, 3U);
}

}  // namespace
}  // namespace sbpc::opt::testing
