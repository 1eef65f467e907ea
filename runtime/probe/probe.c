/* probe.c: see probe.h. Tested by test/run/probe_test.cpp.
 *
 * The parent forks a child; the child starts a thread; the thread installs the program on itself and makes the calls,
 * one after the other, writing each result to shared memory. From then on it needs no call of its own to succeed:
 * - the end is a trap instruction: the parent sees its signal and is done
 * - a trap is left with a jump, not with rt_sigreturn
 * - kill_thread leaves the child's first thread, which has no filter: it notes the answer and starts the next thread
 * - kill_process leaves the parent: it notes the answer and forks the next child
 */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe_calls.h"

enum { MAX_INSNS = 4096, MAX_WORDS = 4000, MAX_ERRNO = 4095 };

/* What parent, child and thread share. */
struct board {
  volatile size_t next;         /* the event being tried */
  const char* volatile trouble; /* a string literal, or NULL */
  struct probe_verdict verdicts[];
};

struct run {
  const struct probe_job* job;
  struct board* board;
  struct sock_filter insns[MAX_INSNS]; /* what is installed */
  uint32_t words[MAX_WORDS];           /* PROBE_WORDS: words[i] comes back as errno i + 1 */
  size_t word_count;
  uint32_t magic; /* PROBE_ACTIONS: the guard's errno */
  int int80;
};

static int is_ret_k(const struct sock_filter* insn) { return insn->code == (BPF_RET | BPF_K); }

/* ---- Preparing the program ---- */

static const char* rename_words(struct run* run) {
  for (size_t pc = 0; pc < run->job->insn_count; pc++) {
    struct sock_filter* insn = &run->insns[pc];
    if (insn->code == (BPF_RET | BPF_A)) return "the program returns A, whose words cannot be renamed";
    if (!is_ret_k(insn)) continue;
    size_t i = 0;
    while (i < run->word_count && run->words[i] != insn->k) i++;
    if (i == MAX_WORDS) return "the program returns too many different words";
    if (i == run->word_count) run->words[run->word_count++] = insn->k;
    insn->k = SECCOMP_RET_ERRNO | (uint32_t)(i + 1);
  }
  return NULL;
}

/* An errno that the program does not return. */
static void choose_magic(struct run* run) {
  unsigned char used[MAX_ERRNO + 1] = {0};
  for (size_t pc = 0; pc < run->job->insn_count; pc++) {
    const struct sock_filter* insn = &run->insns[pc];
    if (!is_ret_k(insn) || (insn->k & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO) continue;
    uint32_t data = insn->k & SECCOMP_RET_DATA;
    used[data < MAX_ERRNO ? data : MAX_ERRNO] = 1;
  }
  run->magic = MAX_ERRNO;
  while (run->magic > 1 && used[run->magic]) run->magic--;
}

/* ---- The filtered thread ---- */

/* The compilers' own jump: the C library's may look at the thread (or be a sanitizer's), and this one it does not know.
 */
static void* trap_exit[5];
static volatile uint32_t trap_data;

static void on_trap(int signal, siginfo_t* info, void* context) {
  (void)signal;
  (void)context;
  trap_data = (uint32_t)info->si_errno;
  __builtin_longjmp(trap_exit, 1);
}

static struct probe_verdict judge(const struct run* run, long result) {
  struct probe_verdict verdict = {PROBE_WORD, SECCOMP_RET_ERRNO};
  if (result > 0 || result < -MAX_ERRNO) run->board->trouble = "a call came back with what no filter answers";
  size_t number = (size_t)-result;
  if (run->job->mode == PROBE_ACTIONS) {
    if (number == run->magic)
      verdict.kind = PROBE_MAY_RUN;
    else
      verdict.word |= (uint32_t)number;
  } else if (number >= 1 && number <= run->word_count) {
    verdict.word = run->words[number - 1];
  } else {
    run->board->trouble = "a filter already in force answers before the program";
  }
  return verdict;
}

/* Calls that the kernel makes without asking a filter: the trampolines of uretprobes (since 6.14) and uprobes (6.18) on
 * x86_64, kernel/seccomp.c, __secure_computing and seccomp_uprobe_exception. From anywhere else they are a SIGILL.
 */
static int is_never_filtered(const struct probe_event* event) {
  enum { NR_URETPROBE = 335, NR_UPROBE = 336 };
  return event->arch == 0xC000003EU && (event->nr == NR_URETPROBE || event->nr == NR_UPROBE);
}

static struct probe_verdict try_event(const struct run* run, const struct probe_event* event) {
  struct probe_verdict verdict = {PROBE_SKIPPED, 0};
  int compat = event->arch != PROBE_NATIVE_ARCH;
  if (compat && (event->arch != PROBE_COMPAT_ARCH || !run->int80)) return verdict;
  if (is_never_filtered(event)) return verdict;
  if (__builtin_setjmp(trap_exit) != 0) {
    verdict.kind = PROBE_WORD;
    verdict.word = SECCOMP_RET_TRAP | trap_data;
    return verdict;
  }
  return judge(run, compat ? probe_compat(event->nr, event->args) : probe_native(event->nr, event->args));
}

static int install(struct sock_filter* insns, size_t count) {
  struct sock_fprog program = {(unsigned short)count, insns};
  return probe_install(0, &program) == 0;
}

static int install_guard(const struct run* run) {
  uint64_t ip = (uint64_t)(uintptr_t)probe_install_ip;
  struct sock_filter guard[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ip, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(ip >> 32), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | run->magic),
  };
  return install(guard, sizeof guard / sizeof guard[0]);
}

