/* Loads a container, reports what it traps with the source map, and makes the call that it is told. */
#include <sbp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sbp_error error;
  sbp_program *program;
  if (argc != 4 || sbp_load_file(argv[1], &program, &error) || sbp_set_u32(program, "out", 77, &error)) return 1;
  const struct sbp_reporter reporter = {sbp_syscall_name, NULL, NULL, 2, program};
  if (sbp_report_sigsys(&reporter, &error) || sbp_install(program, SBP_POLICY_FLAGS, NULL, &error)) return 2;
  syscall(atol(argv[2]), atol(argv[3]), "", 0);
  return 3;
}
