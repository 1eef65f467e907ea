/* probe_main.c: the command line of the probe. No call is ever made (probe.h says why).
 *
 * - probe [--actions] FILE.bpf CALL...   one verdict a line, in the order of the calls
 * - probe [--actions] FILE.bpf           the same for the calls on stdin, one a line; empty and # lines are left out
 * - probe --check                        says what works here; exit 0, or 77 if filters cannot be installed
 *
 * CALL is ABI NUMBER [ARG...] with blanks, commas or colons between: `x86_64:257,-100,0,0x241`, `i386 5`,
 * `x32:0x40000001`. The number of an x32 call has bit 30. Missing arguments are 0.
 *
 * Without --actions a line is the filter's whole answer: allow, log, errno(38), trap(7) ... With it the filter acts for
 * real, and what could have run is may_run. A call that this machine cannot make is skipped.
 *
 * Exit: 0, 1 for a mistake in the input, 77 with a reason on stderr where it cannot be tried.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "probe_calls.h"

enum { SKIP = 77, MAX_INSNS = 4096 };

struct events {
  struct probe_event* at;
  size_t count;
  size_t capacity;
};

static _Noreturn void stop(int code, const char* what, const char* which) {
  fprintf(stderr, "probe: %s%s%s\n", what, which[0] != '\0' ? ": " : "", which);
  exit(code);
}

static uint32_t arch_of(const char* abi) {
  if (strcmp(abi, "x86_64") == 0 || strcmp(abi, "x32") == 0) return 0xC000003EU;
  if (strcmp(abi, "i386") == 0) return 0x40000003U;
  if (strcmp(abi, "aarch64") == 0) return 0xC00000B7U;
  return 0;
}

static uint64_t number(const char* word) {
  char* end = NULL;
  errno = 0;
  uint64_t value = word[0] == '-' ? (uint64_t)strtoll(word, &end, 0) : strtoull(word, &end, 0);
  if (end == word || *end != '\0' || errno != 0) stop(1, "not a number", word);
  return value;
}

static void add_event(struct events* events, char* line) {
  static const char separators[] = " \t,:\r\n";
  char* word = strtok(line, separators);
  if (word == NULL || word[0] == '#') return;
  struct probe_event event;
  memset(&event, 0, sizeof event);
  event.arch = arch_of(word);
  if (event.arch == 0) stop(1, "unknown ABI (x86_64, x32, i386 or aarch64)", word);
  word = strtok(NULL, separators);
  if (word == NULL) stop(1, "a call needs a number", "");
  event.nr = (int32_t)number(word);
  for (int i = 0; (word = strtok(NULL, separators)) != NULL; i++) {
    if (i == 6) stop(1, "more than six arguments", word);
    event.args[i] = number(word);
  }
  if (events->count == events->capacity) {
    events->capacity = events->capacity * 2 + 64;
    events->at = realloc(events->at, events->capacity * sizeof event);
    if (events->at == NULL) stop(1, "no memory", "");
  }
  events->at[events->count++] = event;
}

static void read_events(struct events* events) {
  char* line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0) add_event(events, line);
  free(line);
}

static size_t read_program(const char* path, struct sock_filter* insns) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) stop(1, "cannot open", path);
  size_t bytes = fread(insns, 1, (MAX_INSNS + 1) * sizeof *insns, file);
  fclose(file);
  if (bytes == 0 || bytes % sizeof *insns != 0 || bytes > MAX_INSNS * sizeof *insns) stop(1, "not a program", path);
  return bytes / sizeof *insns;
}

static int check(void) {
  const char* refused = probe_seccomp_refused();
  printf("seccomp: %s\n", refused == NULL ? "yes" : refused);
  printf("int 0x80: %s\n", probe_int80_works() ? "yes" : "does not work here");
  return refused == NULL ? 0 : SKIP;
}

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--check") == 0) return check();
  struct probe_job job;
  memset(&job, 0, sizeof job);
  int at = 1;
  if (at < argc && strcmp(argv[at], "--actions") == 0) {
    job.mode = PROBE_ACTIONS;
    at++;
  }
  if (at >= argc) stop(1, "usage", "probe [--actions] FILE.bpf [CALL...] | probe --check");
  static struct sock_filter insns[MAX_INSNS + 1];
  job.insn_count = read_program(argv[at++], insns);
  job.insns = insns;
  struct events events = {NULL, 0, 0};
  if (at == argc) read_events(&events);
  for (; at < argc; at++) add_event(&events, argv[at]);
  job.events = events.at;
  job.event_count = events.count;
  const char* refused = probe_seccomp_refused();
  if (refused != NULL) stop(SKIP, refused, "");
  struct probe_verdict* verdicts = calloc(events.count + 1, sizeof *verdicts);
  if (verdicts == NULL) stop(1, "no memory", "");
  const char* trouble = probe_run(&job, verdicts);
  if (trouble != NULL) stop(1, trouble, argv[0]);
  for (size_t i = 0; i < events.count; i++) {
    char text[40];
    probe_verdict_text(&verdicts[i], text, sizeof text);
    puts(text);
  }
  free(verdicts);
  free(events.at);
  return 0;
}
