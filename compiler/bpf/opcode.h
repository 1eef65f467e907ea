// opcode.h: the rows of opcodes.def as an enum, and what each says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sbpc::bpf {

// What an instruction takes besides its opcode.
enum class Operand : uint8_t {
  none,
  word,     // k: byte offset in seccomp_data
  imm,      // k: a constant
  len,      // the size of seccomp_data
  mem,      // k: one of the 16 scratch cells
  x,        // the index register
  jump,     // k: instructions to skip
  branch,   // k compared with A; jt, jf
  branchx,  // X compared with A; jt, jf
  verdict,  // k: the answer
  a,        // A: the answer
};

// An enumerator's value is its row, not its code.
enum class Opcode : uint8_t {
#define OPCODE(id, code, mnemonic, operand, emulated) id,
#include "bpf/opcodes.def"
};

struct OpcodeInfo {
  Opcode opcode;
  uint16_t code;
  std::string_view mnemonic;
  Operand operand;
  bool emulated;
};

[[nodiscard]] const OpcodeInfo& info(Opcode opcode);
[[nodiscard]] std::span<const OpcodeInfo> opcodes();
// nullopt for a code that no seccomp filter may hold.
[[nodiscard]] std::optional<Opcode> find_opcode(uint16_t code);
[[nodiscard]] Opcode opcode_of(uint16_t code);  // the same, of a program that verify() has accepted

[[nodiscard]] constexpr bool is_branch(Operand operand) {
  return operand == Operand::branch || operand == Operand::branchx;
}
[[nodiscard]] constexpr bool is_return(Operand operand) { return operand == Operand::verdict || operand == Operand::a; }
// Whether `k` means something to the instruction.
[[nodiscard]] constexpr bool uses_k(Operand operand) {
  switch (operand) {
    case Operand::word:
    case Operand::imm:
    case Operand::mem:
    case Operand::jump:
    case Operand::branch:
    case Operand::verdict: return true;
    case Operand::none:
    case Operand::len:
    case Operand::x:
    case Operand::branchx:
    case Operand::a: return false;
  }
  return false;
}

}  // namespace sbpc::bpf
