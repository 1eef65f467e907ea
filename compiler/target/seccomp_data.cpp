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
  switch (word) {
    case Word::nr: return static_cast<uint32_t>(data.nr);
    case Word::arch: return data.arch;
    case Word::ip_lo: return static_cast<uint32_t>(data.instruction_pointer);
    case Word::ip_hi: return static_cast<uint32_t>(data.instruction_pointer >> 32);
    case Word::arg0_lo:
    case Word::arg1_lo:
    case Word::arg2_lo:
    case Word::arg3_lo:
    case Word::arg4_lo:
    case Word::arg5_lo: return static_cast<uint32_t>(data.args[(static_cast<unsigned>(word) - 4) / 2]);
    case Word::arg0_hi:
    case Word::arg1_hi:
    case Word::arg2_hi:
    case Word::arg3_hi:
    case Word::arg4_hi:
    case Word::arg5_hi: return static_cast<uint32_t>(data.args[(static_cast<unsigned>(word) - 4) / 2] >> 32);
  }
  CHECK(false);
}

void set_bits(SeccompData& data, Word word, uint32_t mask, uint32_t value) {
  const uint32_t made = (word_value(data, word) & ~mask) | (value & mask);
  if (word == Word::nr) {
    data.nr = static_cast<int32_t>(made);
  } else if (word == Word::arch) {
    data.arch = made;
  } else {
    const uint32_t index = static_cast<uint32_t>(word) - 2;  // ip_lo, ip_hi, then the arguments
    const uint32_t shift = index % 2 * 32;
    uint64_t& whole = index < 2 ? data.instruction_pointer : data.args[index / 2 - 1];
    whole = (whole & ~(uint64_t{0xffffffffU} << shift)) | uint64_t{made} << shift;
  }
}

}  // namespace sbpc::target
