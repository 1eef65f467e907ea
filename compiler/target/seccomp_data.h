// seccomp_data.h: what a filter sees of a call.
#pragma once

#include <cstdint>
#include <optional>

namespace sbpc::target {

// struct seccomp_data of include/uapi/linux/seccomp.h, as values.
struct SeccompData {
  int32_t nr = 0;
  uint32_t arch = 0;
  uint64_t instruction_pointer = 0;
  uint64_t args[6] = {};
  bool operator==(const SeccompData&) const = default;
};

// The sixteen 32-bit words of seccomp_data by meaning, not by offset: where a word lies depends on the byte order.
enum class Word : uint8_t {
  nr,
  arch,
  ip_lo,
  ip_hi,
  arg0_lo,
  arg0_hi,
  arg1_lo,
  arg1_hi,
  arg2_lo,
  arg2_hi,
  arg3_lo,
  arg3_hi,
  arg4_lo,
  arg4_hi,
  arg5_lo,
  arg5_hi,
};
inline constexpr int kWordCount = 16;
inline constexpr uint32_t kSeccompDataBytes =
    4 * kWordCount;  // sizeof(struct seccomp_data); seccomp_check_filter makes BPF_LEN this constant

[[nodiscard]] constexpr Word arg_lo(unsigned slot) { return static_cast<Word>(4 + 2 * slot); }
[[nodiscard]] constexpr Word arg_hi(unsigned slot) { return static_cast<Word>(5 + 2 * slot); }
// The register, 0 to 5, that a word is a half of. nullopt: nr, arch and ip are no registers'.
[[nodiscard]] constexpr std::optional<unsigned> slot_of(Word word) {
  return word < Word::arg0_lo ? std::nullopt : std::optional((static_cast<unsigned>(word) - 4) / 2);
}
// Whether it is the upper half of a field of 64 bits.
[[nodiscard]] constexpr bool is_upper(Word word) { return word >= Word::ip_lo && static_cast<unsigned>(word) % 2 == 1; }
// Byte offset in seccomp_data of a word (a multiple of 4 below 64); the halves of 64-bit fields swap on big-endian
// ABIs.
[[nodiscard]] uint32_t word_offset(Word word, bool big_endian);
[[nodiscard]] Word word_at(uint32_t offset, bool big_endian);
[[nodiscard]] uint32_t word_value(const SeccompData& data, Word word);
// The bits of `mask` become those of `value`; the others stay.
void set_bits(SeccompData& data, Word word, uint32_t mask, uint32_t value);

}  // namespace sbpc::target
