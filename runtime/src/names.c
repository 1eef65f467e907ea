/* names.c: the names of this machine's system calls, for the reporter of denied calls.
 *
 * Exports sbp_syscall_name(). A file of its own, so that libsbp.a gives its 16 KiB to those who ask for it only. The
 * tables are the compiler's, of the ABIs of this machine's family: no others can be denied here.
 *
 * Built without the generated tables, from src/ alone, it knows no name. Tested by test/unit/runtime/names_test.cpp.
 */
#include <stddef.h>

#include "sbp.h"

#ifdef SBP_HAS_NAMES

struct sbpi_call_name {
  uint32_t nr;
  uint32_t name; /* in kCallNames */
};

#include "syscall_names.h"

#define X32_BIT 0x40000000U /* __X32_SYSCALL_BIT, arch/x86/include/uapi/asm/unistd.h */

struct call_table {
  uint32_t audit_arch;
  uint32_t is_x32;
  const struct sbpi_call_name* calls;
  size_t count;
};

#define TABLE(audit_arch, is_x32, table) \
  {audit_arch, is_x32, kCalls_##table, sizeof kCalls_##table / sizeof kCalls_##table[0]},
/* AUDIT_ARCH_*: include/uapi/linux/audit.h. test/unit/output/source_code_test.cpp looks for a row for each ABI of
 * target/arches.def. */
static const struct call_table kTables[] = {
#if defined(__x86_64__) || defined(__i386__)
    TABLE(0xC000003EU, 0, x86_64) TABLE(0xC000003EU, 1, x32) TABLE(0x40000003U, 0, i386)
#elif defined(__aarch64__) || defined(__arm__)
    TABLE(0xC00000B7U, 0, aarch64) TABLE(0x40000028U, 0, arm)
#elif defined(__riscv)
    TABLE(0xC00000F3U, 0, riscv64) TABLE(0x400000F3U, 0, riscv32)
#elif defined(__loongarch64)
    TABLE(0xC0000102U, 0, loongarch64)
#elif defined(__s390__)
    TABLE(0x80000016U, 0, s390x) TABLE(0x00000016U, 0, s390)
#elif defined(__powerpc__)
    TABLE(0xC0000015U, 0, ppc64le) TABLE(0x80000015U, 0, ppc64) TABLE(0x00000014U, 0, ppc)
#elif defined(__mips__)
    TABLE(0x00000008U, 0, mips_o32) TABLE(0x40000008U, 0, mips_o32) TABLE(0x80000008U, 0, mips_n64)
        TABLE(0xC0000008U, 0, mips_n64) TABLE(0xA0000008U, 0, mips_n32) TABLE(0xE0000008U, 0, mips_n32)
#elif defined(__hppa__)
    TABLE(0x0000000FU, 0, parisc) TABLE(0x8000000FU, 0, parisc64)
#elif defined(__sh__)
    TABLE(0x4000002AU, 0, sh) TABLE(0x0000002AU, 0, sh)
#elif defined(__m68k__)
    TABLE(0x00000004U, 0, m68k)
#else
    TABLE(0x00000002U, 0, sparc) TABLE(0x8000002BU, 0, sparc64)
#endif
};

static const char* name_in(const struct call_table* table, uint32_t nr) {
  size_t low = 0, high = table->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (table->calls[middle].nr == nr) return kCallNames + table->calls[middle].name;
    if (table->calls[middle].nr < nr)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

const char* sbp_syscall_name(const struct sbp_denied* denied, void* unused) {
  (void)unused;
  if (denied == NULL) return NULL;
  const uint32_t nr = (uint32_t)denied->nr;
  const uint32_t is_x32 = denied->arch == kTables[0].audit_arch && (nr & X32_BIT) != 0;
  for (size_t i = 0; i < sizeof kTables / sizeof kTables[0]; i++) {
    if (kTables[i].audit_arch == denied->arch && kTables[i].is_x32 == is_x32)
      return name_in(&kTables[i], nr & (is_x32 ? ~X32_BIT : ~0U));
  }
  return NULL;
}

#else

const char* sbp_syscall_name(const struct sbp_denied* denied, void* unused) {
  (void)denied;
  (void)unused;
  return NULL;
}

#endif
