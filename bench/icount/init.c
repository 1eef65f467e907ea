// The first process of a machine that counts its instructions: makes each call of /jobs under its filter and prints what it took.
//
// QEMU's `-icount shift=0` advances the time-stamp counter by one for each instruction, so the difference of two readings is a count. Each job
// runs in a child of its own; the least of many readings has no interrupt in it. A line for each job: `job INDEX COUNT`.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
  int64_t number;
  int64_t args[6];
  uint64_t insns;
};

static uint64_t counter(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

// One call with a reading directly before and after it; the readings' own instructions are the same each time.
static uint64_t timed(const struct job *job) {
  register int64_t r10 __asm__("r10") = job->args[3];
  register int64_t r8 __asm__("r8") = job->args[4];
  register int64_t r9 __asm__("r9") = job->args[5];
  const uint64_t from = counter();
  int64_t result = job->number;
  __asm__ volatile("syscall" : "+a"(result) : "D"(job->args[0]), "S"(job->args[1]), "d"(job->args[2]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return counter() - from;
}

static void run(const struct job *job, struct sock_filter *insns, int index) {
  struct sock_fprog program = {(unsigned short)job->insns, insns};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) _exit(1);
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < 40; ++i) {
    const uint64_t took = timed(job);
    if (took < least) least = took;
  }
  char text[64];
  const int length = snprintf(text, sizeof text, "job %d %llu\n", index, (unsigned long long)least);
  _exit(write(STDOUT_FILENO, text, (size_t)length) != length);
}

static void show(const char *path) {
  char text[64] = "";
  const int file = open(path, O_RDONLY);
  const ssize_t size = file < 0 ? 0 : read(file, text, sizeof text - 1);
  printf("%s %.*s\n", path, size > 0 ? (int)size - 1 : 0, text);
}

int main(void) {
  mkdir("/proc", 0755);
  mount("proc", "/proc", "proc", 0, NULL);
  show("/proc/sys/net/core/bpf_jit_enable");
  show("/proc/sys/kernel/osrelease");
  fflush(stdout);
  FILE *jobs = fopen("/jobs", "rb");
  struct job job;
  static struct sock_filter insns[4096];
  for (int index = 0; jobs != NULL && fread(&job, sizeof job, 1, jobs) == 1; ++index) {
    if (job.insns > 4096 || fread(insns, sizeof *insns, job.insns, jobs) != job.insns) break;
    const pid_t child = fork();
    if (child == 0) run(&job, insns, index);
    waitpid(child, NULL, 0);
  }
  puts("finished");
  fflush(stdout);
  reboot(RB_POWER_OFF);
  return 0;
}
