#include "bpf/cacheable.h"

#include "base/check.h"
#include "target/actions.h"

namespace sbpc::bpf {
namespace {

constexpr uint32_t kNrOffset = 0;    // offsetof(struct seccomp_data, nr), in every byte order
constexpr uint32_t kArchOffset = 4;

}  // namespace

bool is_const_allow(const Insns& insns, uint32_t arch, uint32_t nr) {
  const uint32_t allow = target::info(target::Action::allow).ret;
  uint32_t a = 0;
  for (size_t pc = 0; pc < insns.size(); ++pc) {
    const Insn& insn = insns[pc];
    switch (insn.code) {
      case kLdAbs:
        if (insn.k != kNrOffset && insn.k != kArchOffset) return false;
        a = insn.k == kNrOffset ? nr : arch;
        break;
      case kAndK: a &= insn.k; break;
      case kJa: pc += insn.k; break;
      case kJeqK: pc += a == insn.k ? insn.jt : insn.jf; break;
      case kJgtK: pc += a > insn.k ? insn.jt : insn.jf; break;
      case kJgeK: pc += a >= insn.k ? insn.jt : insn.jf; break;
      case kJsetK: pc += (a & insn.k) != 0 ? insn.jt : insn.jf; break;
      case kRetK: return insn.k == allow;
      default: return false;  // a plain number, not an enum: the kernel's emulator gives up here too
    }
  }
  CHECK(false);  // a verified program ends in a ret
}

}  // namespace sbpc::bpf
