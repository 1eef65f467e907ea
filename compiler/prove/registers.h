// registers.h: what a program keeps between instructions, and which of it still matters where.
#pragma once

#include <bitset>
#include <cstddef>
#include <vector>

#include "bpf/insn.h"
#include "bpf/opcode.h"

namespace sbpc::prove {

inline constexpr size_t kCells = 16;  // BPF_MEMWORDS
inline constexpr size_t kA = 16;      // registers: the cells, then A and X
inline constexpr size_t kX = 17;
inline constexpr size_t kRegisters = 18;
using RegisterSet = std::bitset<kRegisters>;

// The register that an instruction writes; kRegisters for none.
[[nodiscard]] size_t written_register(bpf::Opcode opcode, const bpf::Insn& insn);

// By pc, and one more: the registers that something from there on may look at.
[[nodiscard]] std::vector<RegisterSet> live_registers(const bpf::Insns& insns);

}  // namespace sbpc::prove
