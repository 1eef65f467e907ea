// ABIs: names, architecture numbers and the facts that other parts rely on.
#include "target/abi.h"

#include <gtest/gtest.h>
#include <linux/audit.h>

#include <set>

namespace sbpc::target {
namespace {

TEST(Abis, are_found_by_name) {
  for (const AbiInfo& row : abis()) {
    EXPECT_EQ(find_abi(row.name), row.abi);
    EXPECT_EQ(info(row.abi).name, row.name);
  }
  EXPECT_EQ(abis().size(), static_cast<size_t>(kAbiCount));
  EXPECT_FALSE(find_abi("amd64"));
}

TEST(Abis, architecture_numbers_are_the_headers) {
  EXPECT_EQ(info(Abi::x86_64).audit_arch, AUDIT_ARCH_X86_64);
  EXPECT_EQ(info(Abi::i386).audit_arch, AUDIT_ARCH_I386);
  EXPECT_EQ(info(Abi::aarch64).audit_arch, AUDIT_ARCH_AARCH64);
  EXPECT_EQ(info(Abi::arm).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_ARM));
  EXPECT_EQ(info(Abi::riscv64).audit_arch, AUDIT_ARCH_RISCV64);
  EXPECT_EQ(info(Abi::riscv32).audit_arch, AUDIT_ARCH_RISCV32);
  EXPECT_EQ(info(Abi::s390x).audit_arch, AUDIT_ARCH_S390X);
  EXPECT_EQ(info(Abi::s390).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_S390));
  EXPECT_EQ(info(Abi::ppc64le).audit_arch, AUDIT_ARCH_PPC64LE);
  EXPECT_EQ(info(Abi::ppc64).audit_arch, AUDIT_ARCH_PPC64);
  EXPECT_EQ(info(Abi::ppc).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_PPC));
  EXPECT_EQ(info(Abi::mips).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_MIPS));
  EXPECT_EQ(info(Abi::mipsel).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_MIPSEL));
  EXPECT_EQ(info(Abi::mips64).audit_arch, AUDIT_ARCH_MIPS64);
  EXPECT_EQ(info(Abi::mipsel64).audit_arch, AUDIT_ARCH_MIPSEL64);
  EXPECT_EQ(info(Abi::mips64n32).audit_arch, AUDIT_ARCH_MIPS64N32);
  EXPECT_EQ(info(Abi::mipsel64n32).audit_arch, AUDIT_ARCH_MIPSEL64N32);
  EXPECT_EQ(info(Abi::parisc).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_PARISC));
  EXPECT_EQ(info(Abi::parisc64).audit_arch, AUDIT_ARCH_PARISC64);
  EXPECT_EQ(info(Abi::sh).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_SHEL));
  EXPECT_EQ(info(Abi::sheb).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_SH));
  EXPECT_EQ(info(Abi::m68k).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_M68K));
  EXPECT_EQ(info(Abi::sparc).audit_arch, static_cast<uint32_t>(AUDIT_ARCH_SPARC));
  EXPECT_EQ(info(Abi::sparc64).audit_arch, AUDIT_ARCH_SPARC64);
}

TEST(Abis, only_x32_shares_an_architecture_number) {
  std::set<uint32_t> seen;
  for (const AbiInfo& row : abis()) {
    EXPECT_TRUE(row.abi == Abi::x32 || seen.insert(row.audit_arch).second) << row.name;
  }
  EXPECT_EQ(info(Abi::x32).audit_arch, info(Abi::x86_64).audit_arch);
}

TEST(Abis, byte_order_follows_the_architecture_number) {
  for (const AbiInfo& row : abis()) {
    EXPECT_EQ(row.endian == Endian::little, (row.audit_arch & __AUDIT_ARCH_LE) != 0) << row.name;
    EXPECT_GE(row.register_bits, row.word_bits) << row.name;
  }
}

}  // namespace
}  // namespace sbpc::target
