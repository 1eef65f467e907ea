// How long a system call takes under a filter: measure FILTER|- CPU SPACER BATCHES SEQUENCE prints nanoseconds a call.
//
// Pins itself to CPU, installs the program in FILTER (none for `-`), makes the calls of SEQUENCE (records of seven 64-bit words: number, six
// arguments) again and again, and prints the time of the quickest of BATCHES, divided by its calls. A batch is some ten microseconds long, so that on
// a busy machine some are not disturbed. SPACER > 0 lets a child that waits hold a filter of so many instructions meanwhile: successive
// filters then lie at other addresses. Everything after the filter is installed is a call of SEQUENCE, clock_gettime (answered by the vDSO) or write.
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct call {
  int64_t number;
  int64_t args[6];
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path);
  void *content = malloc(1 << 20);
  *size = fread(content, 1, 1 << 20, file);
  fclose(file);
  return content;
}

static void install(struct sock_filter *insns, size_t count) {
  struct sock_fprog program = {(unsigned short)count, insns};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) fail("seccomp");
}

static pid_t hold_spacer(size_t count) {
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct sock_filter *insns = calloc(count + 1, sizeof *insns);
  for (size_t i = 0; i < count; ++i) insns[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
  insns[count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  install(insns, count + 1);
  for (;;) pause();
}

static inline void make(const struct call *call) {
  register int64_t r10 __asm__("r10") = call->args[3];
  register int64_t r8 __asm__("r8") = call->args[4];
  register int64_t r9 __asm__("r9") = call->args[5];
  int64_t result = call->number;
  __asm__ volatile("syscall" : "+a"(result) : "D"(call->args[0]), "S"(call->args[1]), "d"(call->args[2]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static double quickest(const struct call *calls, size_t count, int batches) {
  int64_t best = INT64_MAX;
  for (int batch = 0; batch < batches; ++batch) {
    const int64_t from = now();
    for (size_t i = 0; i < count; ++i) make(&calls[i]);
    const int64_t took = now() - from;
    if (took < best) best = took;
  }
  return (double)best / (double)count;
}

int main(int argc, char **argv) {
  if (argc != 6) fail("measure FILTER|- CPU SPACER BATCHES SEQUENCE");
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(atoi(argv[2]), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) fail("sched_setaffinity");
  size_t size, filter_size = 0;
  const struct call *calls = read_file(argv[5], &size);
  struct sock_filter *filter = strcmp(argv[1], "-") == 0 ? NULL : read_file(argv[1], &filter_size);
  const size_t spacer = (size_t)atoi(argv[3]);
  const pid_t child = spacer > 0 ? hold_spacer(spacer) : 0;
  const int batches = atoi(argv[4]);
  if (filter != NULL) install(filter, filter_size / sizeof *filter);
  quickest(calls, size / sizeof *calls, batches / 10 + 1);  // to warm up
  const double best = quickest(calls, size / sizeof *calls, batches);
  // kill() may be denied by now: the child dies with this process.
  (void)child;
  char text[32];
  const int length = snprintf(text, sizeof text, "%.3f\n", best);
  if (write(STDOUT_FILENO, text, (size_t)length) != length) return 1;
  _exit(0);
}
