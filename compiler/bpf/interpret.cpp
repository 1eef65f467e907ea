#include "bpf/interpret.h"

#include <optional>

#include "base/check.h"
#include "bpf/opcode.h"

namespace sbpc::bpf {
namespace {

constexpr uint32_t kShiftMask = 31;

struct Machine {
  uint32_t a = 0;
  uint32_t x = 0;
  uint32_t memory[16] = {};
  bool returned = false;
  uint32_t word = 0;

  void ret(uint32_t value) {
    returned = true;
    word = value;
  }
};

void divide(Machine& m, uint32_t by) {
  if (by == 0) return m.ret(0);
  m.a /= by;
}

// Loads, stores, moves, arithmetic.
void compute(Machine& m, Opcode opcode, uint32_t k) {
  switch (opcode) {
    case Opcode::ld_imm: m.a = k; return;
    case Opcode::ld_len: m.a = target::kSeccompDataBytes; return;
    case Opcode::ld_mem: m.a = m.memory[k]; return;
    case Opcode::ldx_imm: m.x = k; return;
    case Opcode::ldx_len: m.x = target::kSeccompDataBytes; return;
    case Opcode::ldx_mem: m.x = m.memory[k]; return;
    case Opcode::st: m.memory[k] = m.a; return;
    case Opcode::stx: m.memory[k] = m.x; return;
    case Opcode::add_k: m.a += k; return;
    case Opcode::add_x: m.a += m.x; return;
    case Opcode::sub_k: m.a -= k; return;
    case Opcode::sub_x: m.a -= m.x; return;
    case Opcode::mul_k: m.a *= k; return;
    case Opcode::mul_x: m.a *= m.x; return;
    case Opcode::div_k: return divide(m, k);
    case Opcode::div_x: return divide(m, m.x);
    case Opcode::or_k: m.a |= k; return;
    case Opcode::or_x: m.a |= m.x; return;
    case Opcode::and_k: m.a &= k; return;
    case Opcode::and_x: m.a &= m.x; return;
    case Opcode::lsh_k: m.a <<= k; return;
    case Opcode::lsh_x: m.a <<= m.x & kShiftMask; return;
    case Opcode::rsh_k: m.a >>= k; return;
    case Opcode::rsh_x: m.a >>= m.x & kShiftMask; return;
    case Opcode::neg: m.a = 0U - m.a; return;
    case Opcode::xor_k: m.a ^= k; return;
    case Opcode::xor_x: m.a ^= m.x; return;
    case Opcode::tax: m.x = m.a; return;
    case Opcode::txa: m.a = m.x; return;
    case Opcode::ret_k: return m.ret(k);
    case Opcode::ret_a: return m.ret(m.a);
    case Opcode::ld_word:
    case Opcode::ja:
    case Opcode::jeq_k:
    case Opcode::jeq_x:
    case Opcode::jgt_k:
    case Opcode::jgt_x:
    case Opcode::jge_k:
    case Opcode::jge_x:
    case Opcode::jset_k:
    case Opcode::jset_x: break;
  }
  CHECK(false);
}

bool holds(Opcode opcode, const Machine& m, uint32_t k) {
  if (opcode == Opcode::jeq_k) return m.a == k;
  if (opcode == Opcode::jeq_x) return m.a == m.x;
  if (opcode == Opcode::jgt_k) return m.a > k;
  if (opcode == Opcode::jgt_x) return m.a > m.x;
  if (opcode == Opcode::jge_k) return m.a >= k;
  if (opcode == Opcode::jge_x) return m.a >= m.x;
  if (opcode == Opcode::jset_k) return (m.a & k) != 0;
  CHECK(opcode == Opcode::jset_x);
  return (m.a & m.x) != 0;
}

}  // namespace

Answer interpret(const Insns& insns, const target::SeccompData& data, bool big_endian, std::vector<uint32_t>* path) {
  Machine m;
  Answer answer;
  for (size_t pc = 0; !m.returned; ++pc) {
    CHECK(pc < insns.size());
    const Insn& insn = insns[pc];
    std::optional<Opcode> opcode = find_opcode(insn.code);
    CHECK(opcode.has_value());
    ++answer.executed;
    if (path != nullptr) path->push_back(static_cast<uint32_t>(pc));
    Operand operand = info(*opcode).operand;
    if (operand == Operand::word) {
      m.a = target::word_value(data, target::word_at(insn.k, big_endian));
    } else if (operand == Operand::jump) {
      pc += insn.k;
    } else if (is_branch(operand)) {
      pc += holds(*opcode, m, insn.k) ? insn.jt : insn.jf;
    } else {
      compute(m, *opcode, insn.k);
    }
  }
  answer.word = m.word;
  return answer;
}

}  // namespace sbpc::bpf
