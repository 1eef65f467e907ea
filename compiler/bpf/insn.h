// insn.h: classic BPF programs as values.
//
// Knows nothing of policies. The set of forms is the kernel's: net/core/filter.c bpf_check_classic and
// kernel/seccomp.c seccomp_check_filter (Linux 6.18).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sbpc::bpf {

// struct sock_filter of include/uapi/linux/filter.h, in the host's byte order.
struct Insn {
  uint16_t code = 0;
  uint8_t jt = 0;  // jump offsets of conditional jumps, in instructions after the next one
  uint8_t jf = 0;
  uint32_t k = 0;
  bool operator==(const Insn&) const = default;
};

inline constexpr size_t kMaxInsns = 4096;  // BPF_MAXINSNS
inline constexpr size_t kInsnBytes = 8;
inline constexpr uint32_t kMaxJump = 255;  // of jt and jf

// Opcodes that sbpc emits (BPF_CLASS | BPF_SIZE | BPF_MODE ... of include/uapi/linux/bpf_common.h).
inline constexpr uint16_t kLdAbs = 0x20;  // BPF_LD | BPF_W | BPF_ABS: A = word at offset k of seccomp_data
inline constexpr uint16_t kAndK = 0x54;   // BPF_ALU | BPF_AND | BPF_K
inline constexpr uint16_t kJa = 0x05;     // BPF_JMP | BPF_JA: k instructions forward
inline constexpr uint16_t kJeqK = 0x15;   // BPF_JMP | BPF_JEQ | BPF_K
inline constexpr uint16_t kJgtK = 0x25;
inline constexpr uint16_t kJgeK = 0x35;
inline constexpr uint16_t kJsetK = 0x45;
inline constexpr uint16_t kRetK = 0x06;  // BPF_RET | BPF_K

using Insns = std::vector<Insn>;

}  // namespace sbpc::bpf
