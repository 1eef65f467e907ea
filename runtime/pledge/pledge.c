/* pledge.c: OpenBSD's pledge(2) over one precompiled filter, whose run-time bools are the promises.
 *
 * Exports sbp_pledge(). Nothing is compiled or allocated: 33 jumps are patched in a copy on the stack (16 KiB at most).
 *
 * Built from src/ where there is no sbpc to compile pledge.sb with, it answers ENOSYS. Tested by test/unit/pledge/.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sbp.h"

#ifdef SBP_HAS_PLEDGE

#include "pledge_policy.h"

enum promise {
#define PROMISE(name) PROMISE_##name,
#include "promises.def"
  PROMISES
};

static const struct {
  const char* word;
  void (*set)(struct pledge_program* program, bool value);
} kPromises[PROMISES] = {
#define PROMISE(name) {#name, pledge_set_##name},
#include "promises.def"
};

/* What this process has promised, a bit for each promise. All bits: nothing yet, so everything may still be done. */
#define NOT_PLEDGED UINT64_MAX
static _Atomic uint64_t in_force = NOT_PLEDGED;

static int failed(int reason) {
  errno = reason;
  return -1;
}

/* The words of a string, between blanks; 0 if one is unknown. */
static int read_promises(const char* promises, uint64_t* set) {
  *set = 0;
  for (;;) {
    promises += strspn(promises, " ");
    const size_t length = strcspn(promises, " ");
    if (length == 0) return 1;
    size_t i = 0;
    while (i < PROMISES && (strlen(kPromises[i].word) != length || memcmp(kPromises[i].word, promises, length) != 0))
      i++;
    if (i == PROMISES) return 0;
    *set |= (uint64_t)1 << i;
    promises += length;
  }
}

static int install(uint64_t set) {
  struct pledge_program program;
  pledge_init(&program);
  for (size_t i = 0; i < PROMISES; i++) kPromises[i].set(&program, (set >> i & 1) != 0);
  /* Not pledge_install(): this asks for all that the kernel may lack before no_new_privs is set. */
  struct sbp_error error;
  switch (sbp_install_array((struct sbp_array){program.insns, PLEDGE_COUNT}, PLEDGE_FLAGS, NULL, &error)) {
    case SBP_OK: return 0;
    case SBP_E_THREAD: return failed(EBUSY);
    case SBP_E_UNSUPPORTED: return failed(ENOSYS);
    default: return failed(error.sys_errno != 0 ? error.sys_errno : EINVAL); /* an error of the kernel's */
  }
}

int sbp_pledge(const char* promises, const char* execpromises) {
  const int saved_errno = errno;
  uint64_t exec_set = 0;
  uint64_t set = 0;
  if (execpromises != NULL && !read_promises(execpromises, &exec_set)) return failed(EINVAL);
  if (promises != NULL && !read_promises(promises, &set)) return failed(EINVAL);
  const uint64_t before = atomic_load(&in_force);
  if (promises == NULL) set = before;
  /* A filter outlives execve as it is, so what is started has these promises and no others: decision 52. Without `exec`
   * nothing is started any more, and what was promised for then does not matter. */
  const int can_exec = (set >> PROMISE_exec & 1) != 0;
  if (execpromises != NULL && can_exec && exec_set != set) return failed(ENOTSUP);
  if ((set & ~before) != 0) return failed(EPERM);
  if (set == before) return 0;
  /* Without stdio the call that would narrow it is denied, and it would kill. */
  if (before != NOT_PLEDGED && (before >> PROMISE_stdio & 1) == 0) return failed(EPERM);
  if (install(set) != 0) return -1;
  atomic_fetch_and(&in_force, set);
  errno = saved_errno;
  return 0;
}

#else

int sbp_pledge(const char* promises, const char* execpromises) {
  (void)promises;
  (void)execpromises;
  errno = ENOSYS;
  return -1;
}

#endif
