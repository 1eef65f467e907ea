/* Loads, sets, installs and forks again and again, and holds that nothing is left over: loops CONTAINER set|install TIMES [PAGES]
 *
 *   set      load, give every run-time parameter a value, free: TIMES, in this process
 *   install  load, fork, and in the child set, install and ask: TIMES, one child after the other; the kernel frees a filter when its
 *            last process has been waited for, and gets the time to: every hundredth child is followed by a pause
 *
 * What is left over shows as a descriptor, as memory that valgrind or AddressSanitizer finds lost, and as growth of the process by more than
 * PAGES after the first tenth (not given where a checker keeps what was freed).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sbp.h"

enum { PAUSE_EVERY = 100, PAUSE_US = 20000 };

static void fail(const char* what, const struct sbp_error* error) {
  fprintf(stderr, "%s: %s\n", what, error != NULL ? error->text : strerror(errno));
  exit(1);
}

static sbp_program* loaded(const char* path) {
  struct sbp_error error;
  sbp_program* program;
  if (sbp_load_file(path, &program, &error) != SBP_OK) fail("load", &error);
  return program;
}

static void set_all(sbp_program* program, unsigned round) {
  struct sbp_error error;
  struct sbp_param param;
  for (size_t i = 0; sbp_param_at(program, i, &param); i++) {
    enum sbp_status status = param.kind == SBP_BOOL ? sbp_set_bool(program, param.name, round & 1, &error)
                             : param.width == 64    ? sbp_set_u64(program, param.name, (uint64_t)round << 20, &error)
                                                    : sbp_set_u32(program, param.name, round, &error);
    if (status != SBP_OK) fail(param.name, &error);
  }
}

/* `parent` is a bool of the policy: it decides whether getppid is allowed. */
static int installs(sbp_program* program, unsigned round) {
  struct sbp_error error;
  set_all(program, round);
  if (sbp_install(program, SBP_POLICY_FLAGS, NULL, &error) != SBP_OK) fail("install", &error);
  errno = 0;
  long answer = syscall(SYS_getppid);
  return round & 1 ? answer > 0 : answer < 0 && errno == EPERM;
}

static void in_child(sbp_program* program, unsigned round) {
  pid_t pid = fork();
  if (pid < 0) fail("fork", NULL);
  if (pid == 0) syscall(SYS_exit_group, installs(program, round) ? 0 : 1); /* _exit() would look for leaks in each child */
  int status;
  if (waitpid(pid, &status, 0) != pid || status != 0) fail("the child did not see what was set", NULL);
  if (round % PAUSE_EVERY == 0) usleep(PAUSE_US);
}

static int descriptors(void) {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == NULL) fail("/proc/self/fd", NULL);
  int count = 0;
  while (readdir(directory) != NULL) count++;
  closedir(directory);
  return count;
}

/* Of this process, in memory. */
static long pages(void) {
  long all, resident;
  FILE* file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &all, &resident) != 2) fail("/proc/self/statm", NULL);
  fclose(file);
  return resident;
}

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const int installing = strcmp(argv[2], "install") == 0;
  const unsigned times = (unsigned)atoi(argv[3]);
  int descriptors_before = 0;
  long pages_before = 0;
  for (unsigned round = 0; round < times; round++) {
    if (round == times / 10) {
      descriptors_before = descriptors();
      pages_before = pages();
    }
    sbp_program* program = loaded(argv[1]);
    if (installing)
      in_child(program, round);
    else
      set_all(program, round);
    sbp_free(program);
  }
  if (descriptors() != descriptors_before) return fprintf(stderr, "descriptors are left open\n"), 1;
  if (argc == 5 && pages() > pages_before + atol(argv[4])) return fprintf(stderr, "%ld pages more\n", pages() - pages_before), 1;
  printf("%u times, nothing is left over\n", times);
  return 0;
}
