#include "bpf/verify.h"

#include <fmt/format.h>

#include <vector>

#include "base/check.h"
#include "bpf/opcode.h"
#include "target/seccomp_data.h"

namespace sbpc::bpf {
namespace {

constexpr uint32_t kMemWords = 16;  // BPF_MEMWORDS
constexpr uint32_t kShiftLimit = 32;

std::optional<Error> refuse(size_t pc, std::string why) { return Error{static_cast<uint32_t>(pc), std::move(why)}; }

// What bpf_check_classic and seccomp_check_filter ask of the instruction at `pc`, whatever its neighbours are.
std::optional<Error> check_insn(const Insns& insns, size_t pc) {
  const Insn& insn = insns[pc];
  std::optional<Opcode> opcode = find_opcode(insn.code);
  if (!opcode) return refuse(pc, fmt::format("opcode {:#06x} is not allowed in a seccomp filter", insn.code));
  const size_t after = insns.size() - pc - 1;
  const OpcodeInfo& row = info(*opcode);
  switch (row.operand) {
    case Operand::word:
      if (insn.k % 4 != 0)
        return refuse(pc, fmt::format("a load from offset {}, which is not a multiple of 4", insn.k));
      if (insn.k >= target::kSeccompDataBytes)
        return refuse(pc, fmt::format("a load from offset {}, past the end of seccomp_data", insn.k));
      return std::nullopt;
    case Operand::mem:
      if (insn.k >= kMemWords) return refuse(pc, fmt::format("scratch cell {} does not exist: there are 16", insn.k));
      return std::nullopt;
    case Operand::imm:
      if (*opcode == Opcode::div_k && insn.k == 0) return refuse(pc, "a division by 0");
      if ((*opcode == Opcode::lsh_k || *opcode == Opcode::rsh_k) && insn.k >= kShiftLimit) {
        return refuse(pc, fmt::format("a shift by {}: the register has 32 bits", insn.k));
      }
      return std::nullopt;
    case Operand::jump:
      if (insn.k >= after) return refuse(pc, fmt::format("a jump over {} instructions leaves the program", insn.k));
      return std::nullopt;
    case Operand::branch:
    case Operand::branchx:
      if (insn.jt >= after || insn.jf >= after) {
        return refuse(
            pc, fmt::format("a jump over {} instructions leaves the program", insn.jt >= after ? insn.jt : insn.jf));
      }
      return std::nullopt;
    case Operand::none:
    case Operand::len:
    case Operand::x:
    case Operand::verdict:
    case Operand::a: return std::nullopt;
  }
  CHECK(false);
}

Operand operand_of(const Insn& insn) {
  std::optional<Opcode> opcode = find_opcode(insn.code);
  CHECK(opcode.has_value());
  return info(*opcode).operand;
}

bool reads_memory(const Insn& insn) {
  std::optional<Opcode> opcode = find_opcode(insn.code);
  return opcode == Opcode::ld_mem || opcode == Opcode::ldx_mem;
}

// check_load_and_stores: a cell must have been written on every way to a read of it. The kernel keeps its knowledge
// across a RET, as if control could fall through it, and so do we: a read after a RET may be refused though every jump
// to it is fine.
std::optional<Error> check_memory(const Insns& insns) {
  std::vector<uint16_t> valid_at(insns.size(), 0xffff);
  uint16_t valid = 0;
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    const Insn& insn = insns[pc];
    valid &= valid_at[pc];
    Operand operand = operand_of(insn);
    if (operand == Operand::mem) {
      const auto cell = static_cast<uint16_t>(1U << insn.k);
      if (!reads_memory(insn)) {
        valid |= cell;
      } else if ((valid & cell) == 0) {
        return refuse(pc, fmt::format("scratch cell {} is read but not written on every way here", insn.k));
      }
    } else if (operand == Operand::jump) {
      valid_at[pc + 1 + insn.k] &= valid;
      valid = 0xffff;
    } else if (is_branch(operand)) {
      valid_at[pc + 1 + insn.jt] &= valid;
      valid_at[pc + 1 + insn.jf] &= valid;
      valid = 0xffff;
    }
  }
  return std::nullopt;
}

std::vector<bool> reachable(const Insns& insns) {
  std::vector<bool> reached(insns.size(), false);
  reached[0] = true;
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    if (!reached[pc]) continue;
    const Insn& insn = insns[pc];
    Operand operand = operand_of(insn);
    if (is_return(operand)) continue;
    if (is_branch(operand)) {
      reached[pc + 1 + insn.jt] = true;
      reached[pc + 1 + insn.jf] = true;
    } else {
      reached[pc + 1 + (operand == Operand::jump ? insn.k : 0)] = true;
    }
  }
  return reached;
}

}  // namespace

std::optional<Error> kernel_refusal(const Insns& insns) {
  if (insns.empty()) return refuse(0, "the program is empty");
  if (insns.size() > kMaxInsns) {
    return refuse(kMaxInsns,
                  fmt::format("the program has {} instructions; the kernel takes at most {}", insns.size(), kMaxInsns));
  }
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    if (auto refusal = check_insn(insns, pc)) return refusal;
  }
  if (!is_return(operand_of(insns.back()))) return refuse(insns.size() - 1, "the last instruction is not a ret");
  return check_memory(insns);
}

std::optional<Error> untidiness(const Insns& insns) {
  std::vector<bool> reached = reachable(insns);
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    const Insn& insn = insns[pc];
    Operand operand = operand_of(insn);
    if (!is_branch(operand) && (insn.jt != 0 || insn.jf != 0))
      return refuse(pc, "jt and jf are set on an instruction that is no branch");
    if (!uses_k(operand) && insn.k != 0) return refuse(pc, "k is set on an instruction that does not use it");
    if (!reached[pc]) return refuse(pc, "no way leads to this instruction");
  }
  return std::nullopt;
}

}  // namespace sbpc::bpf
