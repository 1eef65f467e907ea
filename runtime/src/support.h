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

/* The result is a descriptor then, and cannot be a thread's number. */
#define SBPI_BOTH (SBP_TSYNC | SBP_NEW_LISTENER)

struct sbpi_feature {
  uint32_t value;    /* SECCOMP_RET_* without data, or SBP_* flags */
  const char* name;  /* `notify`, `new_listener`: the language's words */
  const char* since; /* the first kernel that has it, "5.0" */
};

/* The row of an action (data bits ignored); NULL if there is none. */
const struct sbpi_feature* sbpi_find_action(uint32_t word);
/* The first of the flags, or of what they mean beside each other, that this kernel lacks; NULL if it has all. */
const struct sbpi_feature* sbpi_missing_flag(unsigned flags);

/* SBP_OK if the kernel can install seccomp filters at all. */
enum sbp_status sbpi_check_seccomp(struct sbp_error* error);

#endif
