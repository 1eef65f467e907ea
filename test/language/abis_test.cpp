// Every ABI compiles, its program is one the kernel takes, is proved, and answers as the typed policy means, on random
// events around the policy's own values. The judge is support/reference_meaning.h, which shares nothing with lower, opt
// or codegen.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "bpf/interpret.h"
#include "bpf/verify.h"
#include "language/compiled.h"
#include "support/reference_meaning.h"

namespace sbpc::language {
namespace {

using target::Abi;

constexpr size_t kCallsPerPolicy = 12;
constexpr size_t kEvents = 400;

class RandomText {
 public:
  RandomText(Abi abi, uint64_t seed) : abi_(abi), random_(seed) {}

  // A policy over calls that the ABI has, with conditions on arguments that it has in registers.
  std::string policy() {
    std::string text = "policy p on " + std::string(target::info(abi_).name) + " {\n  kernel 6.12;\n  default " +
                       pick({"kill_process", "errno(ENOSYS)"}) + ";\n";
    const auto calls = target::calls_of(abi_);
    for (size_t i = 0; i < kCallsPerPolicy; ++i) {
      const target::NumberedCall call = calls[random_() % calls.size()];
      // Conditions on calls behind socketcall and ipc are warned about, denials of them are errors: see Ruling6.
      if (target::sub_call(call.call, abi_)) continue;
      text += "  " + std::string(i % 3 == 0 ? "errno(EPERM) " : "allow ") + std::string(target::call_name(call.call)) +
              conditions(call.call) + ";\n";
      numbers.push_back(call.nr);
    }
    return text + "}\n";
  }
  std::vector<uint32_t> numbers;
  std::vector<uint64_t> values;

 private:
  std::string pick(std::vector<std::string> from) { return from[random_() % from.size()]; }

  std::string conditions(target::CallId call) {
    const auto args = target::call_args(call, abi_);
    std::string text;
    for (size_t i = 0; args && i < args->size() && i < 3; ++i) {
      const target::Arg& arg = (*args)[i];
      if (random_() % 2 == 0) continue;
      if (!text.empty()) text += ", ";
      text += condition(arg);
    }
    return text.empty() ? text : "(" + text + ")";
  }
  std::string condition(const target::Arg& arg) {
    const std::string name(arg.name);
    if (arg.is_pointer) return name + (random_() % 2 == 0 ? " == NULL" : " != NULL");
    const uint64_t most = arg.width >= 64 ? ~uint64_t{0} >> 1 : (uint64_t{1} << (arg.width - 1)) - 1;
    const uint64_t value = random_() % 4 == 0 ? random_() & most : random_() % 8;
    values.push_back(value);
    const std::string number = std::to_string(value);
    switch (random_() % 5) {
      case 0: return name + " == " + number;
      case 1: return name + " >= " + number;
      case 2: return name + " & 0x3 == " + std::to_string(value & 3);
      case 3: return name + " in { " + number + ", " + std::to_string(value / 2) + " }";
      default: return name + " != " + number;
    }
  }

