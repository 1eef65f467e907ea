/* Prints a program's bytes, or tries it: bytes of `quiet`, of `holes` with values, then a run under each. C99 and C++17. */
#include "embedded.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static int getppid_errno(void) {
  errno = 0;
  return syscall(SYS_getppid) < 0 ? errno : 0;
}

static void set(struct holes_program *program, bool parent) {
  holes_init(program);
  holes_set_out(program, 1);
  holes_set_parent(program, parent);
  holes_set_size(program, (int64_t)1 << 33);
}

static int ready[2], go[2]; /* pipes */

static void *diverge(void *unused) {
  char byte = 0;
  (void)unused;
  if (quiet_install(0) != 0 || write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) _exit(30);
  return NULL;
}

/* TSYNC (1) beside a thread with a filter of its own is an error, and the policy is in force nowhere else. */
static int beside_another(unsigned flags) {
  pthread_t thread;
  char byte = 0;
  if (pipe(ready) != 0 || pipe(go) != 0 || pthread_create(&thread, NULL, diverge, NULL) != 0) return 31;
  if (read(ready[0], &byte, 1) != 1) return 31;
  if (quiet_install(flags) != -1 || errno != ESRCH) return 32;
  if (getppid_errno() != 0) return 33;
  if (write(go[1], &byte, 1) != 1) return 31;
  pthread_join(thread, NULL);
  /* It is gone: now all threads get it, with NEW_LISTENER (8) beside TSYNC too. */
  if ((flags & 8) != 0 ? quiet_install(flags) < 3 : quiet_install(flags) != 0) return 34;
  return getppid_errno() == EPERM ? 0 : 35;
}

/* In a process of its own, what a failed check of it says is its exit code. */
static int under(int which) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    struct holes_program program;
    if (which >= 3) _exit(beside_another(which == 3 ? 1 : 1 | 8));
    holes_init(&program);
    if (holes_install(&program, 0) != -1 || errno != EINVAL) _exit(10);
    if (which == 0) _exit(quiet_install(QUIET_FLAGS) != 0 ? 11 : getppid_errno() != EPERM ? 12 : 0);
    set(&program, which == 2);
    if (holes_install(&program, HOLES_FLAGS) != 0) _exit(13);
    if (getppid_errno() != (which == 2 ? 0 : EPERM)) _exit(14);
    if (write(0, "", 0) != -1 || errno != EBADF) _exit(15);
    if (write(1, "", 0) == -1 && errno == EBADF) _exit(16);
    if (lseek(0, (int64_t)1 << 33, SEEK_SET) != -1 || errno != EINVAL) _exit(17);
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child) return 20;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 21;
}

int main(int argc, char **argv) {
  struct holes_program program;
  if (argc == 2 && argv[1][0] == 'q') return fwrite(quiet_insns, sizeof quiet_insns, 1, stdout) != 1;
  if (argc == 2 && argv[1][0] == 'h') {
    set(&program, true);
    return fwrite(program.insns, sizeof program.insns, 1, stdout) != 1;
  }
  for (int which = 0; which < 5; which++) {
    int code = under(which);
    if (code != 0) return code;
  }
  puts("as it should be");
  return 0;
}
