/* Which calls the kernel answers without running the program, by what they take: cached CONTAINER PARENT(0|1)
 *
 * The kernel does not tell (/proc/PID/seccomp_cache is for kernels built for debugging), but it can be seen: a call that is answered from
 * the cache takes the same time under 32 filters as under one, and one that is not runs 32 programs. What is measured is held against
 * the same instructions with 0x7fff0001 for every `allow`: it allows the same calls, and the kernel keeps none of them
 * (kernel/seccomp.c: seccomp_is_const_allow()). Each is measured in a process of its own; the least of many batches counts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sbp.h"

enum { FILTERS = 32, BATCHES = 300, CALLS = 100, OUT = 7, GETUID = 0, GETPPID, FCNTL, PROBES };
static const char* const kNames[PROBES] = {"getuid", "getppid", "fcntl"};

static long make(int probe) {
  if (probe == GETUID) return syscall(SYS_getuid);
  if (probe == GETPPID) return syscall(SYS_getppid);
  return syscall(SYS_fcntl, OUT, F_GETFD);
}

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* Picoseconds of a call; -1 if it is denied. */
static long least(int probe) {
  errno = 0;
  if (make(probe) < 0 && errno == EPERM) return -1;
  long best = -1;
  for (int batch = 0; batch < BATCHES; batch++) {
    long start = now();
    for (int i = 0; i < CALLS; i++) make(probe);
    long spent = (now() - start) * 1000 / CALLS;
    if (best < 0 || spent < best) best = spent;
  }
  return best;
}

static void measure(struct sbp_array array, long out[PROBES]) {
  for (int i = 0; i < FILTERS; i++) {
    if (sbp_install_array(array, 0, NULL, NULL) != SBP_OK) _exit(1);
  }
  for (int probe = 0; probe < PROBES; probe++) out[probe] = least(probe);
}

static void in_child(struct sbp_array array, long out[PROBES]) {
  pid_t pid = fork();
  if (pid == 0) {
    measure(array, out);
    _exit(0);
  }
  int status;
  if (waitpid(pid, &status, 0) != pid || status != 0) exit(3);
}

int main(int argc, char** argv) {
  struct sbp_error error;
  sbp_program* program;
  if (argc != 3) return 2;
  if (sbp_load_file(argv[1], &program, &error) != SBP_OK || sbp_set_bool(program, "parent", atoi(argv[2]), &error) != SBP_OK ||
      sbp_set_u32(program, "out", OUT, &error) != SBP_OK) {
    fprintf(stderr, "%s\n", error.text);
    return 1;
  }
  struct sbp_array plain = {NULL, 0};
  plain.insns = sbp_insns(program, &plain.count);
  static struct sock_filter changed[SBP_MAX_INSNS];
  memcpy(changed, plain.insns, plain.count * sizeof changed[0]);
  for (size_t pc = 0; pc < plain.count; pc++) {
    if (changed[pc].code == (BPF_RET | BPF_K) && changed[pc].k == SECCOMP_RET_ALLOW) changed[pc].k |= 1;
  }
  long(*took)[PROBES] = mmap(NULL, 2 * sizeof *took, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (took == MAP_FAILED || dup2(1, OUT) != OUT) return 3;
  in_child(plain, took[0]);
  in_child((struct sbp_array){changed, plain.count}, took[1]);
  for (int probe = 0; probe < PROBES; probe++) {
    const long is = took[0][probe], runs = took[1][probe];
    fprintf(stderr, "%s: %ld ns, where nothing is cached %ld ns\n", kNames[probe], is / 1000, runs / 1000);
    printf("%s is %s\n", kNames[probe], is < 0 && runs < 0 ? "denied" : is * 2 < runs ? "cached" : "run");
  }
  return 0;
}
