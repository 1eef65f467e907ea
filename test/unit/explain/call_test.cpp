// Calls as people write them.
#include "explain/call.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/number.h"

namespace sbpc::explain {
namespace {

using target::Abi;
using target::Word;

CallPattern read(std::string_view text, Abi abi = Abi::x86_64) {
  const auto pattern = read_call(text, abi);
  EXPECT_TRUE(pattern.has_value()) << text << ": " << (pattern ? "" : pattern.error().reason);
  return pattern.value_or(CallPattern());
}
std::string reason(std::string_view text, Abi abi = Abi::x86_64) {
  const auto pattern = read_call(text, abi);
  return pattern ? "read" : pattern.error().reason;
}
uint32_t fixed(const CallPattern& pattern, Word word) { return pattern.fixed[static_cast<size_t>(word)]; }

TEST(ReadCall, PlacesAndNamesMeanTheSame) {
  const CallPattern by_place = read("openat(AT_FDCWD, _, O_RDWR|O_CREAT)");
  EXPECT_EQ(by_place.data.nr, 257);
  EXPECT_EQ(by_place.data.arch, 0xC000003EU);
  EXPECT_EQ(by_place.data.args[0], 0xffffff9cU);
  EXPECT_EQ(by_place.data.args[2], 0x42U);
  for (const char* text : {"openat(dirfd: -100, flags: 0x42)", "openat(dirfd == AT_FDCWD, flags == O_RDWR | O_CREAT)",
                           " openat ( flags: O_RDWR | O_CREAT , dirfd: AT_FDCWD ) ", "257(-100, _, 66, _)"}) {
    const CallPattern by_name = read(text);
    EXPECT_EQ(by_name.data, by_place.data) << text;
    EXPECT_EQ(by_name.fixed, by_place.fixed) << text;
  }
}

TEST(ReadCall, WhatIsNotSaidIsOpen) {
  const CallPattern pattern = read("openat(_, _, O_RDWR)");
  EXPECT_EQ(fixed(pattern, Word::arg0_lo), 0U);
  EXPECT_EQ(fixed(pattern, Word::arg1_lo), 0U);
  EXPECT_EQ(fixed(pattern, Word::arg2_lo), ~0U);
  EXPECT_EQ(fixed(pattern, Word::arg2_hi), 0U);  // 32-bit flags: nothing is said of the register's upper half
  EXPECT_EQ(fixed(pattern, Word::arg3_lo), 0U);
  EXPECT_EQ(fixed(pattern, Word::nr), ~0U);
  EXPECT_EQ(fixed(read("getpid"), Word::ip_lo), 0U);
}

TEST(ReadCall, AValueThatDoesNotFitIsMeantForTheRegister) {
  const CallPattern pattern = read("socket(0x100000028)");
  EXPECT_EQ(pattern.data.args[0], 0x100000028U);
  EXPECT_EQ(fixed(pattern, Word::arg0_hi), ~0U);
  EXPECT_EQ(read("socket($0: 0x28)").data.args[0], 0x28U);
  EXPECT_EQ(fixed(read("socket($0: 0x28)"), Word::arg0_hi), ~0U);
  EXPECT_EQ(read("read(ip: 0x400000001000)").data.instruction_pointer, 0x400000001000U);
}

TEST(ReadCall, WideValuesFillTheirSlots) {
  EXPECT_EQ(read("lseek(0, -1, 0)").data.args[1], ~uint64_t{0});
  const CallPattern split = read("pread64(3, _, 5, 0x1122334455667788)", Abi::arm);  // aligned to an even register
  EXPECT_EQ(split.data.args[4], 0x55667788U);
  EXPECT_EQ(split.data.args[5], 0x11223344U);
  EXPECT_EQ(read("clone(flags: CLONE_VM)", Abi::s390x).data.args[1], 0x100U);
}

TEST(ReadCall, ValuesAreReadAsTheLanguageReadsThem) {
  EXPECT_EQ(read("ioctl(1_000, 0x1_0)").data.args[0], 1000U);
  EXPECT_EQ(read("ioctl(0b11, _IOR('V', 1, int), 'a')").data.args[1], 0x80045601U);
  EXPECT_EQ(read("ioctl(0b11, _IOR('V', 1, int), 'a')").data.args[2], 97U);
  EXPECT_EQ(read("ioctl(request: _IOW(':', 1, long))", Abi::i386).data.args[1], 0x40043a01U);
  EXPECT_EQ(read("ioctl(request == _IO(',', 1))").data.args[1], 0x2c01U);
  EXPECT_EQ(read("openat(flags == (1 << 1) | O_CREAT)").data.args[2], 0x42U);
  EXPECT_EQ(read("mmap(addr: 0x1_0000_0000)").data.args[0], 0x100000000U);
  EXPECT_EQ(reason("ioctl(1, _IOR('V', 1))"), "`_IOR('V', 1)` is neither a number nor a constant of x86_64");
  EXPECT_EQ(reason("read(1__0)"), "`1__0` is neither a number nor a constant of x86_64");
  EXPECT_EQ(reason("read(3; const y = 4)"), "`3; const y = 4` is neither a number nor a constant of x86_64");
}

TEST(ReadCall, NumbersStandForCalls) {
  EXPECT_EQ(read("9999").data.nr, 9999);
  EXPECT_EQ(read("-1").data.nr, -1);
  EXPECT_EQ(read("0x40000001(3)").data.args[0], 3U);
  EXPECT_EQ(read("read", Abi::x32).data.nr, 0x40000000);
}

TEST(ReadCall, MistakesAreTold) {
  EXPECT_EQ(reason("opnat"), "x86_64 has no call `opnat`");
  EXPECT_EQ(reason("open", Abi::aarch64), "aarch64 has no call `open`");
  EXPECT_EQ(reason("read(1"), "the `)` at its end is missing");
  EXPECT_EQ(reason("read(1, 2, 3, 4)"), "`read` has 3 arguments");
  EXPECT_EQ(reason("read(x)"), "`x` is neither a number nor a constant of x86_64");
  EXPECT_EQ(reason("read(fdd: 1)"), "`read` has no argument `fdd` on x86_64");
  EXPECT_EQ(reason("99999999999"), "`99999999999` is no number of a call: they have 32 bits");
  EXPECT_EQ(reason(""), "x86_64 has no call ``");
  EXPECT_EQ(reason("read(,)"), "`` is neither a number nor a constant of x86_64");
}

// One arch word, two ABIs: the number tells, as it does in a trace.
TEST(ReadCall, NumbersWithX32sBitAreX32s) {
  EXPECT_EQ(read_call("0x40000001", target::Abi::x86_64)->abi, target::Abi::x32);
  EXPECT_EQ(read_call("0x40000001", target::Abi::x86_64)->data.arch, target::info(target::Abi::x86_64).audit_arch);
  EXPECT_EQ(read_call("1", target::Abi::x32)->abi, target::Abi::x86_64);
  EXPECT_EQ(read_call("0xffffffff", target::Abi::x86_64)->abi, target::Abi::x86_64);
  EXPECT_EQ(read_call("0x40000001", target::Abi::aarch64)->abi, target::Abi::aarch64);
  EXPECT_EQ(read_call("write", target::Abi::x32)->abi, target::Abi::x32);
}

TEST(ReadCall, CallsThatThePolicyDeclares) {
  target::Arg cmd{};
  cmd.name = "cmd";
  cmd.width = 32;
  cmd.slots = {1, std::nullopt};
  const std::vector<sema::DeclaredNumber> declared{{600, "vendor_call", {cmd}}};
  for (const char* text : {"vendor_call(cmd: 3)", "vendor_call(3)", "600(cmd == 3)"}) {
    const auto pattern = read_call(text, Abi::x86_64, declared);
    ASSERT_TRUE(pattern) << text;
    EXPECT_EQ(pattern->data.nr, 600);
    EXPECT_EQ(pattern->data.args[1], 3U);
    EXPECT_EQ(fixed(*pattern, Word::arg1_hi), 0U);
  }
  EXPECT_EQ(read_call("vendor_call(fd: 3)", Abi::x86_64, declared).error().note, "its arguments are `cmd`");
  EXPECT_EQ(read_call("vendor_cal", Abi::x86_64, declared).error().note, "did you mean `vendor_call`?");
}

TEST(ReadCall, NumbersHave32Bits) {
  EXPECT_EQ(parse_number32("-1"), 0xffffffffU);
  EXPECT_EQ(parse_number32("-2147483648"), 0x80000000U);
  EXPECT_EQ(parse_number32("4294967295"), 0xffffffffU);
  EXPECT_FALSE(parse_number32("-2147483649"));
  EXPECT_FALSE(parse_number32("4294967296"));
  EXPECT_EQ(read("-1").data.nr, -1);
  EXPECT_EQ(reason("4294967296"), "`4294967296` is no number of a call: they have 32 bits");
  EXPECT_EQ(reason("nowhere"), "x86_64 has no call `nowhere`");
  EXPECT_EQ(reason("socketcall"), "x86_64 has no call `socketcall`");
}

}  // namespace
}  // namespace sbpc::explain
