/* sigsys.c: one line about a trapped call, then the death that was due.
 *
 * Exports sbp_report_sigsys(), sbp_describe_denied().
 *
 * After the line the handler returns to the instruction that made the call, with SIGSYS blocked: the filter traps it
 * again, and the kernel, which cannot deliver the signal, kills the process for that very call (kernel/signal.c:
 * force_sig_info_to_task()). No raise(), which the policy may deny and which would put itself into the core dump in the
 * call's place; and no sigaction(), which would take the handler from a thread that traps at the same time.
 *
 * The handler makes write, and then rt_sigreturn; no other call that a policy could deny. If one of them is denied by
 * `trap`, SIGSYS is blocked in the handler too, so the kernel kills at once. Never a loop.
 *
 * Tested by test/unit/runtime/sigsys_test.cpp.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "registers.h"

enum { LINE = 512 }; /* well below PIPE_BUF (4096): one write() of it is not torn by other threads */

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* si_code, include/uapi/asm-generic/siginfo.h */
#endif

/* A signal handler has no other way to find its settings. Written only by sbp_report_sigsys(). */
static struct sbp_reporter current_reporter = {NULL, NULL, NULL, 2, NULL};

/* "policy.sb:12: `allow ...`: the reason or policy.sb:14": the statements that answer such a call so. */
static void put_where(struct sbpi_text* text, const sbp_program* program, const struct sbp_denied* denied) {
  const uint32_t word = SECCOMP_RET_TRAP | (denied->data & SECCOMP_RET_DATA);
  int found = 0;
  for (uint32_t i = 0; i < program->rule_count; i++) {
    const struct sbpi_rule* rule = &program->rules[i];
    const uint32_t nr = (uint32_t)denied->nr;
    if (rule->arch != denied->arch || rule->word != word || nr < rule->first || nr > rule->last) continue;
    const struct sbpi_place* place = &program->places[rule->place];
    sbpi_put(text, found ? " or " : ": ");
    sbpi_put(text, program->strings + place->file);
    sbpi_put(text, ":");
    sbpi_put_u64(text, place->line);
    if (found++) continue;
    sbpi_put(text, ": `");
    sbpi_put(text, program->strings + place->text);
    sbpi_put(text, "`");
    if (program->strings[place->reason] != '\0') {
      sbpi_put(text, ": ");
      sbpi_put(text, program->strings + place->reason);
    }
  }
}

static void put_call(struct sbpi_text* text, const struct sbp_denied* denied, const struct sbp_reporter* reporter) {
  const char* name = reporter != NULL && reporter->name != NULL ? reporter->name(denied, reporter->user) : NULL;
  const char* arch = sbp_arch_name(denied->arch);
  if (name != NULL) {
    sbpi_put(text, name);
    sbpi_put(text, " (");
    sbpi_put_i64(text, denied->nr);
    sbpi_put(text, ")");
  } else {
    sbpi_put_i64(text, denied->nr);
  }
  sbpi_put(text, " on ");
  if (arch != NULL)
    sbpi_put(text, arch);
  else
    sbpi_put_hex(text, denied->arch);
}

size_t sbp_describe_denied(const struct sbp_denied* denied, const struct sbp_reporter* reporter, char* buffer,
                           size_t size) {
  struct sbpi_text text = sbpi_text_in(buffer, size);
  if (text.at == NULL || denied == NULL) return 0;
  sbpi_put(&text, "sbp: denied call ");
  put_call(&text, denied, reporter);
  sbpi_put(&text, ": args");
  for (int i = 0; i < 6 && denied->args_known; i++) {
    sbpi_put(&text, " ");
    sbpi_put_hex(&text, denied->args[i]);
  }
  if (!denied->args_known) sbpi_put(&text, " unknown");
  sbpi_put(&text, ", ip ");
  sbpi_put_hex(&text, denied->instruction_pointer);
  sbpi_put(&text, ", data ");
  sbpi_put_u64(&text, denied->data);
  const char* reason = reporter != NULL && reporter->reason != NULL ? reporter->reason(denied, reporter->user) : NULL;
  if (reason != NULL) {
    sbpi_put(&text, ": ");
    sbpi_put(&text, reason);
  } else if (reporter != NULL && reporter->program != NULL) {
    put_where(&text, reporter->program, denied);
  }
  return (size_t)(text.at - buffer);
}

static void write_line(char* line, size_t length) {
  line[length++] = '\n';
  ssize_t written;
  do {
    written = write(current_reporter.fd, line, length);
  } while (written < 0 && errno == EINTR);
}

/* Someone sent SIGSYS with kill(): there is no call to tell of. */
static size_t describe_sent(const siginfo_t* info, char* buffer, size_t size) {
  struct sbpi_text text = sbpi_text_in(buffer, size);
  sbpi_put(&text, "sbp: SIGSYS sent by process ");
  sbpi_put_i64(&text, info->si_pid);
  sbpi_put(&text, ", not by a filter");
  return (size_t)(text.at - buffer);
}

static void set_default(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  if (sigaction(SIGSYS, &action, NULL) != 0) __builtin_trap();
}

/* Only where the call cannot be made again. */
static void die_of_sigsys(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGSYS);
  raise(SIGSYS);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  __builtin_trap();
}

static void on_sigsys(int signal, siginfo_t* info, void* context) {
  (void)signal;
  char line[LINE];
  if (info->si_code != SYS_SECCOMP) {
    write_line(line, describe_sent(info, line, sizeof line - 1));
    set_default();
    die_of_sigsys();
    return;
  }
  struct sbp_denied denied;
  memset(&denied, 0, sizeof denied);
  denied.nr = info->si_syscall;
  denied.arch = info->si_arch;
  denied.data = (uint32_t)info->si_errno;
  denied.instruction_pointer = (uintptr_t)info->si_call_addr;
  denied.args_known = sbpi_read_args(context, denied.arch, denied.args);
  write_line(line, sbp_describe_denied(&denied, &current_reporter, line, sizeof line - 1));
  ucontext_t* interrupted = context;
  if (sbpi_rewind(interrupted, (uintptr_t)info->si_call_addr)) {
    sigaddset(&interrupted->uc_sigmask, SIGSYS);
  } else {
    set_default();
    die_of_sigsys();
  }
}

enum sbp_status sbp_report_sigsys(const struct sbp_reporter* reporter, struct sbp_error* error) {
  static const struct sbp_reporter plain = {NULL, NULL, NULL, 2, NULL};
  if (reporter == NULL) reporter = &plain;
  if (reporter->fd < 0) {
    return sbpi_fail(error, SBP_E_ARGUMENT,
                     "sbp_report_sigsys was given a negative descriptor: open it first, or use 2 for stderr");
  }
  current_reporter = *reporter;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_sigsys;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  int saved_errno = errno;
  int result = sigaction(SIGSYS, &action, NULL);
  int reason = errno;
  errno = saved_errno;
  if (result == 0) return SBP_OK;
  struct sbpi_text text = sbpi_error(error, SBP_E_REFUSED, reason);
  sbpi_put(&text, "the SIGSYS handler cannot be installed (");
  sbpi_put_errno(&text, reason);
  sbpi_put(&text, "): call sbp_report_sigsys before the policy is in force, or allow `rt_sigaction`");
  return SBP_E_REFUSED;
}