  Abi abi_;
  std::mt19937_64 random_;
};

target::SeccompData random_event(std::mt19937_64& random, Abi abi, const RandomText& text) {
  target::SeccompData data;
  data.arch = target::info(abi).audit_arch;
  data.nr = static_cast<int32_t>(text.numbers[random() % text.numbers.size()]);
  if (random() % 16 == 0) data.nr += static_cast<int32_t>(random() % 5) - 2;
  for (uint64_t& arg : data.args) {
    arg = text.values.empty() ? random() % 4 : text.values[random() % text.values.size()] + random() % 3 - 1;
    if (random() % 4 == 0) arg |= uint64_t{1} << (random() % 64);
    if (target::info(abi).register_bits == 32) arg &= 0xffffffffU;
  }
  return data;
}

void expect_agreement(const driver::Compiled& compiled, Abi abi, const RandomText& text, uint64_t seed) {
  const bpf::Insns insns = program(compiled);
  ASSERT_FALSE(bpf::kernel_refusal(insns));
  ASSERT_FALSE(bpf::untidiness(insns));
  ASSERT_TRUE(compiled.proof && compiled.proof->outcome == prove::Proof::Outcome::proved);
  const support::ReferenceMeaning meaning(compiled.policy, {});
  std::mt19937_64 random(seed);
  for (size_t i = 0; i < kEvents; ++i) {
    const target::SeccompData data = random_event(random, abi, text);
    const auto expected = meaning.closed(data);
    const target::Verdict got = target::decode(bpf::interpret(insns, data, compiled.code.program.big_endian).word);
    ASSERT_EQ(got.action, expected.action) << "nr " << data.nr;
    ASSERT_TRUE(expected.data().contains(got.data)) << "nr " << data.nr;
  }
}

void try_policies(uint64_t first, uint64_t count) {
  size_t compiled_ones = 0;
  for (const target::AbiInfo& abi : target::abis()) {
    for (uint64_t seed = first; seed < first + count && !testing::Test::HasFatalFailure(); ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " on " + std::string(abi.name));
      RandomText text(abi.abi, seed);
      const Files files{{"p.sb", text.policy()}};
      std::string why;
      const auto compiled = try_compile(files, {}, &why);
      // A call picked twice may give a condition that is swallowed or two that contradict: those are errors, and not
      // the subject.
      if (!compiled) {
        ASSERT_TRUE(why.find("SB45") != std::string::npos || why.find("SB4001") != std::string::npos ||
                    why.find("SB3") != std::string::npos)
            << why << files.at("p.sb");
        continue;
      }
      ++compiled_ones;
      expect_agreement(*compiled, abi.abi, text, seed);
    }
  }
  const size_t all = count * target::abis().size();
  printf("%zu of %zu random policies compiled, proved and compared on %zu events each\n", compiled_ones, all, kEvents);
  EXPECT_GE(compiled_ones * 10, all * 6);
}

TEST(Abis, RandomPoliciesAgreeWithTheReferenceOnAllOfThem) { try_policies(1, 3); }

TEST(Abis, SlowRandomPoliciesAgreeWithTheReferenceOnAllOfThem) { try_policies(1000, 40); }

// A policy that says much, once for each ABI: the calls that one lacks are skipped there.
TEST(Abis, OnePolicyForAll) {
  ASSERT_EQ(target::abis().size(), 26U);
  for (const target::AbiInfo& abi : target::abis()) {
    const std::string name(abi.name);
    SCOPED_TRACE(name);
    // Some 32-bit ABIs have the one that takes 64-bit locks only.
    const bool has_old = target::call_number(*target::find_call("fcntl"), abi.abi).has_value();
    const std::string fcntl = has_old ? "fcntl" : "fcntl64";
    const auto compiled =
        compile("policy p on " + name +
                " {\n"
                "  kernel 6.12; default errno(EPERM);\n"
                "  allow read, write(fd in 1..2), close, exit_group, rt_sigreturn, brk, munmap;\n"
                "  allow mprotect(prot lacks PROT_EXEC), openat(flags & O_ACCMODE == O_RDONLY, flags lacks O_CREAT);\n"
                "  allow kill(sig in { SIGTERM, SIGUSR1 }), " +
                fcntl +
                "(cmd == F_SETFD && arg == FD_CLOEXEC);\n"
                "  errno(ENOSYS) openat2;\n"
                "  allow clone(flags lacks CLONE_NEWUSER);\n"
                "}\n");
    ASSERT_TRUE(compiled);
    ASSERT_TRUE(compiled->proof && compiled->proof->outcome == prove::Proof::Outcome::proved);
    EXPECT_EQ(compiled->code.program.big_endian, abi.endian == target::Endian::big);
    EXPECT_EQ(answer(*compiled, "write", {1}), "allow");
    EXPECT_EQ(answer(*compiled, "write", {3}), "errno(1)");
    EXPECT_EQ(answer(*compiled, "mprotect", {0, 0, 4}), "errno(1)");
    EXPECT_EQ(answer(*compiled, "openat", {0, 0, 0}), "allow");
  }
}

}  // namespace
}  // namespace sbpc::language
