// The words of seccomp_data on both byte orders, against the kernel's own struct.
#include "target/seccomp_data.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>

#include <bit>
#include <cstring>

namespace sbpc::target {
namespace {

constexpr SeccompData kSample = {
    0x01020304, 0x05060708, 0x1112131415161718, {0xa0a1a2a3b0b1b2b3, 2, 3, 4, 5, 0xf0f1f2f3e0e1e2e3}};

TEST(SeccompData, offsets_and_words_are_inverse) {
  for (const bool big : {false, true}) {
    for (int i = 0; i < kWordCount; ++i) {
      const Word word = static_cast<Word>(i);
      EXPECT_EQ(word_at(word_offset(word, big), big), word) << i << (big ? " big" : " little");
    }
  }
}

TEST(SeccompData, halves_swap_with_the_byte_order) {
  EXPECT_EQ(word_offset(Word::nr, false), 0U);
  EXPECT_EQ(word_offset(Word::nr, true), 0U);
  EXPECT_EQ(word_offset(Word::arch, true), 4U);
  EXPECT_EQ(word_offset(Word::ip_lo, false), 8U);
  EXPECT_EQ(word_offset(Word::ip_lo, true), 12U);
  EXPECT_EQ(word_offset(arg_lo(0), false), 16U);
  EXPECT_EQ(word_offset(arg_hi(0), false), 20U);
  EXPECT_EQ(word_offset(arg_lo(0), true), 20U);
  EXPECT_EQ(word_offset(arg_hi(5), true), 56U);
}

TEST(SeccompData, values) {
  EXPECT_EQ(word_value(kSample, Word::nr), 0x01020304U);
  EXPECT_EQ(word_value(kSample, Word::arch), 0x05060708U);
  EXPECT_EQ(word_value(kSample, Word::ip_hi), 0x11121314U);
  EXPECT_EQ(word_value(kSample, arg_lo(0)), 0xb0b1b2b3U);
  EXPECT_EQ(word_value(kSample, arg_hi(5)), 0xf0f1f2f3U);
  EXPECT_EQ(word_value({-1, 0, 0, {}}, Word::nr), 0xffffffffU);
}

TEST(SeccompData, is_what_the_kernel_lays_out) {
  seccomp_data raw = {};
  raw.nr = kSample.nr;
  raw.arch = kSample.arch;
  raw.instruction_pointer = kSample.instruction_pointer;
  for (int i = 0; i < 6; ++i) raw.args[i] = kSample.args[i];
  const bool big = std::endian::native == std::endian::big;
  for (int i = 0; i < kWordCount; ++i) {
    uint32_t word = 0;
    std::memcpy(&word, reinterpret_cast<const char*>(&raw) + word_offset(static_cast<Word>(i), big), sizeof word);
    EXPECT_EQ(word, word_value(kSample, static_cast<Word>(i))) << i;
  }
}

TEST(SeccompData, SetsTheBitsOfOneWordAndNoOthers) {
  for (int first = 0; first < kWordCount; ++first) {
    SeccompData data;
    for (int word = 0; word < kWordCount; ++word) set_bits(data, static_cast<Word>(word), ~0U, 0x11111111U);
    set_bits(data, static_cast<Word>(first), 0xff00U, 0xabcdefU);
    for (int word = 0; word < kWordCount; ++word)
      EXPECT_EQ(word_value(data, static_cast<Word>(word)), word == first ? 0x1111cd11U : 0x11111111U)
          << first << ' ' << word;
  }
}

}  // namespace
}  // namespace sbpc::target
