// cacheable.cpp: seccomp_is_const_allow again, instruction by instruction. Tested by test/unit/bpf/run_test.cpp.
#include "bpf/cacheable.h"

#include <algorithm>

#include "base/check.h"
#include "target/actions.h"

namespace sbpc::bpf {
namespace {

constexpr uint32_t kNrOffset = 0;  // offsetof(struct seccomp_data, nr), in every byte order
constexpr uint32_t kArchOffset = 4;

bool is_patched(std::span<const Patch> patches, uint32_t pc) {
  auto at = std::partition_point(patches.begin(), patches.end(), [pc](const Patch& patch) { return patch.pc < pc; });
  return at != patches.end() && at->pc == pc;
}

// What one instruction does to A, and which instruction is next.
void step(const Insn& insn, EmulatedCall call, Emulation& at) {
  const uint32_t k = insn.k;
  ++at.pc;
  switch (insn.code) {
    case kLdAbs:
      if (k != kNrOffset && k != kArchOffset) at.end = Emulation::End::other;
      at.a = k == kNrOffset ? call.nr : call.arch;
      return;
    case kAndK: at.a &= k; return;
    case kJa: at.pc += k; return;
    case kJeqK: at.pc += at.a == k ? insn.jt : insn.jf; return;
    case kJgtK: at.pc += at.a > k ? insn.jt : insn.jf; return;
    case kJgeK: at.pc += at.a >= k ? insn.jt : insn.jf; return;
    case kJsetK: at.pc += (at.a & k) != 0 ? insn.jt : insn.jf; return;
    case kRetK:
      at.end = k == target::info(target::Action::allow).ret ? Emulation::End::allow : Emulation::End::other;
      return;
    default: at.end = Emulation::End::other;  // codes are numbers, not an enum of ours; the kernel gives up here too
  }
}

}  // namespace

Emulation emulate(const Insns& insns, std::span<const Patch> patches, EmulatedCall call, Emulation from) {
  Emulation at = from;
  at.end = Emulation::End::running;
  while (at.end == Emulation::End::running) {
    CHECK(at.pc < insns.size());
    if (!patches.empty() && insns[at.pc].code == kJa && is_patched(patches, at.pc)) {
      at.end = Emulation::End::flag;
    } else {
      step(insns[at.pc], call, at);
    }
  }
  return at;
}

bool is_const_allow(const Insns& insns, uint32_t arch, uint32_t nr) {
  return emulate(insns, {}, {arch, nr}, {}).end == Emulation::End::allow;
}

}  // namespace sbpc::bpf
