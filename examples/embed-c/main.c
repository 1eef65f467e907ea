/* count-lines: counts the lines of standard input under a policy that lets it do nothing else.
 *
 *     count-lines < FILE           the number of lines
 *     count-lines --open FILE      tries to open FILE, which the policy denies
 */
#include <fcntl.h>
#include <sbp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "count_policy.h" /* made from policy/count.sb when building */

static void protect(void) {
  struct sbp_error error;
  const struct sbp_array policy = {count_insns, COUNT_COUNT};
  const struct sbp_reporter reporter = {.name = sbp_syscall_name, .fd = 2};
  if (sbp_report_sigsys(&reporter, &error) == SBP_OK && sbp_install_array(policy, 0, NULL, &error) == SBP_OK) return;
  fprintf(stderr, "count-lines: %s\n", error.text);
  exit(1);
}

int main(int argc, char** argv) {
  protect();
  if (argc == 3 && strcmp(argv[1], "--open") == 0) return open(argv[2], O_RDONLY) < 0;
  static char buffer[65536];
  long lines = 0;
  ssize_t got;
  while ((got = read(0, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < got; i++) lines += buffer[i] == '\n';
  }
  int length = snprintf(buffer, sizeof buffer, "%ld\n", lines);
  return got < 0 || write(1, buffer, (size_t)length) != length;
}
