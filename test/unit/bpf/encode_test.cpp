#include "bpf/encode.h"

#include <gtest/gtest.h>

namespace sbpc::bpf {
namespace {

const Insns kSample = {{0x0115, 2, 3, 0xc000003e}};

TEST(Encode, LaysOutBothByteOrders) {
  EXPECT_EQ(encode(kSample, false), (std::vector<uint8_t>{0x15, 0x01, 2, 3, 0x3e, 0, 0, 0xc0}));
  EXPECT_EQ(encode(kSample, true), (std::vector<uint8_t>{0x01, 0x15, 2, 3, 0xc0, 0, 0, 0x3e}));
}

TEST(Decode, ReadsBothByteOrders) {
  for (bool big_endian : {false, true}) EXPECT_EQ(decode(encode(kSample, big_endian), big_endian).value(), kSample);
}

TEST(Decode, RefusesWhatIsNoProgram) {
  EXPECT_EQ(decode({}, false).error().text, "the program is empty");
  EXPECT_EQ(decode(std::vector<uint8_t>(15), false).error(),
            (Error{1, "the program has 15 bytes, which is not a multiple of 8"}));
  EXPECT_TRUE(decode(std::vector<uint8_t>(4096 * 8), false).has_value());
  EXPECT_EQ(decode(std::vector<uint8_t>(4097 * 8), false).error(),
            (Error{4096, "the program has more than 4096 instructions, which the kernel takes at most"}));
}

}  // namespace
}  // namespace sbpc::bpf
