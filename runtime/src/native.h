/* native.h: the name of the ABI that this library is built for, as target/arches.def has it.
 *
 * The conditions are those of compiler/output/source_abis.def, which go into emitted C;
 * test/unit/output/source_code_test.cpp holds them against each other.
 */
#ifndef SBP_SRC_NATIVE_H
#define SBP_SRC_NATIVE_H

#if defined(__x86_64__) && !defined(__ILP32__)
#define SBPI_NATIVE_ABI "x86_64"
#elif defined(__i386__)
#define SBPI_NATIVE_ABI "i386"
#elif defined(__x86_64__) && defined(__ILP32__)
#define SBPI_NATIVE_ABI "x32"
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define SBPI_NATIVE_ABI "aarch64"
#elif defined(__arm__) && defined(__ARMEL__)
#define SBPI_NATIVE_ABI "arm"
#elif defined(__riscv) && __riscv_xlen == 64
#define SBPI_NATIVE_ABI "riscv64"
#elif defined(__riscv) && __riscv_xlen == 32
#define SBPI_NATIVE_ABI "riscv32"
#elif defined(__loongarch64)
#define SBPI_NATIVE_ABI "loongarch64"
#elif defined(__s390x__)
#define SBPI_NATIVE_ABI "s390x"
#elif defined(__s390__) && !defined(__s390x__)
#define SBPI_NATIVE_ABI "s390"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define SBPI_NATIVE_ABI "ppc64le"
#elif defined(__powerpc64__) && !defined(__LITTLE_ENDIAN__)
#define SBPI_NATIVE_ABI "ppc64"
#elif defined(__powerpc__) && !defined(__powerpc64__)
#define SBPI_NATIVE_ABI "ppc"
#elif defined(__MIPSEB__) && _MIPS_SIM == 1
#define SBPI_NATIVE_ABI "mips"
#elif defined(__MIPSEL__) && _MIPS_SIM == 1
#define SBPI_NATIVE_ABI "mipsel"
#elif defined(__MIPSEB__) && _MIPS_SIM == 3
#define SBPI_NATIVE_ABI "mips64"
#elif defined(__MIPSEL__) && _MIPS_SIM == 3
#define SBPI_NATIVE_ABI "mipsel64"
#elif defined(__MIPSEB__) && _MIPS_SIM == 2
#define SBPI_NATIVE_ABI "mips64n32"
#elif defined(__MIPSEL__) && _MIPS_SIM == 2
#define SBPI_NATIVE_ABI "mipsel64n32"
#elif defined(__hppa__) && !defined(__LP64__)
#define SBPI_NATIVE_ABI "parisc"
#elif defined(__hppa__) && defined(__LP64__)
#define SBPI_NATIVE_ABI "parisc64"
#elif defined(__sh__) && defined(__LITTLE_ENDIAN__)
#define SBPI_NATIVE_ABI "sh"
#elif defined(__sh__) && !defined(__LITTLE_ENDIAN__)
#define SBPI_NATIVE_ABI "sheb"
#elif defined(__m68k__)
#define SBPI_NATIVE_ABI "m68k"
#elif defined(__sparc__) && !defined(__arch64__)
#define SBPI_NATIVE_ABI "sparc"
#elif defined(__sparc__) && defined(__arch64__)
#define SBPI_NATIVE_ABI "sparc64"
#else
#define SBPI_NATIVE_ABI "unknown"
#endif

#include <stdint.h>

/* seccomp_data.arch of calls of this ABI; 0 where it is not known here. */
uint32_t sbpi_native_arch(void);

#endif
