// Constants: the kernel's values on each ABI.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>

#include "target/syscalls.h"

namespace sbpc::target {
namespace {

__int128 value(std::string_view name, Abi abi) {
  const auto constant = find_constant(name);
  EXPECT_TRUE(constant) << name;
  const auto found = constant ? constant_value(*constant, abi) : std::nullopt;
  EXPECT_TRUE(found) << name;
  return found.value_or(-12345);
}

bool absent(std::string_view name, Abi abi) { return !constant_value(find_constant(name).value(), abi); }

TEST(Constants, differ_by_abi) {
  EXPECT_EQ(value("O_DIRECTORY", Abi::x86_64), 0x10000);
  EXPECT_EQ(value("O_DIRECTORY", Abi::arm), 0x4000);
  EXPECT_EQ(value("O_DIRECTORY", Abi::aarch64), 0x4000);
  EXPECT_EQ(value("MAP_ANONYMOUS", Abi::x86_64), 0x20);
  EXPECT_EQ(value("MAP_ANONYMOUS", Abi::mips), 0x800);
  EXPECT_EQ(value("MAP_ANONYMOUS", Abi::parisc64), 0x10);
  EXPECT_EQ(value("SOCK_STREAM", Abi::x86_64), 1);
  EXPECT_EQ(value("SOCK_STREAM", Abi::mipsel64n32), 2);
  EXPECT_EQ(value("SOCK_DGRAM", Abi::mipsel), 1);
  EXPECT_EQ(value("EAGAIN", Abi::x86_64), 11);
  EXPECT_EQ(value("ENOSYS", Abi::x86_64), 38);
  EXPECT_EQ(value("ENOSYS", Abi::mips), 89);
  EXPECT_EQ(value("ENOSYS", Abi::sparc), 90);
  EXPECT_EQ(value("SIGCHLD", Abi::x86_64), 17);
  EXPECT_EQ(value("SIGCHLD", Abi::mips), 18);
  EXPECT_EQ(value("SOL_SOCKET", Abi::sparc64), 0xffff);
}

TEST(Constants, are_the_kernels_not_libcs) {
  EXPECT_EQ(value("O_LARGEFILE", Abi::x86_64), 0x8000);
  EXPECT_EQ(libc_value(find_constant("O_LARGEFILE").value(), Abi::x86_64), 0);
  EXPECT_FALSE(libc_value(find_constant("O_LARGEFILE").value(), Abi::i386));
  EXPECT_EQ(value("SIGRTMIN", Abi::x86_64), 32);
  EXPECT_EQ(libc_value(find_constant("SIGRTMIN").value(), Abi::x86_64), 34);
  EXPECT_FALSE(libc_value(find_constant("O_CREAT").value(), Abi::x86_64));
}

TEST(Constants, exact_integers) {
  EXPECT_EQ(value("AT_FDCWD", Abi::x86_64), -100);
  EXPECT_EQ(value("RLIM_INFINITY", Abi::x86_64), static_cast<__int128>(0xffffffffffffffffULL));
  EXPECT_EQ(value("RLIM_INFINITY", Abi::i386), 0xffffffffLL);
  EXPECT_EQ(value("RLIM_INFINITY", Abi::mips), 0x7fffffff);
  for (const AbiInfo& abi : abis()) EXPECT_EQ(value("FUTEX_CMD_MASK", abi.abi), -385) << abi.name;
}

TEST(Constants, absent_ones) {
  EXPECT_TRUE(absent("PROT_ADI", Abi::x86_64));
  EXPECT_FALSE(absent("PROT_ADI", Abi::sparc64));
  EXPECT_FALSE(find_constant("O_NOSUCH"));
  EXPECT_FALSE(find_constant(""));
}

TEST(Constants, are_sorted_present_somewhere_and_in_range) {
  for (uint32_t i = 0; i < constant_count(); ++i) {
    const ConstantId constant(i);
    ASSERT_EQ(find_constant(constant_name(constant)), constant);
    bool anywhere = false;
    for (const AbiInfo& abi : abis()) {
      const auto found = constant_value(constant, abi.abi);
      anywhere = anywhere || found.has_value();
      if (!found) continue;
      EXPECT_GE(*found, -(static_cast<__int128>(1) << 63)) << constant_name(constant);
      EXPECT_LT(*found, static_cast<__int128>(1) << 64) << constant_name(constant);
    }
    EXPECT_TRUE(anywhere) << constant_name(constant);
  }
}

TEST(Constants, prefix) {
  const ConstantRange range = constants_with_prefix("CLONE_NEW");
  ASSERT_EQ(range.last.value - range.first.value, 8U);
  EXPECT_EQ(constant_name(range.first), "CLONE_NEWCGROUP");
  const ConstantRange none = constants_with_prefix("QQQ");
  EXPECT_EQ(none.first, none.last);
  const ConstantRange all = constants_with_prefix("");
  EXPECT_EQ(all.last.value - all.first.value, constant_count());
}

TEST(Constants, types) {
  const auto types = constant_types(find_constant("PROT_EXEC").value());
  ASSERT_FALSE(types.empty());
  for (const TypeId type : types) EXPECT_NE(arg_type(type).name, "mmap_flags");
}

#if defined(__x86_64__) && !defined(__ILP32__)
TEST(Constants, agree_with_the_compilers_headers) {
#define SAME(name) EXPECT_EQ(value(#name, Abi::x86_64), name) << #name
  SAME(O_CREAT);
  SAME(O_CLOEXEC);
  SAME(O_TMPFILE);
  SAME(O_NOFOLLOW);
  SAME(MAP_PRIVATE);
  SAME(MAP_HUGETLB);
  SAME(PROT_EXEC);
  SAME(AF_NETLINK);
  SAME(SOCK_CLOEXEC);
  SAME(SO_REUSEADDR);
  SAME(EPERM);
  SAME(EACCES);
  SAME(F_SETFD);
#undef SAME
}
#endif

}  // namespace
}  // namespace sbpc::target
