// Events as calls that a user would write.
#include "lower/event_text.h"

#include <gtest/gtest.h>

#include "describe/names.h"
#include "support/policy_builder.h"

namespace sbpc::lower {
namespace {

using support::PolicyBuilder;
using target::Abi;

std::string value(std::string_view call, std::string_view arg, uint64_t number, Abi abi = Abi::x86_64) {
  auto found = target::find_arg(*target::find_call(call), abi, arg);
  EXPECT_TRUE(found.has_value());
  return describe::value_text(*found, abi, number);
}

TEST(ValueText, NamesWhatHasAName) {
  EXPECT_EQ(value("socket", "domain", 17), "AF_PACKET");
  EXPECT_EQ(value("openat", "flags", 0), "O_RDONLY");
  EXPECT_EQ(value("openat", "flags", 0x42), "O_RDWR | O_CREAT");
  EXPECT_EQ(value("mmap", "prot", 5), "PROT_EXEC | PROT_READ");
  EXPECT_EQ(value("openat", "dirfd", 0xffffff9c), "AT_FDCWD");
}

TEST(ValueText, OtherwiseNumbersAsPeopleReadThem) {
  EXPECT_EQ(value("read", "fd", 3), "3");
  EXPECT_EQ(value("read", "fd", 0xffffffff), "-1");
  EXPECT_EQ(value("read", "count", 0x100000000), "0x100000000");
  EXPECT_EQ(value("read", "buf", 0), "NULL");
  EXPECT_EQ(value("read", "buf", 0x1000), "0x1000");
  EXPECT_EQ(value("fchmod", "mode", 0755), "0o755");
}

TEST(VerdictText, NamesErrnos) {
  EXPECT_EQ(describe::verdict_text({target::Action::errno_, 1}, Abi::x86_64), "errno(EPERM)");
  EXPECT_EQ(describe::verdict_text({target::Action::errno_, 4000}, Abi::x86_64), "errno(4000)");
  EXPECT_EQ(describe::verdict_text({target::Action::trap, 7}, Abi::x86_64), "trap(7)");
}

TEST(EventText, ShowsTheArgumentsThatWereLookedAt) {
  PolicyBuilder b;
  ir::Diagram diagram;
  ir::Diagram::Witness witness;
  witness.data.nr = static_cast<int32_t>(b.call("socket").nr);
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "socket");
  witness.tested[static_cast<size_t>(target::Word::arg0_lo)] = 1;
  witness.data.args[0] = 17;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "socket(domain == AF_PACKET)");
  // The upper half is no part of a 32-bit argument: only a raw slot looks at it.
  witness.tested[static_cast<size_t>(target::Word::arg0_hi)] = 1;
  witness.data.args[0] |= uint64_t{1} << 32;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "socket(domain == AF_PACKET, $0 == 0x100000011)");
}

TEST(EventText, RunTimeParametersGoByTheirNameAndAValue) {
  PolicyBuilder b;
  b.hole("net", true);
  b.hole("sock", false);
  ir::Diagram diagram;
  static_cast<void>(diagram.opaque(std::nullopt, 0, false));
  static_cast<void>(diagram.opaque(target::Word::arg0_lo, 1, false));
  ir::Diagram::Witness witness;
  witness.opaques_set = {0, 1};
  witness.data.args[0] = 3;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "read(fd == sock (3), net)");
}

TEST(EventText, WhatRunTimeParametersAreNotDecidesToo) {
  PolicyBuilder b;
  b.hole("net", true);
  b.hole("sock", false);
  b.hole("wide", false);
  ir::Diagram diagram;
  static_cast<void>(diagram.opaque(std::nullopt, 0, false));
  static_cast<void>(diagram.opaque(target::Word::arg0_lo, 1, false));
  static_cast<void>(diagram.opaque(target::Word::arg2_lo, 2, false));
  static_cast<void>(diagram.opaque(target::Word::arg2_hi, 2, true));
  ir::Diagram::Witness witness;
  witness.opaques_unset = {0, 1};
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "read(fd != sock, !net)");
  witness.tested[static_cast<size_t>(target::Word::arg0_lo)] = 1;
  witness.data.args[0] = 4;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "read(fd == 4, fd != sock, !net)");
  witness = {};
  witness.opaques_set = {2};
  witness.opaques_unset = {3};
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "read(count != wide)") << "the halves are one value";
}

TEST(EventText, HolesOfMasksAndRawSlots) {
  PolicyBuilder b;
  b.hole("low", false);
  ir::Diagram diagram;
  static_cast<void>(diagram.opaque(target::Word::arg0_lo, 0, false, 0xf));
  static_cast<void>(diagram.opaque(target::Word::arg5_lo, 0, false));
  ir::Diagram::Witness witness;
  witness.data.args[0] = 0x13;
  witness.opaques_set = {0};
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "read(fd & 0xf == low (3))");
  witness.opaques_set = {1};
  witness.data.args[5] = 3;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "read($5 == low (0x3))");
}

TEST(EventText, ArgumentsAreWhatTheCommandMakesThem) {
  PolicyBuilder b;
  ir::Diagram diagram;
  ir::Diagram::Witness witness;
  witness.data.nr = static_cast<int32_t>(b.call("fcntl").nr);
  witness.data.args[1] = 4;  // F_SETFL
  witness.data.args[2] = 0x800;
  witness.tested[static_cast<size_t>(target::Word::arg2_lo)] = 0x800;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "fcntl(arg == 0x800)") << "with any command";
  witness.tested[static_cast<size_t>(target::Word::arg1_lo)] = 4;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "fcntl(cmd == F_SETFL, arg == O_NONBLOCK)");
  witness.data.args[1] = 2;  // F_SETFD
  witness.data.args[2] = 1;
  EXPECT_EQ(event_text(b.policy, b.abi(), diagram, witness), "fcntl(cmd == F_SETFD, arg == FD_CLOEXEC)");
}

TEST(EventText, DeclaredAndUnknownCalls) {
  PolicyBuilder b;
  b.abi().declared = {{600, "custom", {}}};
  EXPECT_EQ(call_text(b.abi(), 600), "custom");
  EXPECT_EQ(call_text(b.abi(), 601), "call 601");
}

}  // namespace
}  // namespace sbpc::lower
