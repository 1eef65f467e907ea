/* probe_calls.c: system calls in assembly: the guard of PROBE_ACTIONS tells the installing call from the events by the
 * instruction pointer, and no C library code may run between an event and its result.
 *
 * probe_native() and probe_compat() keep what the C calling convention asks for; the kernel's 32-bit entry on x86_64
 * clears r8..r11 (arch/x86/entry/entry_64_compat.S), which the convention leaves to the callee anyway.
 */
#include "probe_calls.h"

#if defined(__x86_64__)

__asm__(
    ".text\n"
    ".globl probe_native, probe_compat, probe_install, probe_install_ip\n"
    ".type probe_native, @function\n"
    "probe_native:\n"
    "  mov %rdi, %rax\n"
    "  mov %rsi, %r11\n"
    "  mov 0(%r11), %rdi\n"
    "  mov 8(%r11), %rsi\n"
    "  mov 16(%r11), %rdx\n"
    "  mov 24(%r11), %r10\n"
    "  mov 32(%r11), %r8\n"
    "  mov 40(%r11), %r9\n"
    "  syscall\n"
    "  ret\n"
    ".type probe_compat, @function\n"
    "probe_compat:\n"
    "  push %rbx\n"
    "  push %rbp\n"
    "  mov %edi, %eax\n"
    "  mov 0(%rsi), %ebx\n"
    "  mov 8(%rsi), %ecx\n"
    "  mov 16(%rsi), %edx\n"
    "  mov 32(%rsi), %edi\n"
    "  mov 40(%rsi), %ebp\n"
    "  mov 24(%rsi), %esi\n"
    "  int $0x80\n"
    "  movslq %eax, %rax\n"
    "  pop %rbp\n"
    "  pop %rbx\n"
    "  ret\n"
    ".type probe_install, @function\n"
    "probe_install:\n"
    "  mov $317, %eax\n"  // __NR_seccomp
    "  mov %rsi, %rdx\n"
    "  mov %rdi, %rsi\n"
    "  mov $1, %edi\n"  // SECCOMP_SET_MODE_FILTER
    "  syscall\n"
    "probe_install_ip:\n"
    "  ret\n"
    ".section .note.GNU-stack, \"\", @progbits\n"
    ".text\n");

#elif defined(__aarch64__)

__asm__(
    ".text\n"
    ".globl probe_native, probe_install, probe_install_ip\n"
    ".type probe_native, %function\n"
    "probe_native:\n"
    "  mov x8, x0\n"
    "  mov x9, x1\n"
    "  ldp x0, x1, [x9]\n"
    "  ldp x2, x3, [x9, #16]\n"
    "  ldp x4, x5, [x9, #32]\n"
    "  svc #0\n"
    "  ret\n"
    ".type probe_install, %function\n"
    "probe_install:\n"
    "  mov x8, #277\n"  // __NR_seccomp
    "  mov x2, x1\n"
    "  mov x1, x0\n"
    "  mov x0, #1\n"  // SECCOMP_SET_MODE_FILTER
    "  svc #0\n"
    "probe_install_ip:\n"
    "  ret\n");

#else

const char probe_install_ip[1];

long probe_native(long nr, const uint64_t args[6]) { return probe_compat(nr, args); }

long probe_install(unsigned long flags, const void* program) {
  (void)flags;
  (void)program;
  return -38; /* ENOSYS; the caller does not come here */
}

#endif

#if !defined(__x86_64__)

long probe_compat(long nr, const uint64_t args[6]) {
  (void)nr;
  (void)args;
  return -38; /* ENOSYS; the caller does not come here */
}

#endif
