#include "bpf/jit_x86.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "bpf/opcode.h"

namespace sbpc::bpf {
namespace {

constexpr uint32_t kSignBit = 0x80000000U;

bool returns(const Insn& insn) {
  std::optional<Opcode> opcode = find_opcode(insn.code);
  return opcode && is_return(info(*opcode).operand);
}

// The epilogue stands behind the first ret of the program; the others jump there.
bool is_first_return(const Insns& insns, size_t pc) {
  return std::none_of(insns.begin(), insns.begin() + static_cast<std::ptrdiff_t>(pc), returns);
}

uint32_t branch(const Insn& insn, Opcode opcode, bool taken) {
  uint32_t count = 2;  // cmp or test, jcc
  // eBPF immediates are signed, so the constant goes through a register.
  if (info(opcode).operand == Operand::branch && insn.k >= kSignBit) ++count;
  // Where neither way is the next instruction a JA follows. There is no "jump if no bit is set", so JSET needs it with
  // jt == 0 too.
  const bool is_jset = opcode == Opcode::jset_k || opcode == Opcode::jset_x;
  const bool second_jump = insn.jf != 0 && (insn.jt != 0 || is_jset);
  return count + (second_jump && !taken ? 1 : 0);
}

}  // namespace

uint32_t x86_instructions(const Insns& insns, size_t pc, bool taken) {
  const Insn& insn = insns[pc];
  std::optional<Opcode> found = find_opcode(insn.code);
  CHECK(found.has_value());
  const Opcode opcode = *found;
  const Operand operand = info(opcode).operand;
  if (is_branch(operand)) return branch(insn, opcode, taken);
  if (operand == Operand::jump) return insn.k == 0 ? 0 : 1;  // the JIT drops jumps to the next instruction
  if (operand == Operand::verdict) return is_first_return(insns, pc) ? 1 : 2;
  if (operand == Operand::a) return is_first_return(insns, pc) ? 0 : 1;  // the value is in place
  if (opcode == Opcode::lsh_x || opcode == Opcode::rsh_x) return 4;      // push rcx, mov, shift, pop
  if (opcode == Opcode::div_k) return 5;                                 // mov, push rdx, xor, div, pop
  if (opcode == Opcode::div_x) return 7;                                 // mov, test, jne, push rdx, xor, div, pop
  return 1;
}

uint32_t x86_instructions(const Insns& insns, std::span<const uint32_t> path) {
  uint32_t count = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    const size_t pc = path[i];
    const bool taken = i + 1 < path.size() && path[i + 1] == pc + 1 + insns[pc].jt;
    count += x86_instructions(insns, pc, taken);
  }
  // A program with scratch cells makes room for them on the stack: one `sub rsp`.
  const bool has_memory = std::any_of(insns.begin(), insns.end(), [](const Insn& insn) {
    std::optional<Opcode> opcode = find_opcode(insn.code);
    return opcode && info(*opcode).operand == Operand::mem;
  });
  return count + (has_memory ? 1 : 0);
}

}  // namespace sbpc::bpf