static int filtered_thread(void* argument) {
  struct run* run = argument;
  struct board* board = run->board;
  if (run->job->mode == PROBE_ACTIONS && !install_guard(run)) {
    board->trouble = "the guard filter is refused";
  } else if (!install(run->insns, run->job->insn_count)) {
    board->trouble = "the kernel refuses the program";
  }
  while (board->trouble == NULL && board->next < run->job->event_count) {
    size_t i = board->next;
    board->verdicts[i] = try_event(run, &run->job->events[i]);
    board->next = i + 1;
  }
  __builtin_trap();
}

/* ---- The child and the parent ---- */

static void note_kill(struct board* board, uint32_t word) {
  struct probe_verdict* verdict = &board->verdicts[board->next];
  verdict->kind = PROBE_WORD;
  verdict->word = word;
  board->next = board->next + 1;
}

/* Not a pthread: a C library may reuse what a thread left that died without its knowledge. 1 when kill_thread ended it.
 */
static int run_thread(struct run* run) {
  static _Alignas(16) char stack[64 << 10];
  static volatile pid_t tid;
  const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM | CLONE_THREAD |
                    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  if (clone(filtered_thread, stack + sizeof stack, flags, run, &tid, NULL, &tid) < 0) return 0;
  for (pid_t alive; (alive = tid) != 0;) syscall(SYS_futex, &tid, FUTEX_WAIT, alive, NULL, NULL, 0);
  return 1;
}

static void child(struct run* run) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_trap;
  action.sa_flags =
      SA_SIGINFO | SA_NODEFER; /* the handler is left without rt_sigreturn: SIGSYS must not stay blocked */
  sigaction(SIGSYS, &action, NULL);
  signal(SIGILL, SIG_DFL);            /* the trap instruction's, on x86 */
  signal(SIGTRAP, SIG_DFL);           /* and on arm */
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no core files */
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) run->board->trouble = "no_new_privs is refused";
  while (run->board->trouble == NULL && run_thread(run)) note_kill(run->board, SECCOMP_RET_KILL_THREAD);
  if (run->board->trouble == NULL) run->board->trouble = "no thread can be started";
  _exit(0);
}

static const char* run_children(struct run* run) {
  struct board* board = run->board;
  while (board->trouble == NULL) {
    pid_t pid = fork();
    if (pid < 0) return "no process can be started";
    if (pid == 0) child(run);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (!WIFSIGNALED(status)) continue;
    int trap = WTERMSIG(status) == SIGILL || WTERMSIG(status) == SIGTRAP;
    if (trap && board->next >= run->job->event_count) return board->trouble;
    if (WTERMSIG(status) == SIGSYS)
      note_kill(board, SECCOMP_RET_KILL_PROCESS);
    else if (board->trouble == NULL)
      board->trouble = "a child died of a signal that no filter sends";
  }
  return board->trouble;
}

