/* install.c: a checked program -> a filter in force, or an error and nothing changed.
 *
 * Exports sbp_install(), sbp_install_array(). The order makes it all or nothing: first every question that can be asked
 * without effect (flags, seccomp itself, flags and actions that the kernel lacks), then no_new_privs, then the one call
 * that installs, which the kernel does for all threads or for none (kernel/seccomp.c: seccomp_attach_filter()).
 * No locks, no allocation, no statics: safe in a signal handler and between fork() and exec().
 *
 * Tested by test/unit/runtime/install_test.cpp, threads_test.cpp.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "program.h"
#include "support.h"

#define KNOWN_FLAGS (SBPI_KERNEL_FLAGS | SBP_KEEP_PRIVS | SBP_UNHEARD)

static enum sbp_status check_flags(unsigned flags, struct sbp_error* error) {
  if ((flags & ~KNOWN_FLAGS) != 0) {
    struct sbpi_text text = sbpi_error(error, SBP_E_ARGUMENT, 0);
    sbpi_put(&text, "unknown install flags ");
    sbpi_put_hex(&text, flags & ~KNOWN_FLAGS);
    sbpi_put(&text, (flags & SBP_POLICY_FLAGS) != 0 ? ": SBP_POLICY_FLAGS is sbp_install()'s, an array has no policy"
                                                    : ": use the SBP_* flags of sbp.h");
    return SBP_E_ARGUMENT;
  }
  if ((flags & SBP_WAIT_KILLABLE) != 0 && (flags & SBP_NEW_LISTENER) == 0) {
    return sbpi_fail(error, SBP_E_ARGUMENT, "install flag `wait_killable` needs `new_listener` beside it");
  }
  return SBP_OK;
}

static void put_lacks(struct sbpi_text* text, const char* kind, const struct sbpi_feature* row) {
  sbpi_put(text, "this kernel lacks the ");
  sbpi_put(text, kind);
  sbpi_put(text, " `");
  sbpi_put(text, row->name);
  sbpi_put(text, "`: use Linux ");
  sbpi_put(text, row->since);
  sbpi_put(text, " or newer, or remove it from the policy");
}

static enum sbp_status check_flag_support(unsigned flags, struct sbp_error* error) {
  const struct sbpi_feature* missing = sbpi_missing_flag(flags);
  if (missing == NULL) return SBP_OK;
  struct sbpi_text text = sbpi_error(error, SBP_E_UNSUPPORTED, 0);
  put_lacks(&text, "install flag", missing);
  return SBP_E_UNSUPPORTED;
}

/* The kernel answers ENOSYS to each such call: hardly what the policy means. */
static enum sbp_status unheard(struct sbp_error* error, size_t pc) {
  struct sbpi_text text = sbpi_error(error, SBP_E_ARGUMENT, 0);
  if (error != NULL) error->insn = (int32_t)pc;
  sbpi_put(&text, "the program answers `notify` (instruction ");
  sbpi_put_u64(&text, pc);
  sbpi_put(
      &text,
      ") and nobody would hear it: install it with SBP_NEW_LISTENER (`install new_listener;`), or with SBP_UNHEARD "
      "where these calls are to fail with ENOSYS");
  return SBP_E_ARGUMENT;
}

static enum sbp_status missing_action(struct sbp_error* error, size_t pc, uint32_t word) {
  struct sbpi_text text = sbpi_error(error, SBP_E_UNSUPPORTED, 0);
  if (error != NULL) error->insn = (int32_t)pc;
  const struct sbpi_feature* row = sbpi_find_action(word);
  if (row != NULL) {
    put_lacks(&text, "action", row);
  } else {
    sbpi_put(&text, "the program returns ");
    sbpi_put_hex(&text, word);
    sbpi_put(&text, ", which no kernel known here has as an action and which would kill the process");
  }
  sbpi_put(&text, " (instruction ");
  sbpi_put_u64(&text, pc);
  sbpi_put(&text, ")");
  return SBP_E_UNSUPPORTED;
}

