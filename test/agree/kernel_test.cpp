// IR interpreter = BPF interpreter = the running kernel, on every small policy and on random ones.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <random>

#include "agree/product.h"
#include "agree/random_policy.h"
#include "agree/small_policies.h"
#include "bpf/interpret.h"
#include "ir/interpret.h"
#include "ir/read.h"
#include "probe.h"

namespace sbpc::agree {
namespace {

using target::SeccompData;

std::string show(const SeccompData& data) {
  std::string text = "arch " + std::to_string(data.arch) + " nr " + std::to_string(data.nr);
  for (uint64_t arg : data.args) text += " " + std::to_string(arg);
  return text;
}

ir::Program read_ir(const std::string& path) {
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  auto program = ir::read(text);
  EXPECT_TRUE(program) << (program ? "" : program.error().message) << "\n" << text;
  if (!program) return ir::Program();
  return std::move(*program);
}

// What the kernel answers; events that this machine cannot make are left out of the comparison.
std::vector<probe_verdict> ask_kernel(const bpf::Insns& insns, const std::vector<SeccompData>& events) {
  std::vector<sock_filter> filter;
  for (const bpf::Insn& insn : insns) filter.push_back({insn.code, insn.jt, insn.jf, insn.k});
  std::vector<probe_event> asked;
  for (const SeccompData& data : events) {
    probe_event event{data.arch, data.nr, {}};
    std::copy(std::begin(data.args), std::end(data.args), event.args);
    asked.push_back(event);
  }
  std::vector<probe_verdict> verdicts(events.size());
  probe_job job{PROBE_WORDS, filter.data(), filter.size(), asked.data(), asked.size()};
  const char* obstacle = probe_run(&job, verdicts.data());
  EXPECT_EQ(obstacle, nullptr) << obstacle;
  return verdicts;
}

void compare_kernel(const bpf::Insns& insns, const std::vector<SeccompData>& events, size_t& calls) {
  std::vector<probe_verdict> verdicts = ask_kernel(insns, events);
  for (size_t i = 0; i < events.size(); ++i) {
    if (verdicts[i].kind == PROBE_SKIPPED) continue;
    ASSERT_EQ(verdicts[i].word, bpf::interpret(insns, events[i], false).word) << show(events[i]);
    ++calls;
  }
}

TEST(Kernel, SmallPoliciesMeanTheSameEverywhere) {
  const char* refused = probe_seccomp_refused();
  size_t calls = 0;
  size_t index = 0;
  for (const SmallPolicy& policy : small_policies()) {
    SCOPED_TRACE(policy.text);
    std::string ir_path = scratch_directory() + "/small.ir";
    const char* level = ++index % 2 ? "-O2" : index % 4 ? "-O1" : "-O0";
    bpf::Insns insns = compile_text(policy.text, {level, "--target", "x86_64,i386", "--emit", "ir=" + ir_path});
    ASSERT_FALSE(insns.empty());
    ir::Program program = read_ir(ir_path);
    for (const SeccompData& event : small_events()) {
      ASSERT_EQ(target::encode(ir::interpret_clauses(program, event)), bpf::interpret(insns, event, false).word)
          << show(event);
    }
    if (!refused) compare_kernel(insns, small_events(), calls);
    if (HasFatalFailure()) return;
  }
  if (refused) GTEST_SKIP() << "the kernel's part is not run: " << refused;
  printf("%zu policies, %zu calls answered by the kernel\n", index, calls);
  EXPECT_GT(calls, 200'000U);
}

// The IR and the BPF interpreter are held against each other as well: neither the kernel nor libseccomp sees the
// other's mistakes.
TEST(Kernel, RandomPoliciesMeanTheSame) {
  if (const char* refused = probe_seccomp_refused()) GTEST_SKIP() << refused;
  uint64_t seed = std::random_device{}();
  printf("first seed %llu\n", static_cast<unsigned long long>(seed));
  constexpr size_t kCalls = 200'000;
  constexpr size_t kMostPolicies = 1000;  // calls that this machine cannot make do not count
  constexpr std::array kLevels{"-O0", "-O1", "-O2", "-O3", "-Os"};
  size_t calls = 0;
  size_t i = 0;
  const std::string ir_path = scratch_directory() + "/random.ir";
  for (; calls < kCalls && i < kMostPolicies; ++i) {
    RandomPolicy policy = random_policy(seed + i, i % 4 ? target::Abi::x86_64 : target::Abi::i386, 2000);
    const std::string text = text_of(policy);
    SCOPED_TRACE(text);
    bpf::Insns insns = compile_text(text, {kLevels[i % kLevels.size()], "--emit", "ir=" + ir_path});
    ASSERT_FALSE(insns.empty());
    const ir::Program program = read_ir(ir_path);
    for (const SeccompData& event : policy.events) {
      ASSERT_EQ(target::encode(ir::interpret_clauses(program, event)), bpf::interpret(insns, event, false).word)
          << show(event);
    }
    compare_kernel(insns, policy.events, calls);
    if (HasFatalFailure()) return;
  }
  printf("%zu policies, %zu calls answered by the kernel\n", i, calls);
  EXPECT_GE(calls, kCalls);
}

}  // namespace
}  // namespace sbpc::agree
