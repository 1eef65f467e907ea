// Relations between calls: twins, families, multiplexers, io_uring, libc.
#include <gtest/gtest.h>

#include <algorithm>

#include "target/multiplexers.h"
#include "target/syscalls.h"

namespace sbpc::target {
namespace {

CallId call(std::string_view name) { return find_call(name).value(); }

// Why `other` is a sibling of `name`; empty if it is none.
std::string_view relation(std::string_view name, std::string_view other, Abi abi) {
  for (const Sibling& sibling : siblings_of(call(name), abi)) {
    if (sibling.call == call(other)) return sibling.why;
  }
  return {};
}

TEST(Siblings, twins_where_the_abi_has_them) {
  EXPECT_EQ(relation("futex", "futex_time64", Abi::i386), "time64 twin");
  EXPECT_EQ(relation("futex_time64", "futex", Abi::i386), "time32 twin");
  EXPECT_EQ(relation("futex", "futex_time64", Abi::x86_64), "");
  EXPECT_EQ(relation("chown", "chown32", Abi::i386), "32-bit id twin");
  EXPECT_EQ(relation("chown32", "chown", Abi::i386), "16-bit id twin");
}

TEST(Siblings, successors_and_families) {
  EXPECT_EQ(relation("open", "openat", Abi::x86_64), "successor");
  EXPECT_EQ(relation("openat", "open", Abi::x86_64), "predecessor");
  EXPECT_EQ(relation("openat", "open", Abi::aarch64), "");
  EXPECT_EQ(relation("openat", "openat2", Abi::x86_64), "family open");
  EXPECT_EQ(relation("execve", "execveat", Abi::x86_64), "successor");
  EXPECT_EQ(relation("access", "faccessat2", Abi::x86_64), "family access");
  EXPECT_EQ(relation("clone", "clone3", Abi::x86_64), "family process_create");
  EXPECT_EQ(relation("dup", "fcntl", Abi::x86_64), "family dup, with F_DUPFD");
  EXPECT_EQ(relation("fcntl", "dup", Abi::x86_64), "") << "fcntl duplicates with one command only";
  EXPECT_EQ(relation("open", "memfd_create", Abi::x86_64), "");
}

TEST(Siblings, each_once_never_itself_and_present) {
  for (const AbiInfo& abi : abis()) {
    for (const NumberedCall& entry : calls_of(abi.abi)) {
      const auto siblings = siblings_of(entry.call, abi.abi);
      for (const Sibling& sibling : siblings) {
        EXPECT_NE(sibling.call, entry.call);
        EXPECT_TRUE(call_number(sibling.call, abi.abi));
        EXPECT_EQ(std::ranges::count(siblings, sibling.call, &Sibling::call), 1) << call_name(entry.call);
      }
    }
  }
}

TEST(SubCalls, through_socketcall_and_ipc) {
  const auto socket = sub_call(call("socket"), Abi::i386);
  ASSERT_TRUE(socket);
  EXPECT_EQ(call_name(socket->multiplexer), "socketcall");
  EXPECT_EQ(socket->selector, 1U);
  const auto accept = sub_call(call("accept"), Abi::i386);
  ASSERT_TRUE(accept) << "reached only that way";
  EXPECT_EQ(accept->selector, 5U);
  const auto shmget = sub_call(call("shmget"), Abi::s390x);
  ASSERT_TRUE(shmget);
  EXPECT_EQ(call_name(shmget->multiplexer), "ipc");
  EXPECT_EQ(shmget->selector, 23U);
  EXPECT_FALSE(sub_call(call("socket"), Abi::x86_64));
  EXPECT_FALSE(sub_call(call("socket"), Abi::arm));
  EXPECT_FALSE(sub_call(call("read"), Abi::i386));
}

TEST(SubCalls, as_policies_write_them) {
  const auto text = [](std::string_view name) { return sub_call_text(call(name), *sub_call(call(name), Abi::i386)); };
  EXPECT_EQ(text("socket"), "socketcall(call == SYS_SOCKET)");
  EXPECT_EQ(text("accept4"), "socketcall(call == SYS_ACCEPT4)");
  EXPECT_EQ(text("semget"), "ipc(call & 0xffff == SEMGET)");
  for (uint32_t i = 0; i < call_count(); ++i) {
    const auto sub = sub_call(CallId(i), Abi::i386);
    if (!sub) continue;
    const std::string written = sub_call_text(CallId(i), *sub);
    const size_t name = written.rfind(' ') + 1;
    const auto constant = find_constant(written.substr(name, written.size() - 1 - name));
    ASSERT_TRUE(constant) << written;
    EXPECT_EQ(constant_value(*constant, Abi::i386), sub->selector) << written;
    EXPECT_EQ(multiplexer(*sub).has_arguments, call_name(sub->multiplexer) == "ipc");
  }
}

TEST(SubCalls, the_multiplexer_exists) {
  for (uint32_t i = 0; i < call_count(); ++i) {
    for (const AbiInfo& abi : abis()) {
      const auto sub = sub_call(CallId(i), abi.abi);
      EXPECT_TRUE(!sub || call_number(sub->multiplexer, abi.abi)) << call_name(CallId(i)) << " on " << abi.name;
    }
  }
}

TEST(IoUring, operations) {
  EXPECT_EQ(io_uring_operation(call("openat")), "IORING_OP_OPENAT");
  EXPECT_EQ(io_uring_operation(call("execve")), "");
}

TEST(Libc, measured_calls) {
  const auto exit = libc_calls("glibc-2.36-x86_64", "exit");
  ASSERT_EQ(exit.size(), 1U);
  EXPECT_EQ(call_name(exit[0].call), "exit_group");
  const auto start = libc_calls("glibc-2.36-x86_64", "(start)");
  EXPECT_EQ(std::ranges::count(start, call("rseq"), &LibcCall::call), 1);
  const auto old_start = libc_calls("musl-1.2.3-x86_64", "(start)");
  EXPECT_EQ(std::ranges::count(old_start, call("rseq"), &LibcCall::call), 0);
  const auto socket = libc_calls("glibc-2.36-i386", "socket");
  ASSERT_EQ(socket.size(), 1U);
  EXPECT_EQ(call_name(socket[0].call), "socket");
  EXPECT_EQ(call_name(socket[0].through.value()), "socketcall");
  EXPECT_TRUE(libc_calls("glibc-2.36-x86_64", "no such").empty());
  EXPECT_GT(libc_apis().size(), 600U);
}

}  // namespace
}  // namespace sbpc::target
