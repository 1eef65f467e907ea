// Random policies against libseccomp, on every ABI it shares with us. SBPC_AGREE_COUNT sets how many, SBPC_AGREE_SEED
// where to begin; without a seed each run takes new ones and prints them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>

#include "agree/product.h"
#include "agree/random_policy.h"
#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "target/actions.h"
#include "target/syscalls.h"

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

bool holds(const OracleCompare& compare, const target::SeccompData& data, unsigned register_bits) {
  const uint64_t all = register_bits == 32 ? 0xffffffffU : ~uint64_t{0};
  const uint64_t value = data.args[compare.arg] & all;
  switch (compare.op) {
    case OracleCompare::Op::ne: return value != compare.value;
    case OracleCompare::Op::lt: return value < compare.value;
    case OracleCompare::Op::le: return value <= compare.value;
    case OracleCompare::Op::eq: return value == compare.value;
    case OracleCompare::Op::ge: return value >= compare.value;
    case OracleCompare::Op::gt: return value > compare.value;
    case OracleCompare::Op::masked_eq: return (value & compare.value) == (compare.datum & compare.value & all);
  }
  return false;
}

// What the rules say of an event of the policy's ABI; all of them have one action.
std::optional<uint32_t> as_written(const RandomPolicy& policy, const target::SeccompData& data) {
  const target::AbiInfo& abi = target::info(policy.filter.abis[0]);
  if (data.arch != abi.audit_arch) return std::nullopt;
  for (size_t i = 0; i < policy.calls.size(); ++i) {
    const auto call = target::find_call(policy.calls[i]);
    const auto nr = call ? target::call_number(*call, abi.abi) : std::nullopt;
    if (!nr) return std::nullopt;
    if (*nr != static_cast<uint32_t>(data.nr)) continue;
    const OracleRule& rule = policy.filter.rules[i];
    if (std::ranges::all_of(rule.compares, [&](const auto& one) { return holds(one, data, abi.register_bits); }))
      return rule.action;
  }
  return policy.filter.otherwise;
}

// What is wrong with a policy: nothing, or the event that differs and how, in words. Where our answer is what the rules
// say and libseccomp's is not, that is none of our faults, and counted.
std::string problem(const RandomPolicy& policy, const bpf::Insns& theirs, const std::string& level,
                    size_t* their_faults = nullptr) {
  const target::AbiInfo& abi = target::info(policy.filter.abis[0]);
  const bool big_endian = abi.endian == target::Endian::big;
  const bpf::Insns ours = compile_text(text_of(policy), {level, "--target", std::string(abi.name)}, big_endian);
  if (ours.empty()) return "it does not compile";
  if (const auto refusal = bpf::kernel_refusal(ours)) return "the kernel would refuse it: " + refusal->text;
  for (const target::SeccompData& event : policy.events) {
    const uint32_t here = bpf::interpret(ours, event, big_endian).word;
    const uint32_t there = bpf::interpret(theirs, event, big_endian).word;
    if (here == there) continue;
    if (their_faults != nullptr && as_written(policy, event) == here) {
      ++*their_faults;
      continue;
    }
    return show(event) + ": " + target::to_string(target::decode(here)) + " here, " +
           target::to_string(target::decode(there)) + " there";
  }
  return {};
}

// The shortest policy that shows the difference.
std::string smallest(const RandomPolicy& policy, const std::string& level) {
  const auto fails = [&](const RandomPolicy& part) {
    std::string error;
    const auto theirs = build(part.filter, error);
    return theirs && !problem(part, *theirs, level).empty();
  };
  const RandomPolicy least = minimized(policy, fails);
  std::string error;
  const auto theirs = build(least.filter, error);
  return text_of(least) + "at " + level + ": " + (theirs ? problem(least, *theirs, level) : error);
}

TEST(Random, AgreesWithLibseccomp) {
  size_t count = from_environment("SBPC_AGREE_COUNT", kDefaultCount);
  size_t first_seed = from_environment("SBPC_AGREE_SEED", std::random_device{}());
  printf("first seed %zu, %zu policies\n", first_seed, count);
  const char* levels[] = {"-O0", "-O1", "-O2", "-Os"};
  std::vector<target::Abi> abis = shared_abis();
  ASSERT_GE(abis.size(), 15U);
  size_t compared = 0;
  size_t wrong_there = 0;
  for (size_t i = 0; i < count && !HasFatalFailure(); ++i) {
    target::Abi abi = abis[i % abis.size()];
    SCOPED_TRACE("seed " + std::to_string(first_seed + i) + " on " + std::string(target::info(abi).name));
    RandomPolicy policy = random_policy(first_seed + i, abi, kEvents);
    std::string error;
    auto theirs = build(policy.filter, error);
    if (!theirs) continue;  // rules that libseccomp does not take; counted below
    bool big_endian = target::info(abi).endian == target::Endian::big;
    if (big_endian && theirs->size() > kTrustedForeignSize) continue;
    size_t their_faults = 0;
    const std::string found = problem(policy, *theirs, levels[i % 4], &their_faults);
    ASSERT_EQ(found, "") << smallest(policy, levels[i % 4]);
    if (their_faults != 0) {
      ++wrong_there;
      printf("seed %zu: libseccomp answers %zu events otherwise than the rules say\n", first_seed + i, their_faults);
    }
    ++compared;
  }
  printf("%zu policies compared on %zu events each; libseccomp is wrong in %zu of them\n", compared, kEvents,
         wrong_there);
  EXPECT_GE(compared, count * 9 / 10);
  // It joins blocks of several calls that only look alike: i386, `$0 & 1 == 0` beside `$0 == A, $1 == B`.
  EXPECT_LE(wrong_there, std::max<size_t>(1, count / 1000));
}

// The minimiser itself: of a policy that "fails" as long as a certain comparison is in it, that comparison is left.
TEST(Random, MinimisingLeavesWhatMatters) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const RandomPolicy whole = random_policy(seed, target::Abi::x86_64, 1);
    const auto& rules = whole.filter.rules;
    const auto with =
        std::find_if(rules.begin(), rules.end(), [](const OracleRule& rule) { return !rule.compares.empty(); });
    if (with == rules.end()) continue;
    const uint64_t wanted = with->compares[0].value;
    const RandomPolicy least = minimized(whole, [wanted](const RandomPolicy& part) {
      return std::any_of(part.filter.rules.begin(), part.filter.rules.end(), [wanted](const OracleRule& rule) {
        return std::any_of(rule.compares.begin(), rule.compares.end(),
                           [wanted](const OracleCompare& c) { return c.value == wanted; });
      });
    });
    ASSERT_EQ(least.filter.rules.size(), 1U) << text_of(least);
    EXPECT_EQ(least.filter.rules[0].compares.size(), 1U) << text_of(least);
  }
}

}  // namespace
}  // namespace sbpc::agree
