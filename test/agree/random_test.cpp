// Random policies against libseccomp, on every ABI it shares with us. SBPC_AGREE_COUNT sets how many, SBPC_AGREE_SEED where to
// begin; without a seed each run takes new ones and prints them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "agree/product.h"
#include "agree/random_policy.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"

namespace sbpc::agree {
namespace {

constexpr size_t kDefaultCount = 150;
constexpr size_t kEvents = 2000;
// libseccomp 2.5's generator is only trusted below this size where the byte order is not the host's.
constexpr size_t kTrustedForeignSize = 250;

size_t from_environment(const char* name, size_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 0) : otherwise;
}

std::vector<target::Abi> shared_abis() {
  std::vector<target::Abi> result;
  for (const target::AbiInfo& abi : target::abis()) {
    if (libseccomp_knows(abi.abi)) result.push_back(abi.abi);
  }
  return result;
}

std::string show(const target::SeccompData& data) {
  std::string text = "arch " + std::to_string(data.arch) + " nr " + std::to_string(data.nr);
  for (uint64_t arg : data.args) text += " " + std::to_string(arg);
  return text;
}

// What one policy's comparison found: nothing, or the first event that differs.
void compare(const RandomPolicy& policy, const bpf::Insns& theirs, const std::string& level, bool big_endian) {
  bpf::Insns ours = compile_text(policy.text, {level, "--target", std::string(target::info(policy.filter.abis[0]).name)}, big_endian);
  ASSERT_FALSE(ours.empty()) << policy.text;
  ASSERT_FALSE(bpf::kernel_refusal(ours)) << policy.text;
  for (const target::SeccompData& event : policy.events) {
    ASSERT_EQ(bpf::interpret(ours, event, big_endian).word, bpf::interpret(theirs, event, big_endian).word)
        << show(event) << "\nat " << level << "\n" << policy.text;
  }
}

TEST(Random, AgreesWithLibseccomp) {
  size_t count = from_environment("SBPC_AGREE_COUNT", kDefaultCount);
  size_t first_seed = from_environment("SBPC_AGREE_SEED", std::random_device{}());
  printf("first seed %zu, %zu policies\n", first_seed, count);
  const char* levels[] = {"-O0", "-O1", "-O2", "-Os"};
  std::vector<target::Abi> abis = shared_abis();
  ASSERT_GE(abis.size(), 15U);
  size_t compared = 0;
  for (size_t i = 0; i < count && !HasFatalFailure(); ++i) {
    target::Abi abi = abis[i % abis.size()];
    SCOPED_TRACE("seed " + std::to_string(first_seed + i) + " on " + std::string(target::info(abi).name));
    RandomPolicy policy = random_policy(first_seed + i, abi, kEvents);
    std::string error;
    auto theirs = build(policy.filter, error);
    if (!theirs) continue;  // rules that libseccomp does not take; counted below
    bool big_endian = target::info(abi).endian == target::Endian::big;
    if (big_endian && theirs->size() > kTrustedForeignSize) continue;
    compare(policy, *theirs, levels[i % 4], big_endian);
    ++compared;
  }
  printf("%zu policies compared on %zu events each\n", compared, kEvents);
  EXPECT_GE(compared, count * 9 / 10);
}

}  // namespace
}  // namespace sbpc::agree