static const char* prepare(struct run* run) {
  if (PROBE_NATIVE_ARCH == 0) return "sbpc knows how to make calls on x86_64 and aarch64 only";
  if (run->job->insn_count == 0 || run->job->insn_count > MAX_INSNS) return "not 1 to 4096 instructions";
  memcpy(run->insns, run->job->insns, run->job->insn_count * sizeof run->insns[0]);
  run->int80 = probe_int80_works();
  if (run->job->mode == PROBE_WORDS) return rename_words(run);
  choose_magic(run);
  return NULL;
}

const char* probe_run(const struct probe_job* job, struct probe_verdict* verdicts) {
  size_t size = job->event_count * sizeof *verdicts;
  struct run* run = calloc(1, sizeof *run);
  struct board* board = mmap(NULL, sizeof *board + size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (run == NULL || board == MAP_FAILED) return "no memory";
  run->job = job;
  run->board = board;
  const char* trouble = prepare(run);
  if (trouble == NULL) trouble = run_children(run);
  if (trouble == NULL) memcpy(verdicts, board->verdicts, size);
  munmap(board, sizeof *board + size);
  free(run);
  return trouble;
}

/* ---- What this machine can do, and words ---- */

const char* probe_seccomp_refused(void) {
  struct sock_filter insns[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  pid_t pid = fork();
  if (pid < 0) return "no process can be started";
  if (pid == 0) _exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? 1 : install(insns, 1) ? 0 : 2);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (status == 0) return NULL;
  return WIFEXITED(status) && WEXITSTATUS(status) == 1 ? "no_new_privs is refused here" : "seccomp is refused here";
}

int probe_int80_works(void) {
  if (PROBE_COMPAT_ARCH == 0) return 0;
  static const uint64_t none[6] = {0};
  pid_t pid = fork(); /* without 32-bit support the instruction is a SIGSEGV */
  if (pid < 0) return 0;
  if (pid == 0) {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGSEGV, SIG_DFL);
    _exit(probe_compat(20, none) == getpid() ? 0 : 1); /* 20 is i386's getpid */
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return status == 0;
}

static const struct {
  uint32_t word;
  const char* name;
  enum { NO_DATA, DATA, DATA_IF_SET } data;
} kActions[] = {
    {SECCOMP_RET_KILL_PROCESS, "kill_process", NO_DATA},
    {SECCOMP_RET_KILL_THREAD, "kill_thread", NO_DATA},
    {SECCOMP_RET_TRAP, "trap", DATA_IF_SET},
    {SECCOMP_RET_ERRNO, "errno", DATA},
    {SECCOMP_RET_USER_NOTIF, "notify", NO_DATA},
    {SECCOMP_RET_TRACE, "trace", DATA},
    {SECCOMP_RET_LOG, "log", NO_DATA},
    {SECCOMP_RET_ALLOW, "allow", NO_DATA},
};

static void word_text(uint32_t word, char* text, size_t size) {
  unsigned data = word & SECCOMP_RET_DATA;
  for (size_t i = 0; i < sizeof kActions / sizeof kActions[0]; i++) {
    if (kActions[i].word != (word & SECCOMP_RET_ACTION_FULL)) continue;
    int shown = kActions[i].data == DATA || (kActions[i].data == DATA_IF_SET && data != 0);
    if (shown)
      snprintf(text, size, "%s(%u)", kActions[i].name, data);
    else
      snprintf(text, size, "%s", kActions[i].name);
    return;
  }
  snprintf(text, size, "unknown(0x%x)", word);
}

void probe_verdict_text(const struct probe_verdict* verdict, char* text, size_t size) {
  switch (verdict->kind) {
    case PROBE_SKIPPED: snprintf(text, size, "skipped"); return;
    case PROBE_MAY_RUN: snprintf(text, size, "may_run"); return;
    case PROBE_WORD: word_text(verdict->word, text, size); return;
  }
}
