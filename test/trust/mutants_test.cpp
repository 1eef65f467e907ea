// A sample of the mutation test (`./dev mutate` runs all of it): a new seed each time, printed; SBPC_TRUST_SEED repeats
// one.
#include "trust/mutants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace sbpc::trust {
namespace {

TEST(Mutants, ASampleOfEveryPolicy) {
  const char* given = std::getenv("SBPC_TRUST_SEED");
  const uint64_t seed = given ? std::strtoull(given, nullptr, 0) : std::random_device{}();
  printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  Counts all;
  size_t programs = 0;
  constexpr size_t kEach = 12;
  for (const Named& policy : all_policies()) {
    std::string messages;
    const auto built = build(policy, messages);
    ASSERT_TRUE(built) << policy.name << "\n" << messages;
    if (!built->program.patches.empty()) continue;  // run-time parameters: unit_prove has their mutants
    std::vector<size_t> indices;
    for (size_t i = 0; i < kEach; ++i) indices.push_back(random() % mutant_count(built->program.insns));
    const Counts counts = judge(*built, indices);
    for (const std::string& lie : counts.wrong) ADD_FAILURE() << policy.name << ": " << lie;
    all.add(counts);
    ++programs;
  }
  printf("%zu programs, %zu mutants: %zu refused, %zu refuted, %zu equal, %zu undecided\n", programs, all.mutants,
         all.refused, all.refuted, all.equal, all.undecided);
  EXPECT_GE(programs, 20U);
  EXPECT_GT(all.refuted, all.mutants / 4);
  for (const std::string& open : all.open) printf("undecided: %s\n", open.c_str());
  EXPECT_EQ(all.undecided, 0U) << "undecided is no answer, though none of them was called equal";
}

// `jge` with its lowest bit flipped divides what it compared. An argument's quotient outgrows every diagram: a call
// that arrives there, changed a little, shows what is wrong.
// All of bash.sb's, or as many.
void refute_divisions(size_t most) {
  constexpr uint16_t kJge = 0x35;
  for (const Named& policy : all_policies()) {
    if (policy.name.find("examples/bash.sb") == std::string::npos) continue;
    std::string messages;
    const auto built = build(policy, messages);
    ASSERT_TRUE(built) << messages;
    const bpf::Insns& insns = built->program.insns;
    std::vector<size_t> indices;
    for (size_t pc = 0; pc < insns.size() && indices.size() < most; ++pc) {
      if (insns[pc].code == kJge) indices.push_back(pc * (mutant_count(insns) / insns.size()));
    }
    const Counts counts = judge(*built, indices);
    EXPECT_GT(counts.refuted, std::min<size_t>(most / 2, 20));
    EXPECT_EQ(counts.undecided, 0U) << (counts.open.empty() ? "" : counts.open.front());
    EXPECT_TRUE(counts.wrong.empty());
    return;
  }
  FAIL() << "no examples/bash.sb";
}

TEST(Mutants, DivisionsOfArgumentsAreRefuted) { refute_divisions(10); }
TEST(Mutants, SlowDivisionsOfArgumentsAreRefuted) { refute_divisions(1000); }

}  // namespace
}  // namespace sbpc::trust
