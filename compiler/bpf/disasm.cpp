#include "bpf/disasm.h"

#include <fmt/format.h>

#include <optional>

#include "base/check.h"
#include "bpf/opcode.h"
#include "target/actions.h"

namespace sbpc::bpf {
namespace {

std::string raw(const Insn& insn) {
  return fmt::format(".insn {:#06x}, {}, {}, {:#x}", insn.code, insn.jt, insn.jf, insn.k);
}

// Some field of the instruction says something that the readable form has no place for.
bool hides_something(const Insns& insns, size_t pc, Operand operand) {
  const Insn& insn = insns[pc];
  const size_t after = insns.size() - pc - 1;
  if (is_branch(operand)) {
    bool k_is_noise = operand == Operand::branchx && insn.k != 0;
    return k_is_noise || insn.jt >= after || insn.jf >= after;
  }
  if (insn.jt != 0 || insn.jf != 0) return true;
  if (operand == Operand::jump) return insn.k >= after;
  return !uses_k(operand) && insn.k != 0;
}

std::string location(uint32_t k, bool big_endian) {
  if (k % 4 != 0 || k >= target::kSeccompDataBytes) return fmt::format("[{}]", k);
  return fmt::format("[{}]", word_name(target::word_at(k, big_endian)));
}

std::string verdict(uint32_t k) {
  target::Verdict meant = target::decode(k);
  return target::encode(meant) == k ? target::to_string(meant) : fmt::format("#{:#x}", k);
}

}  // namespace

std::string word_name(target::Word word) {
  if (word == target::Word::nr) return "nr";
  if (word == target::Word::arch) return "arch";
  const std::string_view half = target::is_upper(word) ? "hi" : "lo";
  const auto slot = target::slot_of(word);
  return slot ? fmt::format("args[{}].{}", *slot, half) : fmt::format("ip.{}", half);
}

std::string disassemble(const Insns& insns, size_t pc, bool big_endian) {
  const Insn& insn = insns[pc];
  std::optional<Opcode> opcode = find_opcode(insn.code);
  if (!opcode || hides_something(insns, pc, info(*opcode).operand)) return raw(insn);
  const OpcodeInfo& row = info(*opcode);
  switch (row.operand) {
    case Operand::none: return std::string(row.mnemonic);
    case Operand::word: return fmt::format("{} {}", row.mnemonic, location(insn.k, big_endian));
    case Operand::imm: return fmt::format("{} #{:#x}", row.mnemonic, insn.k);
    case Operand::len: return fmt::format("{} len", row.mnemonic);
    case Operand::mem: return fmt::format("{} M[{}]", row.mnemonic, insn.k);
    case Operand::x: return fmt::format("{} x", row.mnemonic);
    case Operand::jump: return fmt::format("{} {}", row.mnemonic, pc + 1 + insn.k);
    case Operand::branch:
      return fmt::format("{} #{:#x}, {}, {}", row.mnemonic, insn.k, pc + 1 + insn.jt, pc + 1 + insn.jf);
    case Operand::branchx: return fmt::format("{} x, {}, {}", row.mnemonic, pc + 1 + insn.jt, pc + 1 + insn.jf);
    case Operand::verdict: return fmt::format("{} {}", row.mnemonic, verdict(insn.k));
    case Operand::a: return fmt::format("{} a", row.mnemonic);
  }
  CHECK(false);
}

std::string disassemble(const Insns& insns, bool big_endian) {
  std::string text;
  for (size_t pc = 0; pc < insns.size(); ++pc)
    text += fmt::format("{:4}: {}\n", pc, disassemble(insns, pc, big_endian));
  return text;
}

}  // namespace sbpc::bpf
