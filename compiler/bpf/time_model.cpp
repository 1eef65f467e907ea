#include "bpf/time_model.h"

#include "base/check.h"
#include "bpf/opcode.h"

namespace sbpc::bpf {

uint64_t picoseconds(const Insns& insns, size_t pc, bool taken) {
  const std::optional<Opcode> opcode = find_opcode(insns[pc].code);
  CHECK(opcode.has_value());
  const Operand operand = info(*opcode).operand;
  if (is_return(operand)) return 0;                           // part of kPsRun
  if (operand == Operand::jump) return taken ? kPsTaken : 0;  // the JIT drops jumps to the next instruction
  if (is_branch(operand)) return taken ? kPsTaken : kPsNotTaken;
  return kPsLoad;
}

uint64_t picoseconds(const Insns& insns, std::span<const uint32_t> path) {
  uint64_t sum = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    const bool taken = i + 1 < path.size() && path[i + 1] != path[i] + 1;
    sum += picoseconds(insns, path[i], taken);
  }
  return sum;
}

}  // namespace sbpc::bpf
