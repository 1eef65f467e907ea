// encode.h: programs <-> the bytes that the kernel takes (struct sock_filter[], in the byte order of the machine that
// will run them).
//
// An instruction is 8 bytes: code (16 bits), jt, jf, k (32 bits); include/uapi/linux/filter.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bpf/error.h"
#include "bpf/insn.h"

namespace sbpc::bpf {

[[nodiscard]] std::vector<uint8_t> encode(const Insns& insns, bool big_endian);

// Fails on: no bytes, a length that is not a multiple of 8, more than 4,096 instructions. Doesn't look at the
// instructions.
[[nodiscard]] Expected<Insns> decode(std::span<const uint8_t> bytes, bool big_endian);

}  // namespace sbpc::bpf
