/* install.h: what the example programs do to get a filter: load a compiled policy and install it on the calling thread. */
#include <stdio.h>

#include "sbp.h"

static inline int install(const char* path) {
  struct sbp_error error;
  sbp_program* policy;
  if (sbp_load_file(path, &policy, &error) == SBP_OK && sbp_install(policy, 0, NULL, &error) == SBP_OK) return 0;
  fprintf(stderr, "%s: %s\n", path, error.text);
  return -1;
}
