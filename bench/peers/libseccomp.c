// A .rules file through libseccomp: libseccomp RULES OPTIMIZE RUNS [ARCH...] > FILTER, for more ABIs besides (x86, x32); nanoseconds of the quickest of RUNS builds go to standard error.
//
// Conditions are written as container runtimes write them; libseccomp compares 64 bits.
#define _GNU_SOURCE
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct rule {
  uint32_t action;
  int number;
  unsigned count;
  struct scmp_arg_cmp conditions[6];
};
static struct rule rules[4096];
static size_t rule_count;
static uint32_t otherwise;

static void fail(const char *what) {
  fprintf(stderr, "libseccomp: %s\n", what);
  exit(1);
}

static uint32_t action(void) {
  const char *word = strtok(NULL, " \n");
  if (word == NULL) fail("an action is missing");
  if (strcmp(word, "allow") == 0) return SCMP_ACT_ALLOW;
  if (strcmp(word, "kill_process") == 0) return SCMP_ACT_KILL_PROCESS;
  if (strcmp(word, "errno") == 0) return SCMP_ACT_ERRNO(atoi(strtok(NULL, " \n")));
  fail(word);
  return 0;
}

static enum scmp_compare comparison(const char *word) {
  static const struct { const char *name; enum scmp_compare op; } names[] = {
      {"eq32", SCMP_CMP_EQ}, {"ne32", SCMP_CMP_NE}, {"lt32", SCMP_CMP_LT}, {"le32", SCMP_CMP_LE},
      {"gt32", SCMP_CMP_GT}, {"ge32", SCMP_CMP_GE}, {"masked_eq32", SCMP_CMP_MASKED_EQ}};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (strcmp(word, names[i].name) == 0) return names[i].op;
  fail(word);
  return 0;
}

static void read_rule(struct rule *rule) {
  rule->number = atoi(strtok(NULL, " \n"));
  strtok(NULL, " \n");  // its name
  for (const char *word; (word = strtok(NULL, " \n")) != NULL; ++rule->count) {
    struct scmp_arg_cmp *condition = &rule->conditions[rule->count];
    condition->arg = (unsigned)atoi(word);
    condition->op = comparison(strtok(NULL, " \n"));
    condition->datum_a = strtoull(strtok(NULL, " \n"), NULL, 0);
    if (condition->op == SCMP_CMP_MASKED_EQ) condition->datum_b = strtoull(strtok(NULL, " \n"), NULL, 0);
  }
}

static void read_rules(const char *path) {
  char line[512];
  FILE *file = fopen(path, "r");
  if (file == NULL) fail(path);
  while (fgets(line, sizeof line, file) != NULL) {
    char copy[512];
    strcpy(copy, line);
    const char *word = strtok(line, " \n");
    if (word == NULL || strcmp(word, "arch") == 0) continue;
    if (strcmp(word, "default") == 0) {
      otherwise = action();
      continue;
    }
    char whole[600];
    snprintf(whole, sizeof whole, "rule %s", copy);  // the action is the first word of the line
    strtok(whole, " ");
    struct rule *rule = &rules[rule_count++];
    rule->action = action();
    read_rule(rule);
  }
  fclose(file);
}

static scmp_filter_ctx build(int optimize, char **arches) {
  scmp_filter_ctx context = seccomp_init(otherwise);
  if (context == NULL) fail("seccomp_init");
  seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, (uint32_t)optimize) != 0) fail("this version has no binary tree");
  const int several = *arches != NULL;
  for (; *arches != NULL; ++arches)
    if (seccomp_arch_add(context, seccomp_arch_resolve_name(*arches)) != 0) fail(*arches);
  for (size_t i = 0; i < rule_count; ++i)
    if (seccomp_rule_add_array(context, rules[i].action, rules[i].number, rules[i].count, rules[i].conditions) != 0 &&
        !several)  // numbers that it has no name for are no calls of other ABIs to it: they are left out
      fail("seccomp_rule_add_array");
  return context;
}

int main(int argc, char **argv) {
  if (argc < 4) fail("libseccomp RULES OPTIMIZE RUNS [ARCH...]");
  read_rules(argv[1]);
  FILE *scratch = tmpfile();
  long best = -1;
  for (int run = 0; run < atoi(argv[3]); ++run) {
    struct timespec from, to;
    if (ftruncate(fileno(scratch), 0) != 0 || lseek(fileno(scratch), 0, SEEK_SET) != 0) fail("tmpfile");
    clock_gettime(CLOCK_MONOTONIC, &from);
    scmp_filter_ctx context = build(atoi(argv[2]), argv + 4);
    if (seccomp_export_bpf(context, fileno(scratch)) != 0) fail("seccomp_export_bpf");
    seccomp_release(context);
    clock_gettime(CLOCK_MONOTONIC, &to);
    const long took = (to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec;
    if (best < 0 || took < best) best = took;
  }
  scmp_filter_ctx context = build(atoi(argv[2]), argv + 4);
  if (seccomp_export_bpf(context, STDOUT_FILENO) != 0) fail("seccomp_export_bpf");
  fprintf(stderr, "%ld\n", best);
  return 0;
}
