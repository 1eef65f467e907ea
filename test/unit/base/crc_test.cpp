// CRC-32 against its check value, whole and in pieces.
#include "base/crc.h"

#include <gtest/gtest.h>

namespace sbpc {
namespace {

TEST(Crc, IsZlibs) {
  EXPECT_EQ(crc32({""}), 0U);
  EXPECT_EQ(crc32({"123456789"}), 0xCBF43926U);
  EXPECT_EQ(crc32({"1234", "", "56789"}), 0xCBF43926U);
}

}  // namespace
}  // namespace sbpc
