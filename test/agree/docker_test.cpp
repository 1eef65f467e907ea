// Docker's default profile as an SB policy against a libseccomp filter of the same rules: equal on every number,
// foreign arch and boundary value, but for the differences named here.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>

#include "agree/libseccomp_oracle.h"
#include "agree/product.h"
#include "bpf/interpret.h"
#include "support/source_dir.h"
#include "target/abi.h"
#include "target/actions.h"
#include "target/syscalls.h"

namespace sbpc::agree {
namespace {

using target::Abi;
using target::Action;
using target::SeccompData;

constexpr uint32_t kX86_64 = 0xC000003EU;  // AUDIT_ARCH_X86_64
const uint32_t kErrnoPerm = target::encode({Action::errno_, 1});
const uint32_t kErrnoNosys = target::encode({Action::errno_, 38});
const uint32_t kAllow = target::encode({Action::allow, 0});
const uint32_t kKill = target::encode({Action::kill_process, 0});

uint32_t number(const char* name) {
  auto call = target::find_call(name);
  return target::call_number(*call, Abi::x86_64).value();
}

constexpr const char* kAlwaysAllowed[] = {
#include "agree/docker_calls.inc"
};

// moby/profiles seccomp/default.json, 2026-06-30: what is conditional there, by number.
void add_conditional_rules(OracleFilter& filter) {
  using Op = OracleCompare::Op;
  auto socket = static_cast<int>(number("socket"));
  filter.rules.push_back({kAllow, socket, {{0, Op::lt, 38}}});
  filter.rules.push_back({kAllow, socket, {{0, Op::eq, 39}}});
  filter.rules.push_back({kAllow, socket, {{0, Op::gt, 40}}});
  for (uint64_t persona : {0x0ULL, 0x8ULL, 0x20000ULL, 0x20008ULL, 0xffffffffULL}) {
    filter.rules.push_back({kAllow, static_cast<int>(number("personality")), {{0, Op::eq, persona}}});
  }
  filter.rules.push_back({kAllow, static_cast<int>(number("clone")), {{0, Op::masked_eq, 0x7e020000, 0}}});
  filter.rules.push_back({kErrnoNosys, static_cast<int>(number("clone3")), {}});
}

OracleFilter docker_rules() {
  OracleFilter filter;
  filter.otherwise = kErrnoPerm;
  filter.bad_arch = kKill;
  filter.abis = {Abi::x86_64};
  for (const char* name : kAlwaysAllowed) filter.rules.push_back({kAllow, static_cast<int>(number(name)), {}});
  add_conditional_rules(filter);
  return filter;
}

// Every boundary of the compared constants, every single bit, the ends, and random values; 32 bits wide, as the
// arguments are.
std::set<uint32_t> interesting_values() {
  std::set<uint32_t> values = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x7e020000, ~0x7e020000U};
  for (uint32_t around : {8U, 38U, 39U, 40U, 0x20000U, 0x20008U, 0x7e020000U}) {
    for (uint32_t value : {around - 1, around, around + 1}) values.insert(value);
  }
  for (int bit = 0; bit < 32; ++bit)
    for (uint32_t value : {1U << bit, ~(1U << bit), (1U << bit) - 1}) values.insert(value);
  std::mt19937 random(20260630);
  for (int i = 0; i < 500; ++i) values.insert(static_cast<uint32_t>(random()));
  return values;
}

uint32_t answer(const bpf::Insns& program, const SeccompData& data) {
  return bpf::interpret(program, data, false).word;
}

std::string show(const SeccompData& data) {
  char text[96];
  snprintf(text, sizeof text, "arch %#x nr %#x args[0] %#llx", data.arch, static_cast<unsigned>(data.nr),
           static_cast<unsigned long long>(data.args[0]));
  return text;
}

class DockerDefault : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ours_ = compile(support::source_dir() + "/examples/docker-default.sb", {GetParam()});
    std::string error;
    auto theirs = build(docker_rules(), error);
    ASSERT_TRUE(theirs) << error;
    theirs_ = *theirs;
    ASSERT_FALSE(ours_.empty());
  }
  void expect_same(const SeccompData& data) const {
    ASSERT_EQ(answer(ours_, data), answer(theirs_, data)) << show(data);
  }
  bpf::Insns ours_;
  bpf::Insns theirs_;
};

TEST_P(DockerDefault, SameOnEveryNumber) {
  for (uint32_t nr = 0; nr < 1024; ++nr) {
    if (nr >= target::kX32LegacyFirst && nr <= target::kX32LegacyLast) continue;
    expect_same({static_cast<int32_t>(nr), kX86_64, 0, {}});
  }
  for (uint32_t nr : {1024U, 0xffffU, 0x3fffffffU, 0xffffffffU})
    expect_same({static_cast<int32_t>(nr), kX86_64, 0, {}});
}

// Named difference: before Linux 5.4 these numbers ran x32's calls, so they are foreign here and unknown there.
TEST_P(DockerDefault, LegacyX32NumbersAreForeign) {
  for (uint32_t nr = target::kX32LegacyFirst; nr <= target::kX32LegacyLast; ++nr) {
    SeccompData data{static_cast<int32_t>(nr), kX86_64, 0, {}};
    EXPECT_EQ(answer(ours_, data), kKill) << nr;
    EXPECT_EQ(answer(theirs_, data), kErrnoPerm) << nr;
  }
}

TEST_P(DockerDefault, SameOnX32AndForeignArches) {
  for (uint32_t nr = 0; nr < 1024; ++nr) expect_same({static_cast<int32_t>(nr | target::kX32Bit), kX86_64, 0, {}});
  for (const target::AbiInfo& abi : target::abis()) {
    for (uint32_t nr : {0U, 1U, 56U, 59U, 0xffffffffU}) expect_same({static_cast<int32_t>(nr), abi.audit_arch, 0, {}});
  }
  for (uint32_t arch : {0U, 1U, kX86_64 ^ 1, 0xffffffffU}) expect_same({0, arch, 0, {}});
}

TEST_P(DockerDefault, SameOnBoundaryArguments) {
  for (const char* name : {"clone", "socket", "personality"}) {
    for (uint32_t value : interesting_values()) {
      expect_same({static_cast<int32_t>(number(name)), kX86_64, 0, {value, 0x1234, 0, 0, 0, 0}});
    }
  }
}

// Named difference: libseccomp compares 64 bits, the kernel looks at 32; an upper bit must not slip past the rule.
TEST_P(DockerDefault, UpperBitsDoNotSlipPast) {
  SeccompData vsock{static_cast<int32_t>(number("socket")), kX86_64, 0, {0x100000028, 1, 0, 0, 0, 0}};
  EXPECT_EQ(answer(ours_, vsock), kErrnoPerm);
  EXPECT_EQ(answer(theirs_, vsock), kAllow);
}

INSTANTIATE_TEST_SUITE_P(Levels, DockerDefault, testing::Values("-O0", "-O1", "-O2", "-O3", "-Os"),
                         [](const auto& info) { return std::string(info.param).substr(1); });

TEST(DockerDefaultSize, AtMost125Instructions) {
  auto program = compile(support::source_dir() + "/examples/docker-default.sb", {});
  EXPECT_GT(program.size(), 50U);
  EXPECT_LE(program.size(), 125U);
}

}  // namespace
}  // namespace sbpc::agree
