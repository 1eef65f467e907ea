/* probe.h: ask the running kernel what a filter answers to system calls, without making a single one of those calls.
 *
 * Shares no code with the compiler or the run-time library: it is the other side of comparisons with the kernel, those
 * of `sbpc test --in-kernel` and of our own tests. Usable from C11 and C++. x86_64 (with i386 through int 0x80, and x32
 * numbers) and aarch64; elsewhere probe_run() says that it cannot.
 *
 * Why any event is safe, `reboot` and `kill(-1)` included: the calls are made in a thread of a child process, where
 * every call comes back unmade.
 *
 * PROBE_WORDS installs the program with every `ret WORD` replaced by `ret ERRNO|i`, where i stands for WORD. Whatever
 * the program decides, the kernel skips the call and hands back i. Control flow, the kernel's checker and its JIT are
 * those of the original, and the answer comes back whole, data included. (Its cache of constant allows stays unused.)
 *
 * PROBE_ACTIONS installs the program as it is, above a guard that answers ERRNO|magic to everything but the one
 * instruction that installs the program. The strictest answer wins (kernel/seccomp.c: seccomp_run_filters()), and errno
 * is stricter than notify, trace, log and allow, so a call that the program would let pass is skipped too and comes
 * back as PROBE_MAY_RUN. Stricter answers are carried out: the thread or the process dies, SIGSYS arrives, errno is
 * set. A word between errno and allow that is no action (it would kill) loses to the guard as well: ask PROBE_WORDS for
 * that.
 */
#ifndef SBPC_PROBE_H
#define SBPC_PROBE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct probe_event {
  uint32_t arch; /* AUDIT_ARCH_* of the entry: this machine's, or i386's on x86_64 */
  int32_t nr;    /* x32 numbers carry bit 30 */
  uint64_t args[6];
};

enum probe_mode { PROBE_WORDS, PROBE_ACTIONS };

enum probe_kind {
  PROBE_SKIPPED, /* this machine cannot make such a call, or no filter sees it */
  PROBE_WORD,    /* `word` is what the filter answered. In PROBE_ACTIONS kill_process, kill_thread, trap or errno */
  PROBE_MAY_RUN  /* PROBE_ACTIONS only: notify, trace, log or allow */
};

struct probe_verdict {
  enum probe_kind kind;
  uint32_t word; /* SECCOMP_RET_* with data */
};

struct probe_job {
  enum probe_mode mode;
  const struct sock_filter* insns;
  size_t insn_count;
  const struct probe_event* events;
  size_t event_count;
};

/* Fills verdicts[event_count]. NULL if it went well, else what stood in the way, in words (a string literal):
 * seccomp refused here, the program refused by the kernel, or a program that PROBE_WORDS cannot rename (it returns A,
 * or more than 4000 different words). Costs: PROBE_WORDS ~0.3 us an event; PROBE_ACTIONS ~0.2 ms for each event that
 * kills. */
const char* probe_run(const struct probe_job* job, struct probe_verdict* verdicts);

/* NULL if this process can install filters in a child, else why not. */
const char* probe_seccomp_refused(void);
/* Whether `int $0x80` reaches the kernel's 32-bit calls (x86_64 only). */
int probe_int80_works(void);

/* "allow", "errno(38)", "trap", "trap(7)", "trace(3)" ... ; "may_run"; "skipped". The spelling of the policy language.
 */
void probe_verdict_text(const struct probe_verdict* verdict, char* text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
