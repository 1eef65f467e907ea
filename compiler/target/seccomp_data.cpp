#include "target/seccomp_data.h"

#include "base/check.h"

namespace sbpc::target {
namespace {
// Offsets of struct seccomp_data, include/uapi/linux/seccomp.h: nr 0, arch 4, instruction_pointer 8, args 16.
constexpr uint32_t kIpOffset = 8;
}  // namespace

uint32_t word_offset(Word word, bool big_endian) {
  auto index = static_cast<uint32_t>(word);
  if (index < 2) return index * 4;
  uint32_t half = index % 2;  // 0 low, 1 high
  uint32_t field = kIpOffset + (index - 2) / 2 * 8;
  return field + 4 * (big_endian ? 1 - half : half);
}

Word word_at(uint32_t offset, bool big_endian) {
  CHECK(offset % 4 == 0 && offset < 64);
  uint32_t index = offset / 4;
  if (index >= 2 && big_endian) index ^= 1U;
  return static_cast<Word>(index);
}

uint32_t word_value(const SeccompData& data, Word word) {
  if (word == Word::nr) return static_cast<uint32_t>(data.nr);
  if (word == Word::arch) return data.arch;
  const auto slot = slot_of(word);
  const uint64_t field = slot ? data.args[*slot] : data.instruction_pointer;
  return static_cast<uint32_t>(is_upper(word) ? field >> 32U : field);
}

void set_bits(SeccompData& data, Word word, uint32_t mask, uint32_t value) {
  const uint32_t made = (word_value(data, word) & ~mask) | (value & mask);
  if (word == Word::nr) {
    data.nr = static_cast<int32_t>(made);
  } else if (word == Word::arch) {
    data.arch = made;
  } else {
    const uint32_t shift = is_upper(word) ? 32 : 0;
    const auto slot = slot_of(word);
    uint64_t& whole = slot ? data.args[*slot] : data.instruction_pointer;
    whole = (whole & ~(uint64_t{0xffffffffU} << shift)) | uint64_t{made} << shift;
  }
}

}  // namespace sbpc::target
