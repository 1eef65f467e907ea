// Events as calls, numbers as names.
#include "describe/names.h"

#include <gtest/gtest.h>

namespace sbpc::describe {
namespace {

using target::Abi;

target::SeccompData event(std::string_view call, Abi abi, std::vector<uint64_t> args) {
  target::SeccompData data;
  data.arch = target::info(abi).audit_arch;
  data.nr = static_cast<int32_t>(*target::call_number(*target::find_call(call), abi));
  for (size_t i = 0; i < args.size(); ++i) data.args[i] = args[i];
  return data;
}

TEST(EventText, WritesWhatEmuReads) {
  EXPECT_EQ(event_text(Abi::x86_64, event("openat", Abi::x86_64, {0xffffff9c, 0, 2})),
            "openat(AT_FDCWD, NULL, O_RDWR, 0)");
  EXPECT_EQ(event_text(Abi::x86_64, event("socket", Abi::x86_64, {0x100000028})), "socket(0x100000028, 0, IPPROTO_IP)");
}

TEST(EventText, LeavesOutWhatDoesNotMatter) {
  std::array<uint32_t, target::kWordCount> tested{};
  tested[static_cast<size_t>(target::Word::arg2_lo)] = 3;
  EXPECT_EQ(event_text(Abi::x86_64, event("openat", Abi::x86_64, {1, 2, 1}), tested), "openat(_, _, O_WRONLY)");
  EXPECT_EQ(event_text(Abi::x86_64, event("openat", Abi::x86_64, {}), {}), "openat()");
}

// A filter may look at what the kernel does not: without it the call would not be the one that is meant.
TEST(EventText, RegistersThatTheCallDoesNotUse) {
  std::array<uint32_t, target::kWordCount> tested{};
  tested[static_cast<size_t>(target::Word::arg0_lo)] = ~0U;
  EXPECT_EQ(event_text(Abi::x86_64, event("fork", Abi::x86_64, {3, 4}), tested), "fork($0: 0x3)");
  tested[static_cast<size_t>(target::Word::arg5_hi)] = 1;
  EXPECT_EQ(event_text(Abi::x86_64, event("openat", Abi::x86_64, {0xffffff9c, 0, 0, 0, 0, 1ULL << 32U}), tested),
            "openat(AT_FDCWD, $5: 0x100000000)");
  target::SeccompData data = event("getpid", Abi::x86_64, {});
  data.instruction_pointer = 0x1000;
  tested[static_cast<size_t>(target::Word::ip_lo)] = ~0U;
  EXPECT_EQ(event_text(Abi::x86_64, data, tested), "getpid(ip: 0x1000)");
}

TEST(EventText, NumbersWithoutAName) {
  target::SeccompData data;
  data.nr = 9999;
  EXPECT_EQ(event_text(Abi::x86_64, data, {}), "number 9999");
  data.nr = -1;
  EXPECT_EQ(event_text(Abi::x86_64, data, {}), "number 0xffffffff");
}

TEST(AbiOf, TellsX32ByItsBit) {
  EXPECT_EQ(abi_of(0xC000003EU, 0), Abi::x86_64);
  EXPECT_EQ(abi_of(0xC000003EU, target::kX32Bit | 1), Abi::x32);
  EXPECT_EQ(abi_of(0xC000003EU, 0xffffffffU), Abi::x86_64);
  EXPECT_EQ(abi_of(1, 0), std::nullopt);
}

TEST(Bits, CompositesOnlyWhereAsked) {
  const auto flags = *target::find_arg(*target::find_call("openat"), Abi::x86_64, "flags");
  EXPECT_EQ(bits_text(flags, Abi::x86_64, 0x410000, true), "O_TMPFILE");
  EXPECT_EQ(bits_text(flags, Abi::x86_64, 0x410000), "O_DIRECTORY | 0x400000");
  EXPECT_EQ(bits_text(flags, Abi::x86_64, 0x41), "O_CREAT | 0x1") << "0x1 is part of O_ACCMODE";
}

}  // namespace
}  // namespace sbpc::describe
