/* support.c: what the running kernel knows of seccomp.
 *
 * Exports sbp_supported(). Asks the kernel each time: the answer may change when a filter that denies `seccomp` comes
 * into force. Tested by test/unit/runtime/support_test.cpp.
 */
#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text.h"

static const struct sbpi_feature kActions[] = {
#define ACTION(id, name, ret, data, since, may_run) {ret, name, #since},
#include "target/actions.def"
};

static const struct sbpi_feature kFlags[] = {
    {SBP_TSYNC, "tsync", "3.17"},
    {SBP_LOG, "log", "4.14"},
    {SBP_SPEC_ALLOW, "spec_allow", "4.17"},
    {SBP_NEW_LISTENER, "new_listener", "5.0"},
    {SBP_WAIT_KILLABLE, "wait_killable", "5.19"},
    /* Before it the kernel refused the two beside each other: commit 51891498f2da. */
    {SBPI_BOTH, "tsync` beside `new_listener", "5.7"},
};

enum { ACTION_ROWS = sizeof kActions / sizeof kActions[0], FLAG_ROWS = sizeof kFlags / sizeof kFlags[0] };

const struct sbpi_feature* sbpi_find_action(uint32_t word) {
  for (size_t i = 0; i < ACTION_ROWS; i++) {
    if (kActions[i].value == (word & SECCOMP_RET_ACTION_FULL)) return &kActions[i];
  }
  return NULL;
}

/* errno of installing no program: EFAULT if the kernel accepted the flags and went on to read it. */
static int probe_flags(unsigned flags) {
  int saved_errno = errno;
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL);
  int reason = result == 0 ? 0 : errno;
  errno = saved_errno;
  return reason;
}

static int flag_supported(unsigned flag) {
  /* wait_killable is refused without a listener: kernel/seccomp.c: seccomp_set_mode_filter() */
  if (flag == SBP_WAIT_KILLABLE) flag |= SBP_NEW_LISTENER;
  if (flag == SBPI_BOTH) flag |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  return probe_flags(flag) == EFAULT;
}

static int action_supported(uint32_t action) {
  int saved_errno = errno;
  long result = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
  int reason = result == 0 ? 0 : errno;
  errno = saved_errno;
  if (reason == 0 || reason == EOPNOTSUPP) return reason == 0;
  /* Before 4.14 the question did not exist (EINVAL) and the actions were these. */
  return action == SECCOMP_RET_KILL_THREAD || action == SECCOMP_RET_TRAP || action == SECCOMP_RET_ERRNO ||
         action == SECCOMP_RET_TRACE || action == SECCOMP_RET_ALLOW;
}

const struct sbpi_feature* sbpi_missing_flag(unsigned flags) {
  for (size_t i = 0; i < FLAG_ROWS; i++) {
    if ((flags & kFlags[i].value) == kFlags[i].value && !flag_supported(kFlags[i].value)) return &kFlags[i];
  }
  return NULL;
}

int sbp_supported(enum sbp_feature feature, uint32_t value) {
  if (feature == SBP_ACTION) return action_supported(value & SECCOMP_RET_ACTION_FULL);
  if (feature != SBP_FLAG || (value & ~(SBPI_KERNEL_FLAGS | SBP_KEEP_PRIVS | SBP_UNHEARD)) != 0) return 0;
  return sbpi_missing_flag(value) == NULL;
}

enum sbp_status sbpi_check_seccomp(struct sbp_error* error) {
  int reason = probe_flags(0);
  if (reason == EFAULT) return SBP_OK;
  enum sbp_status status = reason == ENOSYS || reason == EINVAL ? SBP_E_UNSUPPORTED : SBP_E_REFUSED;
  struct sbpi_text text = sbpi_error(error, status, reason);
  if (status == SBP_E_UNSUPPORTED) {
    sbpi_put(&text,
             "this kernel has no seccomp filters: use Linux 3.17 or newer with CONFIG_SECCOMP_FILTER, or, inside a "
             "container, "
             "allow `seccomp` in its profile");
    return status;
  }
  sbpi_put(&text, "`seccomp` is denied by a filter already in force (");
  sbpi_put_errno(&text, reason);
  sbpi_put(&text, "): allow `seccomp` and `prctl` in the outer policy");
  return status;
}
