#include "driver/run_registers.h"

#include <elf.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace sbpc::driver {
namespace {

// PTRACE_GET_SYSCALL_INFO and its answer, include/uapi/linux/ptrace.h; glibc 2.36 has it, musl does not.
constexpr auto kGetSyscallInfo = static_cast<__ptrace_request>(0x420e);
constexpr uint8_t kInfoSeccomp = 3;  // PTRACE_SYSCALL_INFO_SECCOMP
struct SyscallInfo {
  uint8_t op;
  uint8_t pad[3];
  uint32_t arch;
  uint64_t instruction_pointer;
  uint64_t stack_pointer;
  uint64_t nr;
  uint64_t args[6];
  uint64_t ret_data;
};

#if defined(__x86_64__)

// `int $0x80` in a 64-bit program differs from `syscall` in nothing that the registers show. Before 5.3 only whole
// 32-bit processes, by their code segment, are told apart.
uint32_t arch_of(pid_t thread, const user_regs_struct& registers) {
  constexpr uint64_t kUser32 = 0x23;  // __USER32_CS, arch/x86/include/asm/segment.h
  SyscallInfo info{};
  if (ptrace(kGetSyscallInfo, thread, sizeof info, &info) > 0) return info.arch;
  return registers.cs == kUser32 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
}

#endif

}  // namespace

std::optional<target::SeccompData> stopped_call_of(pid_t thread) {
  SyscallInfo info{};
  if (ptrace(kGetSyscallInfo, thread, sizeof info, &info) <= 0 || info.op != kInfoSeccomp) return call_of(thread);
  target::SeccompData call;
  call.nr = static_cast<int32_t>(static_cast<uint32_t>(info.nr));
  call.arch = info.arch;
  call.instruction_pointer = info.instruction_pointer;
  std::copy_n(info.args, 6, call.args);
  return call;
}

#if defined(__x86_64__)

std::optional<target::SeccompData> call_of(pid_t thread) {
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &registers) != 0) return std::nullopt;
  target::SeccompData call;
  call.nr = static_cast<int32_t>(registers.orig_rax);
  call.arch = arch_of(thread, registers);
  call.instruction_pointer = registers.rip;
  const std::array<uint64_t, 6> native = {registers.rdi, registers.rsi, registers.rdx,
                                          registers.r10, registers.r8,  registers.r9};
  const std::array<uint64_t, 6> compat = {registers.rbx, registers.rcx, registers.rdx,
                                          registers.rsi, registers.rdi, registers.rbp};
  const bool is_compat = call.arch == AUDIT_ARCH_I386;
  for (size_t i = 0; i < 6; i++) call.args[i] = is_compat ? static_cast<uint32_t>(compat[i]) : native[i];
  return call;
}

// A number of -1 is no call, and the kernel leaves the result alone: kernel/seccomp.c: __seccomp_filter(), `skip`.
bool answer_call(pid_t thread, int64_t result) {
  user_regs_struct registers{};
  if (ptrace(PTRACE_GETREGS, thread, nullptr, &registers) != 0) return false;
  registers.orig_rax = ~0ULL;
  registers.rax = static_cast<uint64_t>(result);
  return ptrace(PTRACE_SETREGS, thread, nullptr, &registers) == 0;
}

#elif defined(__aarch64__)

bool answer_call(pid_t thread, int64_t result) {
  int number = -1;
  iovec word{&number, sizeof number};
  user_regs_struct registers{};
  iovec whole{&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &whole) != 0 || whole.iov_len < sizeof registers) return false;
  registers.regs[0] = static_cast<uint64_t>(result);
  return ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &word) == 0 &&
         ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &whole) == 0;
}

std::optional<target::SeccompData> call_of(pid_t thread) {
  user_regs_struct registers{};
  iovec whole{&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &whole) != 0) return std::nullopt;
  target::SeccompData call;
  if (whole.iov_len < sizeof registers) {  // a 32-bit process: struct pt_regs of arch/arm, r0..r15, cpsr, orig_r0
    std::array<uint32_t, 18> arm{};
    std::memcpy(arm.data(), &registers, std::min(sizeof arm, whole.iov_len));
    call.nr = static_cast<int32_t>(arm[7]);
    call.arch = AUDIT_ARCH_ARM;
    call.instruction_pointer = arm[15];
    std::copy_n(arm.begin(), 6, call.args);
    return call;
  }
  // Not NT_ARM_SYSTEM_CALL: that number is forgotten before the signal that kills (arch/arm64/kernel/signal.c:
  // do_signal()).
  call.nr = static_cast<int32_t>(registers.regs[8]);
  call.arch = AUDIT_ARCH_AARCH64;
  call.instruction_pointer = registers.pc;
  std::copy_n(registers.regs, 6, call.args);
  return call;
}

#else

std::optional<target::SeccompData> call_of(pid_t) { return std::nullopt; }
bool answer_call(pid_t, int64_t) { return false; }

#endif

}  // namespace sbpc::driver