/* Unknown actions would act as kill_process, older kernels' kill_thread: a policy that differs from its source. Each
 * action is asked for once; a program that returns A can compute any word, which is not looked at. */
static enum sbp_status check_actions(struct sbp_array array, unsigned flags, struct sbp_error* error) {
  uint32_t known[16];
  size_t known_count = 0;
  for (size_t pc = 0; pc < array.count; pc++) {
    const struct sock_filter* insn = &array.insns[pc];
    if (insn->code != (BPF_RET | BPF_K)) continue;
    uint32_t action = insn->k & SECCOMP_RET_ACTION_FULL;
    size_t i = 0;
    while (i < known_count && known[i] != action) i++;
    if (i < known_count) continue;
    if (!sbp_supported(SBP_ACTION, action)) return missing_action(error, pc, insn->k);
    if (action == SECCOMP_RET_USER_NOTIF && (flags & (SBP_NEW_LISTENER | SBP_UNHEARD)) == 0) return unheard(error, pc);
    if (known_count < sizeof known / sizeof known[0]) known[known_count++] = action;
  }
  return SBP_OK;
}

/* Asked for only where somebody wants to know: a filter in force may allow the setting alone, and kill who asks. */
static enum sbp_status set_no_new_privs(struct sbp_installed* installed, unsigned flags, struct sbp_error* error) {
  if (installed != NULL && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
    installed->no_new_privs = SBP_NNP_WAS_SET;
    return SBP_OK;
  }
  if ((flags & SBP_KEEP_PRIVS) != 0) return SBP_OK;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
    if (installed != NULL) installed->no_new_privs = SBP_NNP_SET_NOW;
    return SBP_OK;
  }
  int reason = errno;
  struct sbpi_text text = sbpi_error(error, SBP_E_REFUSED, reason);
  sbpi_put(&text, "no_new_privs cannot be set (");
  sbpi_put_errno(&text, reason);
  sbpi_put(&text, "): allow `prctl` in the policy already in force");
  return SBP_E_REFUSED;
}

static enum sbp_status thread_diverged(pid_t tid, struct sbp_error* error) {
  struct sbpi_text text = sbpi_error(error, SBP_E_THREAD, tid == 0 ? ESRCH : 0);
  if (error != NULL) error->tid = tid;
  sbpi_put(&text, "thread ");
  if (tid != 0)
    sbpi_put_i64(&text, tid);
  else
    sbpi_put(&text, "(one of this process)");
  sbpi_put(&text,
           " has a filter of its own, so `tsync` cannot put this one on all threads, and it is on none: install it "
           "before that "
           "thread installs its own, or on each thread without `tsync`");
  return SBP_E_THREAD;
}

/* Source of the meanings: kernel/seccomp.c: seccomp_prepare_filter(), seccomp_attach_filter(),
 * has_duplicate_listener(). */
static enum sbp_status refused(int reason, struct sbp_error* error) {
  enum sbp_status status = SBP_E_REFUSED;
  if (reason == EACCES) status = SBP_E_PRIVILEGE;
  if (reason == EBUSY) status = SBP_E_LISTENER;
  if (reason == ENOMEM) status = SBP_E_LIMIT;
  if (reason == ESRCH) return thread_diverged(0, error);
  struct sbpi_text text = sbpi_error(error, status, reason);
  if (status == SBP_E_PRIVILEGE) {
    sbpi_put(&text, "installing needs no_new_privs or CAP_SYS_ADMIN: do not pass SBP_KEEP_PRIVS");
  } else if (status == SBP_E_LISTENER) {
    sbpi_put(&text,
             "an earlier filter of this thread has a listener and the kernel allows one: drop `new_listener` here, or "
             "install "
             "this program first");
  } else if (status == SBP_E_LIMIT) {
    sbpi_put(&text,
             "the filters of this thread would be longer than 32768 instructions in all, as the kernel translates them "
             "(twice as many and more), or the kernel is out of memory: install fewer or smaller programs");
  } else if (reason == EMFILE || reason == ENFILE) {
    sbpi_put(&text, "no descriptor is free for the listener (");
    sbpi_put_errno(&text, reason);
    sbpi_put(&text, "): close some, or raise the limit (RLIMIT_NOFILE)");
  } else {
    sbpi_put(&text, "the kernel refused the program (");
    sbpi_put_errno(&text, reason);
    sbpi_put(&text, "): see whether a filter already in force denies `seccomp`");
  }
  return status;
}

