// The first process of an aarch64 machine: asks its kernel every event of /jobs (test/agree/jobs_test.cpp) and compares the answers.
//
// Prints a line for each of the first answers that differ, then `finished: CALLS calls, SKIPPED skipped, DIFFERENT different`.
#include <linux/filter.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "probe.h"

enum { MOST_INSNS = 4096, MOST_EVENTS = 1 << 16, SHOWN = 20 };

struct totals {
  size_t calls, skipped, different;
};

static void compare(size_t job, const struct probe_event *event, const struct probe_verdict *verdict, uint32_t wanted, struct totals *totals) {
  if (verdict->kind == PROBE_SKIPPED) {
    ++totals->skipped;
    return;
  }
  ++totals->calls;
  if (verdict->word == wanted) return;
  if (++totals->different > SHOWN) return;
  printf("job %zu: arch %#x number %d args", job, event->arch, event->nr);
  for (int i = 0; i < 6; ++i) printf(" %#llx", (unsigned long long)event->args[i]);
  printf(": the kernel answers %#x, the interpreter %#x\n", verdict->word, wanted);
}

// 0 at the end of the jobs, or where something stood in the way.
static int run(FILE *jobs, size_t job, struct totals *totals) {
  static struct sock_filter insns[MOST_INSNS];
  static struct probe_event events[MOST_EVENTS];
  static uint32_t words[MOST_EVENTS];
  static struct probe_verdict verdicts[MOST_EVENTS];
  uint64_t sizes[2];
  if (fread(sizes, sizeof sizes, 1, jobs) != 1) return 0;
  if (sizes[0] > MOST_INSNS || sizes[1] >= MOST_EVENTS) return puts("a job is too large"), 0;
  const size_t padded = (sizes[1] + 1) / 2 * 2;
  if (fread(insns, sizeof *insns, sizes[0], jobs) != sizes[0] || fread(events, sizeof *events, sizes[1], jobs) != sizes[1] ||
      fread(words, sizeof *words, padded, jobs) != padded) {
    return puts("the jobs end too early"), 0;
  }
  const struct probe_job asked = {PROBE_WORDS, insns, sizes[0], events, sizes[1]};
  const char *trouble = probe_run(&asked, verdicts);
  if (trouble != NULL) return printf("job %zu: %s\n", job, trouble), ++totals->different, 0;
  for (size_t i = 0; i < sizes[1]; ++i) compare(job, &events[i], &verdicts[i], words[i], totals);
  return 1;
}

int main(void) {
  struct totals totals = {0, 0, 0};
  FILE *jobs = fopen("/jobs", "rb");
  size_t job = 0;
  while (jobs != NULL && run(jobs, job, &totals)) ++job;
  printf("finished: %zu programs, %zu calls, %zu skipped, %zu different\n", job, totals.calls, totals.skipped, totals.different);
  fflush(stdout);
  reboot(RB_POWER_OFF);
  return 0;
}
