// Names, numbers and lifetimes, compared with the installed kernel headers where there are any.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include "target/syscalls.h"

namespace sbpc::target {
namespace {

CallId call(std::string_view name) {
  const auto id = find_call(name);
  EXPECT_TRUE(id) << name;
  return id.value_or(CallId(uint32_t{0}));
}

KernelVersion since(std::string_view name, Abi abi) { return call_lifetime(call(name), abi).since; }

// Every `#define __NR_name value` of a header; x32's values are written (__X32_SYSCALL_BIT + n).
size_t compare_with_header(const std::string& path, Abi abi) {
  std::ifstream file(path);
  size_t compared = 0;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string define, name, value, plus, rest;
    words >> define >> name >> value >> plus >> rest;
    if (define != "#define" || !name.starts_with("__NR_")) continue;
    const uint32_t nr =
        plus == "+" ? kX32Bit + static_cast<uint32_t>(std::stoul(rest)) : static_cast<uint32_t>(std::stoul(value));
    const auto id = find_call(name.substr(5));
    EXPECT_TRUE(id && call_number(*id, abi) == nr) << name;
    ++compared;
  }
  return compared;
}

struct Header {
  const char* file;
  Abi abi;
};

class InstalledHeaders : public testing::TestWithParam<Header> {};

TEST_P(InstalledHeaders, numbers_agree) {
  const std::string path = std::string("/usr/include/x86_64-linux-gnu/asm/") + GetParam().file;
  if (!std::ifstream(path)) GTEST_SKIP() << path << " is not installed (linux-libc-dev)";
  EXPECT_GT(compare_with_header(path, GetParam().abi), 300U);
}

INSTANTIATE_TEST_SUITE_P(x86, InstalledHeaders,
                         testing::Values(Header{"unistd_64.h", Abi::x86_64}, Header{"unistd_32.h", Abi::i386},
                                         Header{"unistd_x32.h", Abi::x32}));

TEST(Calls, every_name_is_found_and_every_number_leads_back) {
  for (uint32_t i = 0; i < call_count(); ++i) {
    const CallId id(i);
    ASSERT_EQ(find_call(call_name(id)), id);
    for (const AbiInfo& abi : abis()) {
      const auto nr = call_number(id, abi.abi);
      const bool is_second = abi.abi == Abi::arm && call_name(id) == "sync_file_range2";
      ASSERT_TRUE(!nr || (call_at(abi.abi, *nr) == id) != is_second) << call_name(id) << " on " << abi.name;
    }
  }
  EXPECT_FALSE(find_call("opne"));
  EXPECT_FALSE(find_call(""));
  EXPECT_FALSE(find_call("zzz"));
}

TEST(Calls, calls_of_an_abi_rise_and_are_complete) {
  for (const AbiInfo& abi : abis()) {
    const auto calls = calls_of(abi.abi);
    EXPECT_GT(calls.size(), 300U) << abi.name;
    EXPECT_TRUE(std::ranges::is_sorted(calls, std::ranges::less_equal{}, &NumberedCall::nr)) << abi.name;
    size_t named = 0;
    for (uint32_t i = 0; i < call_count(); ++i) named += call_number(CallId(i), abi.abi).has_value() ? 1 : 0;
    EXPECT_EQ(calls.size(), named - (abi.abi == Abi::arm ? 1 : 0)) << abi.name << ": arm has a number with two names";
  }
}

// arch/arm/include/uapi/asm/unistd.h: #define __NR_sync_file_range2 __NR_arm_sync_file_range
TEST(Calls, a_number_may_have_two_names) {
  const CallId second = call("sync_file_range2");
  EXPECT_EQ(call_number(second, Abi::arm), 341U);
  EXPECT_EQ(call_name(*call_at(Abi::arm, 341)), "arm_sync_file_range");
  EXPECT_EQ(call_lifetime(second, Abi::arm).since, call_lifetime(call("arm_sync_file_range"), Abi::arm).since);
  const auto args = call_args(second, Abi::arm);
  ASSERT_TRUE(args && args->size() == 4);
  EXPECT_EQ((*args)[1].name, "flags");
  EXPECT_EQ((*args)[2].slots.high, 3);
  EXPECT_EQ(find_arg(second, Abi::ppc, "flags")->slots.low, 1);
}

TEST(Calls, numbers_differ_by_abi) {
  EXPECT_EQ(call_number(call("read"), Abi::x86_64), 0U);
  EXPECT_EQ(call_number(call("read"), Abi::i386), 3U);
  EXPECT_EQ(call_number(call("read"), Abi::aarch64), 63U);
  EXPECT_EQ(call_number(call("read"), Abi::mips), 4003U);
  EXPECT_EQ(call_number(call("read"), Abi::mipsel), 4003U);
  EXPECT_EQ(call_number(call("read"), Abi::mipsel64), 5000U);
  EXPECT_EQ(call_number(call("read"), Abi::mips64n32), 6000U);
  EXPECT_EQ(call_number(call("execve"), Abi::x32), kX32Bit | 520U);
  EXPECT_EQ(call_number(call("read"), Abi::x32), kX32Bit);
  EXPECT_FALSE(call_number(call("open"), Abi::aarch64));
  EXPECT_FALSE(call_number(call("accept"), Abi::i386));
  EXPECT_EQ(call_number(call("set_tls"), Abi::arm), 0x0f0005U);
}

TEST(Calls, table_bounds) {
  EXPECT_TRUE(table_has_number(Abi::x86_64, 334));
  EXPECT_FALSE(table_has_number(Abi::x86_64, 337));
  EXPECT_FALSE(table_has_number(Abi::x86_64, kX32Bit));
  EXPECT_FALSE(table_has_number(Abi::x86_64, 0xffffffffU));
  EXPECT_EQ(highest_number(Abi::x86_64), 471U);
  EXPECT_EQ(highest_number(Abi::arm), 471U) << "without the private calls";
  EXPECT_EQ(highest_number(Abi::mips64), 5471U);
}

TEST(Calls, version_texts) {
  EXPECT_EQ(parse_kernel_version("6.12"), (KernelVersion{6, 12}));
  EXPECT_EQ(parse_kernel_version("6.12.3"), (KernelVersion{6, 12}));
  EXPECT_EQ(parse_kernel_version("7"), (KernelVersion{7, 0}));
  for (const char* bad : {"", ".", "6.", "6.12.", "6.12.3.4", "a", "6.x", "-1", "6.12-rc1", "256", "6 12", "v6"}) {
    EXPECT_FALSE(parse_kernel_version(bad)) << bad;
  }
  EXPECT_EQ(table_version(), (KernelVersion{7, 2}));
}

TEST(Lifetime, is_the_later_of_call_and_abi) {
  EXPECT_EQ(since("read", Abi::x86_64), (KernelVersion{1, 0}));
  EXPECT_EQ(since("read", Abi::x32), (KernelVersion{3, 4}));
  EXPECT_EQ(since("read", Abi::aarch64), (KernelVersion{3, 7}));
  EXPECT_EQ(since("read", Abi::riscv64), (KernelVersion{4, 15}));
  EXPECT_EQ(since("read", Abi::loongarch64), (KernelVersion{5, 19}));
  EXPECT_EQ(since("mseal", Abi::loongarch64), (KernelVersion{6, 10}));
}

TEST(Lifetime, newest_calls) {
  EXPECT_EQ(since("setxattrat", Abi::x86_64), (KernelVersion{6, 13}));
  EXPECT_EQ(since("open_tree_attr", Abi::aarch64), (KernelVersion{6, 15}));
  EXPECT_EQ(since("file_getattr", Abi::x86_64), (KernelVersion{6, 17}));
  EXPECT_EQ(since("uprobe", Abi::x86_64), (KernelVersion{6, 18}));
  EXPECT_EQ(since("listns", Abi::riscv64), (KernelVersion{6, 19}));
  EXPECT_EQ(since("rseq_slice_yield", Abi::i386), (KernelVersion{7, 0}));
}

TEST(Lifetime, some_abis_got_a_call_later) {
  EXPECT_EQ(since("socket", Abi::x86_64), (KernelVersion{2, 0}));
  EXPECT_EQ(since("socket", Abi::i386), (KernelVersion{4, 3}));
  EXPECT_EQ(since("semget", Abi::i386), (KernelVersion{5, 1}));
  EXPECT_EQ(since("semget", Abi::x86_64), (KernelVersion{2, 0}));
  EXPECT_EQ(since("arch_prctl", Abi::i386), (KernelVersion{4, 12}));
  EXPECT_EQ(since("map_shadow_stack", Abi::aarch64), (KernelVersion{6, 7}));
}

TEST(Lifetime, removed_and_never) {
  const Lifetime sysctl = call_lifetime(call("_sysctl"), Abi::x86_64);
  EXPECT_EQ(sysctl.removed, (KernelVersion{5, 5}));
  EXPECT_FALSE(sysctl.never);
  for (const char* name : {"afs_syscall", "tuxcall", "security", "vserver", "getpmsg", "putpmsg"}) {
    EXPECT_TRUE(call_lifetime(call(name), Abi::x86_64).never) << name;
  }
  EXPECT_TRUE(call_lifetime(call("unused18"), Abi::mips).never);
  EXPECT_FALSE(call_lifetime(call("unused59"), Abi::mips).never) << "4059 is sys_olduname in spite of its name";
}

// Ruling of the language: unsure calls count as old. This list is what a reader of a report has to know.
TEST(Lifetime, the_unsure_ones) {
  std::vector<std::string_view> unsure;
  for (uint32_t i = 0; i < call_count(); ++i) {
    const Lifetime life = call_lifetime(CallId(i), Abi::x86_64);
    if (!life.sure && !life.never) unsure.push_back(call_name(CallId(i)));
  }
  EXPECT_EQ(unsure, (std::vector<std::string_view>{"unused109", "unused59"}));
}

TEST(Lifetime, never_calls_have_no_signature) {
  for (uint32_t i = 0; i < call_count(); ++i) {
    for (const AbiInfo& abi : abis()) {
      EXPECT_FALSE(call_lifetime(CallId(i), abi.abi).never && call_args(CallId(i), abi.abi)) << call_name(CallId(i));
    }
  }
}

}  // namespace
}  // namespace sbpc::target
