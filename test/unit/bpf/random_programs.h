// random_programs.h: classic BPF programs and calls for the tests of bpf/, from a seed.
#pragma once

#include <cstdint>
#include <random>

#include "bpf/insn.h"
#include "bpf/opcode.h"
#include "target/seccomp_data.h"

namespace sbpc::bpf::testing {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  // [0, bound)
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(engine_() % bound); }
  bool one_in(uint32_t n) { return below(n) == 0; }
  // Small numbers, bits, masks and their neighbours more often than chance has them.
  uint32_t word() {
    auto any = static_cast<uint32_t>(engine_());
    switch (below(6)) {
      case 0: return any;
      case 1: return any % 8;
      case 2: return 1U << (any % 32);
      case 3: return 0U - any % 8;
      case 4: return 0xc000003eU;
      default: return (1U << (any % 32)) - 1;
    }
  }

 private:
  std::mt19937_64 engine_;
};

inline constexpr uint32_t kWrittenCells = 4;  // of the 16, written at the start of every program

inline Insn random_insn(Random& random, size_t left) {
  const OpcodeInfo& row = opcodes()[random.below(static_cast<uint32_t>(opcodes().size()))];
  Insn insn;
  insn.code = row.code;
  insn.k = random.word();
  const auto span = static_cast<uint32_t>(left > 12 ? 12 : left);
  if (!uses_k(row.operand) && !random.one_in(20)) insn.k = 0;
  if (row.operand == Operand::word) insn.k = random.below(16) * 4;
  if (row.operand == Operand::mem) insn.k = random.below(kWrittenCells);
  if (row.operand == Operand::jump) insn.k = random.below(span);
  if (row.opcode == Opcode::lsh_k || row.opcode == Opcode::rsh_k) insn.k %= 32;
  if (row.opcode == Opcode::div_k && insn.k == 0) insn.k = 3;
  if (is_branch(row.operand)) {
    insn.jt = static_cast<uint8_t>(random.below(span));
    insn.jf = static_cast<uint8_t>(random.below(span));
  }
  return insn;
}

// A program that the kernel accepts.
inline Insns random_program(Random& random, size_t size) {
  Insns insns;
  for (uint32_t cell = 0; cell < kWrittenCells; ++cell) insns.push_back({0x02, 0, 0, cell});
  while (insns.size() < kWrittenCells + size) insns.push_back(random_insn(random, kWrittenCells + size - insns.size()));
  insns.push_back({kRetK, 0, 0, random.word()});
  return insns;
}

// One small change, which may or may not make the program wrong.
inline void mutate(Random& random, Insns& insns) {
  Insn& insn = insns[random.below(static_cast<uint32_t>(insns.size()))];
  switch (random.below(8)) {
    case 0: insn.code = static_cast<uint16_t>(random.below(256)); break;
    case 1: insn.code ^= static_cast<uint16_t>(1U << random.below(16)); break;
    case 2: insn.k = random.below(70); break;
    case 3: insn.k = random.word(); break;
    case 4: insn.jt = static_cast<uint8_t>(random.below(256)); break;
    case 5: insn.jf = static_cast<uint8_t>(random.below(40)); break;
    case 6: insn = random_insn(random, 12); break;
    default: insns.erase(insns.begin() + random.below(static_cast<uint32_t>(insns.size()))); break;
  }
}

inline target::SeccompData random_call(Random& random) {
  target::SeccompData data;
  data.nr = static_cast<int32_t>(random.word());
  data.arch = random.word();
  data.instruction_pointer = uint64_t{random.word()} << 32 | random.word();
  for (uint64_t& arg : data.args) arg = uint64_t{random.word()} << 32 | random.word();
  return data;
}

}  // namespace sbpc::bpf::testing
