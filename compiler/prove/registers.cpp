// registers.cpp: one pass backwards; jumps go forward. Tested by test/unit/prove/general_test.cpp.
#include "prove/registers.h"

namespace sbpc::prove {
namespace {

using bpf::Insn;
using bpf::Opcode;
using bpf::Operand;

RegisterSet reads(Opcode opcode, const Insn& insn) {
  RegisterSet made;
  switch (opcode) {
    case Opcode::ld_mem:
    case Opcode::ldx_mem: made.set(insn.k); break;
    case Opcode::stx:
    case Opcode::txa: made.set(kX); break;
    case Opcode::add_x:
    case Opcode::sub_x:
    case Opcode::mul_x:
    case Opcode::div_x:
    case Opcode::or_x:
    case Opcode::and_x:
    case Opcode::lsh_x:
    case Opcode::rsh_x:
    case Opcode::xor_x:
    case Opcode::jeq_x:
    case Opcode::jgt_x:
    case Opcode::jge_x:
    case Opcode::jset_x: made.set(kX).set(kA); break;
    case Opcode::ld_word:
    case Opcode::ld_imm:
    case Opcode::ld_len:
    case Opcode::ldx_imm:
    case Opcode::ldx_len:
    case Opcode::ja:
    case Opcode::ret_k: break;
    case Opcode::st:
    case Opcode::add_k:
    case Opcode::sub_k:
    case Opcode::mul_k:
    case Opcode::div_k:
    case Opcode::or_k:
    case Opcode::and_k:
    case Opcode::lsh_k:
    case Opcode::rsh_k:
    case Opcode::neg:
    case Opcode::xor_k:
    case Opcode::jeq_k:
    case Opcode::jgt_k:
    case Opcode::jge_k:
    case Opcode::jset_k:
    case Opcode::ret_a:
    case Opcode::tax: made.set(kA); break;
  }
  return made;
}

}  // namespace

size_t written_register(bpf::Opcode opcode, const bpf::Insn& insn) {
  const Operand operand = bpf::info(opcode).operand;
  if (opcode == Opcode::st || opcode == Opcode::stx) return insn.k;
  if (opcode == Opcode::ldx_imm || opcode == Opcode::ldx_len || opcode == Opcode::ldx_mem || opcode == Opcode::tax)
    return kX;
  const bool moves_on = operand == Operand::jump || bpf::is_branch(operand) || bpf::is_return(operand);
  return moves_on ? kRegisters : kA;
}

std::vector<RegisterSet> live_registers(const bpf::Insns& insns) {
  std::vector<RegisterSet> live(insns.size() + 1);
  for (size_t pc = insns.size(); pc-- > 0;) {
    const Insn& insn = insns[pc];
    const Opcode opcode = bpf::opcode_of(insn.code);
    const Operand operand = bpf::info(opcode).operand;
    RegisterSet after;
    if (operand == Operand::jump) {
      after = live[pc + 1 + insn.k];
    } else if (bpf::is_branch(operand)) {
      after = live[pc + 1 + insn.jt] | live[pc + 1 + insn.jf];
    } else if (!bpf::is_return(operand)) {
      after = live[pc + 1];
    }
    if (const size_t target = written_register(opcode, insn); target < kRegisters) after.reset(target);
    live[pc] = after | reads(opcode, insn);
  }
  return live;
}

}  // namespace sbpc::prove
