#include "bpf/encode.h"

#include <fmt/format.h>

namespace sbpc::bpf {
namespace {

constexpr size_t kCode = 0;  // offsets in struct sock_filter
constexpr size_t kJt = 2;
constexpr size_t kJf = 3;
constexpr size_t kK = 4;

void put(uint8_t* at, uint32_t value, size_t size, bool big_endian) {
  for (size_t i = 0; i < size; ++i) {
    size_t shift = 8 * (big_endian ? size - 1 - i : i);
    at[i] = static_cast<uint8_t>(value >> shift);
  }
}

uint32_t get(const uint8_t* at, size_t size, bool big_endian) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value = value << 8 | at[big_endian ? i : size - 1 - i];
  return value;
}

}  // namespace

std::vector<uint8_t> encode(const Insns& insns, bool big_endian) {
  std::vector<uint8_t> bytes(insns.size() * kInsnBytes);
  uint8_t* at = bytes.data();
  for (const Insn& insn : insns) {
    put(at + kCode, insn.code, 2, big_endian);
    at[kJt] = insn.jt;
    at[kJf] = insn.jf;
    put(at + kK, insn.k, 4, big_endian);
    at += kInsnBytes;
  }
  return bytes;
}

Expected<Insns> decode(std::span<const uint8_t> bytes, bool big_endian) {
  auto whole = static_cast<uint32_t>(bytes.size() / kInsnBytes);
  if (bytes.empty()) return tl::unexpected(Error{0, "the program is empty"});
  if (whole > kMaxInsns) {  // a reader may have stopped behind them
    return tl::unexpected(
        Error{kMaxInsns,
              fmt::format("the program has more than {} instructions, which the kernel takes at most", kMaxInsns)});
  }
  if (bytes.size() % kInsnBytes != 0) {
    return tl::unexpected(
        Error{whole, fmt::format("the program has {} bytes, which is not a multiple of 8", bytes.size())});
  }
  Insns insns(whole);
  const uint8_t* at = bytes.data();
  for (Insn& insn : insns) {
    insn.code = static_cast<uint16_t>(get(at + kCode, 2, big_endian));
    insn.jt = at[kJt];
    insn.jf = at[kJf];
    insn.k = get(at + kK, 4, big_endian);
    at += kInsnBytes;
  }
  return insns;
}

}  // namespace sbpc::bpf
