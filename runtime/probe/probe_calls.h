/* probe_calls.h: the instructions that make system calls, each at a known place. See probe_calls.c. */
#ifndef SBPC_PROBE_CALLS_H
#define SBPC_PROBE_CALLS_H

#include <stdint.h>

#if defined(__x86_64__)
#define PROBE_NATIVE_ARCH 0xC000003EU /* AUDIT_ARCH_X86_64 */
#define PROBE_COMPAT_ARCH 0x40000003U /* AUDIT_ARCH_I386 */
#elif defined(__aarch64__)
#define PROBE_NATIVE_ARCH 0xC00000B7U /* AUDIT_ARCH_AARCH64 */
#define PROBE_COMPAT_ARCH 0U
#else
#define PROBE_NATIVE_ARCH 0U /* probe_calls.c needs the few lines of assembly for this machine */
#define PROBE_COMPAT_ARCH 0U
#endif

/* The kernel's result: -4095..-1 is an errno. */
long probe_native(long nr, const uint64_t args[6]);
/* The same through `int $0x80`, with the arguments' low halves; x86_64 only. */
long probe_compat(long nr, const uint64_t args[6]);
/* seccomp(SECCOMP_SET_MODE_FILTER, flags, program); the instruction pointer that a filter sees is probe_install_ip. */
long probe_install(unsigned long flags, const void* program);
extern const char probe_install_ip[];

#endif
