/* arches.c: the ABIs by their AUDIT_ARCH_* word, from the compiler's own table.
 *
 * Exports sbp_arch_name(). Tested by test/unit/runtime/sigsys_test.cpp and load_test.cpp.
 */
#include <stddef.h>
#include <string.h>

#include "native.h"
#include "sbp.h"

static const struct {
  uint32_t audit_arch;
  const char* name;
} kArches[] = {
#define ABI(name, audit_arch, family, table, word_bits, register_bits, endian, bitmap) {audit_arch, #name},
#include "target/arches.def"
};

const char* sbp_arch_name(uint32_t audit_arch) {
  for (size_t i = 0; i < sizeof kArches / sizeof kArches[0]; i++) {
    if (kArches[i].audit_arch == audit_arch) return kArches[i].name;
  }
  return NULL;
}

uint32_t sbpi_native_arch(void) {
  for (size_t i = 0; i < sizeof kArches / sizeof kArches[0]; i++) {
    if (strcmp(kArches[i].name, SBPI_NATIVE_ABI) == 0) return kArches[i].audit_arch;
  }
  return 0;
}
