/* support.h: the words for what a kernel may lack, from the compiler's own tables. */
#ifndef SBP_SRC_SUPPORT_H
#define SBP_SRC_SUPPORT_H

#include <linux/seccomp.h>
#include <stdint.h>

#include "sbp.h"

/* Older uapi headers lack these; include/uapi/linux/seccomp.h. */
#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH 0x10U
#endif

#define SBPI_KERNEL_FLAGS (SBP_TSYNC | SBP_LOG | SBP_SPEC_ALLOW | SBP_NEW_LISTENER | SBP_WAIT_KILLABLE)

struct sbpi_feature {
  uint32_t value;    /* SECCOMP_RET_* without data, or one SBP_* flag */
  const char* name;  /* `notify`, `new_listener`: the language's words */
  const char* since; /* the first kernel that has it, "5.0" */
};

/* The row of an action (data bits ignored) or of the lowest flag in a set; NULL if there is none. */
const struct sbpi_feature* sbpi_find_feature(enum sbp_feature feature, uint32_t value);

/* SBP_OK if the kernel can install seccomp filters at all. */
enum sbp_status sbpi_check_seccomp(struct sbp_error* error);

#endif