static enum sbp_status attach(struct sbp_array array, unsigned flags, struct sbp_installed* installed,
                              struct sbp_error* error) {
  unsigned kernel_flags = flags & SBPI_KERNEL_FLAGS;
  if ((kernel_flags & SBPI_BOTH) == SBPI_BOTH) kernel_flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  /* sock_fprog.filter is not const in the uapi; the kernel only reads it. */
  union {
    const struct sock_filter* in;
    struct sock_filter* out;
  } insns = {array.insns};
  struct sock_fprog program = {(unsigned short)array.count, insns.out};
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, kernel_flags, &program);
  if (result < 0) return refused(errno, error);
  if ((flags & SBP_NEW_LISTENER) != 0) {
    if (installed != NULL) installed->listener = (int)result;
    return SBP_OK;
  }
  return result == 0 ? SBP_OK : thread_diverged((pid_t)result, error);
}

static void nothing_done(struct sbp_installed* installed) {
  if (installed != NULL) *installed = (struct sbp_installed){-1, SBP_NNP_UNSET};
}

static enum sbp_status install_checked(struct sbp_array array, unsigned flags, struct sbp_installed* installed,
                                       struct sbp_error* error) {
  int saved_errno = errno;
  enum sbp_status status = check_flags(flags, error);
  if (status == SBP_OK) status = sbpi_check_seccomp(error);
  if (status == SBP_OK) status = check_flag_support(flags, error);
  if (status == SBP_OK) status = check_actions(array, flags, error);
  if (status == SBP_OK) status = set_no_new_privs(installed, flags, error);
  if (status == SBP_OK) status = attach(array, flags, installed, error);
  errno = saved_errno;
  return status;
}

static enum sbp_status unknown_policy_flags(unsigned flags, struct sbp_error* error) {
  struct sbpi_text text = sbpi_error(error, SBP_E_UNSUPPORTED, 0);
  sbpi_put(&text, "the policy's `install` line has flags that this libsbp does not know (");
  sbpi_put_hex(&text, flags & ~SBPI_KERNEL_FLAGS);
  sbpi_put(&text, "): update libsbp, or install without SBP_POLICY_FLAGS");
  return SBP_E_UNSUPPORTED;
}

enum sbp_status sbp_install(const sbp_program* program, unsigned flags, struct sbp_installed* installed,
                            struct sbp_error* error) {
  nothing_done(installed);
  if (program == NULL) return sbpi_fail(error, SBP_E_ARGUMENT, "sbp_install was given no program");
  enum sbp_status status = sbpi_check_set(program, error);
  if (status != SBP_OK) return status;
  struct sbp_array array = {program->insns, program->count};
  if ((flags & SBP_POLICY_FLAGS) != 0) {
    if ((program->install_flags & ~SBPI_KERNEL_FLAGS) != 0) return unknown_policy_flags(program->install_flags, error);
    flags = (flags & ~SBP_POLICY_FLAGS) | program->install_flags;
  }
  return install_checked(array, flags, installed, error);
}

enum sbp_status sbp_install_array(struct sbp_array array, unsigned flags, struct sbp_installed* installed,
                                  struct sbp_error* error) {
  nothing_done(installed);
  enum sbp_status status = sbp_check(array.insns, array.count, error);
  return status == SBP_OK ? install_checked(array, flags, installed, error) : status;
}
