/* measure.c: what starting under a policy takes, in nanoseconds, a line for each round:
 *
 *     measure spawn ROUNDS A... -- B...        from before the fork to the end of A, and of B; processor time of A, and of B
 *     measure install ROUNDS FILE.bpf          prctl and seccomp alone; sbp_install(); sbp_install_array(); sbp_load() and sbp_install();
 *                                              the same where the process has loaded a program before
 *     measure patch ROUNDS FILE.sbp            all run-time parameters set
 *
 * What is compared is done in turn, each in a process of its own that was forked for it: all memory that it writes to, and all code, is
 * touched for the first time. One filter is alive at a time.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sbp.h"

extern char** environ;

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void fail(const char* what) {
  perror(what);
  exit(1);
}

struct spent {
  long elapsed;
  long processor; /* of the command and all that it waited for */
};

static struct spent spawned(char** command) {
  long start = now();
  pid_t pid;
  int status;
  struct rusage usage;
  if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) != 0 || wait4(pid, &status, 0, &usage) != pid) fail(command[0]);
  if (status != 0) exit(2);
  long processor = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L;
  return (struct spent){now() - start, processor};
}

/* ---- installing ---- */

static char bytes[8 * SBP_MAX_INSNS];
static size_t size;

static void bare(void) {
  struct sock_fprog program = {(unsigned short)(size / 8), (struct sock_filter*)(void*)bytes};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) _exit(1);
}

static sbp_program* loaded;
static void install(void) {
  if (sbp_install(loaded, 0, NULL, NULL) != SBP_OK) _exit(1);
}

static void install_array(void) {
  const struct sbp_array array = {(const struct sock_filter*)(void*)bytes, size / 8};
  if (sbp_install_array(array, 0, NULL, NULL) != SBP_OK) _exit(1);
}

static void load_and_install(void) {
  sbp_program* program;
  if (sbp_load(bytes, size, &program, NULL) != SBP_OK || sbp_install(program, 0, NULL, NULL) != SBP_OK) _exit(1);
}

static void load(void) {
  sbp_program* program;
  if (sbp_load(bytes, size, &program, NULL) != SBP_OK) _exit(1);
}

static void nothing(void) {}

static long in_child(void (*before)(void), void (*what)(void)) {
  static long* shared;
  if (shared == NULL) shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t pid = fork();
  if (pid == 0) {
    *shared = 0; /* the page is there before the clock runs */
    before();
    long start = now();
    what();
    *shared = now() - start;
    syscall(SYS_exit_group, 0);
  }
  int status;
  if (waitpid(pid, &status, 0) != pid || status != 0) fail("the child");
  return *shared;
}

/* ---- setting ---- */

static void set_all(uint32_t value) {
  struct sbp_param param;
  for (size_t i = 0; sbp_param_at(loaded, i, &param); i++) {
    enum sbp_status status = param.kind == SBP_BOOL ? sbp_set_bool(loaded, param.name, value & 1, NULL) : sbp_set_u32(loaded, param.name, value, NULL);
    if (status != SBP_OK) exit(1);
  }
}

static int patch(const char* path, long rounds) {
  struct sbp_error error;
  if (sbp_load_file(path, &loaded, &error) != SBP_OK) return fprintf(stderr, "%s\n", error.text), 1;
  for (long i = 0; i < rounds; i++) {
    long start = now();
    set_all((uint32_t)i);
    printf("%ld\n", now() - start);
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  long rounds = atol(argv[2]);
  if (strcmp(argv[1], "spawn") == 0) {
    char** other = argv + 3;
    while (*other != NULL && strcmp(*other, "--") != 0) other++;
    if (*other == NULL) return 2;
    *other++ = NULL;
    for (long i = 0; i < rounds; i++) {
      struct spent a = spawned(argv + 3);
      struct spent b = spawned(other);
      printf("%ld %ld %ld %ld\n", a.elapsed, b.elapsed, a.processor, b.processor);
    }
    return 0;
  }
  if (strcmp(argv[1], "patch") == 0) return patch(argv[3], rounds);
  int file = open(argv[3], O_RDONLY | O_CLOEXEC);
  ssize_t got = read(file, bytes, sizeof bytes);
  if (got <= 0) fail(argv[3]);
  size = (size_t)got;
  if (sbp_load(bytes, size, &loaded, NULL) != SBP_OK) fail("sbp_load");
  for (long i = 0; i < rounds; i++) {
    void (*const what[])(void) = {bare, install, install_array, load_and_install};
    for (int k = 0; k < 4; k++) printf("%ld ", in_child(nothing, what[k]));
    printf("%ld\n", in_child(load, load_and_install));
  }
}
