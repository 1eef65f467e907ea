// Numbers and constants as C programs write them.
#include "target/c_value.h"

#include <gtest/gtest.h>

namespace sbpc::target {
namespace {

TEST(CValue, numbers) {
  EXPECT_EQ(c_value("420", Abi::x86_64), 420U);
  EXPECT_EQ(c_value("0644", Abi::x86_64), 420U);
  EXPECT_EQ(c_value("0o644", Abi::x86_64), 420U);
  EXPECT_EQ(c_value("0x1a4", Abi::x86_64), 420U);
  EXPECT_EQ(c_value("0", Abi::x86_64), 0U);
  EXPECT_EQ(c_value("00", Abi::x86_64), 0U);
  EXPECT_EQ(c_value("-1", Abi::x86_64), ~uint64_t{0});
  EXPECT_EQ(c_value("-010", Abi::x86_64), ~uint64_t{7});
  for (const std::string_view none : {"", "-", "08", "0x", "0o", "1 ", "12a", "--1", "0x-1", "18446744073709551616"})
    EXPECT_FALSE(c_value(none, Abi::x86_64)) << none;
}

TEST(CValue, constants_of_the_abi) {
  EXPECT_EQ(c_value("O_DIRECTORY", Abi::x86_64), 0x10000U);
  EXPECT_EQ(c_value("O_DIRECTORY", Abi::aarch64), 0x4000U);
  EXPECT_EQ(c_value("AT_FDCWD", Abi::x86_64), ~uint64_t{99});
  EXPECT_FALSE(c_value("O_NOTHING", Abi::x86_64));
}

TEST(CValue, joined) {
  EXPECT_EQ(joined_c_value("O_CREAT | O_WRONLY|01000", Abi::x86_64).value(), 0101U | 01000U);
  EXPECT_EQ(joined_c_value(" NULL ", Abi::x86_64).value(), 0U);
  EXPECT_EQ(joined_c_value("O_CREAT|what|ever", Abi::x86_64).error(), "what");
  EXPECT_EQ(joined_c_value("O_CREAT|", Abi::x86_64).error(), "");
}

}  // namespace
}  // namespace sbpc::target
