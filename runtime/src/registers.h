/* registers.h: the few facts about a machine's registers that the SIGSYS reporter needs.
 *
 *   sbpi_read_args()  The six arguments of the call that the signal interrupted. kernel/seccomp.c calls
 *                     syscall_rollback() before it sends SIGSYS, so the first argument is in its register even where
 *                     that is the result's too.
 *   sbpi_rewind()     Moves the instruction pointer back to the instruction that made the call, so that returning from
 *                     the handler makes it again. `call_address` is siginfo's. 0 where that is not known here.
 *
 * A machine that is not listed loses its arguments and the rewind, nothing else.
 */
#ifndef SBP_SRC_REGISTERS_H
#define SBP_SRC_REGISTERS_H

#include <stdint.h>
#include <ucontext.h>

/* AUDIT_ARCH_* of 32-bit x86, include/uapi/linux/audit.h: EM_386 | __AUDIT_ARCH_LE */
#define SBPI_ARCH_I386 0x40000003U

#if defined(__x86_64__)

static inline int sbpi_read_args(const ucontext_t* context, uint32_t arch, uint64_t args[6]) {
  static const int native[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
  static const int compat[6] = {REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI, REG_RBP};
  for (int i = 0; i < 6; i++) {
    args[i] = (uint64_t)context->uc_mcontext.gregs[arch == SBPI_ARCH_I386 ? compat[i] : native[i]];
    if (arch == SBPI_ARCH_I386) args[i] &= 0xffffffffU;
  }
  return 1;
}

/* A vsyscall is a call of a page that the kernel handles as it faults, and has already returned from:
 * arch/x86/entry/vsyscall/vsyscall_64.c: emulate_vsyscall(). The address that it returned to is still below the stack's
 * end, in the 128 bytes that a signal leaves alone. */
#define SBPI_VSYSCALL_PAGE 0xffffffffff600000U

static inline int sbpi_rewind(ucontext_t* context, uint64_t call_address) {
  greg_t* registers = context->uc_mcontext.gregs;
  if (call_address >= SBPI_VSYSCALL_PAGE && call_address < SBPI_VSYSCALL_PAGE + 4096) {
    registers[REG_RIP] = (greg_t)call_address;
    registers[REG_RSP] -= 8;
    return 1;
  }
  registers[REG_RIP] -= 2; /* both `syscall` (0f 05) and `int $0x80` (cd 80) */
  return 1;
}

#elif defined(__i386__)

static inline int sbpi_read_args(const ucontext_t* context, uint32_t arch, uint64_t args[6]) {
  static const int native[6] = {REG_EBX, REG_ECX, REG_EDX, REG_ESI, REG_EDI, REG_EBP};
  (void)arch;
  for (int i = 0; i < 6; i++) args[i] = (uint32_t)context->uc_mcontext.gregs[native[i]];
  return 1;
}

/* A call by `sysenter` returns behind an `int $0x80` in the vDSO too: arch/x86/entry/vdso/vdso32/system_call.S */
static inline int sbpi_rewind(ucontext_t* context, uint64_t call_address) {
  (void)call_address;
  context->uc_mcontext.gregs[REG_EIP] -= 2;
  return 1;
}

#elif defined(__aarch64__)

static inline int sbpi_read_args(const ucontext_t* context, uint32_t arch, uint64_t args[6]) {
  (void)arch;
  for (int i = 0; i < 6; i++) args[i] = context->uc_mcontext.regs[i];
  return 1;
}

static inline int sbpi_rewind(ucontext_t* context, uint64_t call_address) {
  (void)call_address;
  context->uc_mcontext.pc -= 4; /* svc #0 */
  return 1;
}

#elif defined(__riscv)

static inline int sbpi_read_args(const ucontext_t* context, uint32_t arch, uint64_t args[6]) {
  (void)arch;
  for (int i = 0; i < 6; i++) args[i] = context->uc_mcontext.__gregs[10 + i]; /* a0..a5 */
  return 1;
}

static inline int sbpi_rewind(ucontext_t* context, uint64_t call_address) {
  (void)call_address;
  context->uc_mcontext.__gregs[0] -= 4; /* pc; ecall has no compressed form */
  return 1;
}

#else

static inline int sbpi_read_args(const ucontext_t* context, uint32_t arch, uint64_t args[6]) {
  (void)context;
  (void)arch;
  for (int i = 0; i < 6; i++) args[i] = 0;
  return 0;
}

static inline int sbpi_rewind(ucontext_t* context, uint64_t call_address) {
  (void)context;
  (void)call_address;
  return 0;
}

#endif
#endif
