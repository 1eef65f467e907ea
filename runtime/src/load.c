/* load.c: bytes or a file -> a checked program.
 *
 * Exports sbp_load(), sbp_load_file(), sbp_free(), sbp_insns(). The only file that allocates: one malloc per program.
 * Tested by test/unit/runtime/load_test.cpp.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

enum { INSN_BYTES = sizeof(struct sock_filter), MAX_BYTES = SBP_MAX_INSNS * sizeof(struct sock_filter) };

struct sbp_program {
  size_t count;
  struct sock_filter insns[];
};

static enum sbp_status fail(struct sbp_error* error, enum sbp_status status, const char* what) {
  struct sbpi_text text = sbpi_error(error, status, 0);
  sbpi_put(&text, what);
  return status;
}

static enum sbp_status check_size(size_t size, struct sbp_error* error) {
  if (size == 0)
    return fail(error, SBP_E_FORMAT, "the program is empty: compile a policy with `sbpc FILE.sb -o FILE.bpf`");
  if (size > MAX_BYTES) {
    return fail(error, SBP_E_TOO_LONG,
                "more than 32768 bytes (4096 instructions, the kernel's limit): not a seccomp program, or a policy to "
                "be split in two");
  }
  if (size % INSN_BYTES == 0) return SBP_OK;
  struct sbpi_text text = sbpi_error(error, SBP_E_FORMAT, 0);
  sbpi_put_u64(&text, size);
  sbpi_put(&text,
           " bytes are not a whole number of 8-byte instructions: the file is cut short or is no seccomp program");
  return SBP_E_FORMAT;
}

/* No opcode of classic BPF needs more than 8 bits, so one of the two bytes of `code` is always 0 and tells the byte
 * order. A program whose first opcode is at fault in this way only is another machine's. */
static int is_foreign_order(const struct sock_filter* insns, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if ((insns[i].code & 0xffU) != 0) return 0;
  }
  return insns[0].code != 0;
}

enum sbp_status sbp_load(const void* bytes, size_t size, sbp_program** out, struct sbp_error* error) {
  if (out != NULL) *out = NULL;
  if (out == NULL || bytes == NULL) return fail(error, SBP_E_ARGUMENT, "sbp_load was given a null pointer");
  int saved_errno = errno;
  enum sbp_status status = check_size(size, error);
  if (status != SBP_OK) return status;
  sbp_program* program = malloc(sizeof *program + size);
  errno = saved_errno;
  if (program == NULL) return fail(error, SBP_E_NO_MEMORY, "no memory for the program");
  program->count = size / INSN_BYTES;
  memcpy(program->insns, bytes, size);
  if (is_foreign_order(program->insns, program->count)) {
    status = fail(
        error, SBP_E_FORMAT,
        "the program is in the byte order of another machine: compile the policy for this one with `--target native`");
  } else {
    status = sbp_check(program->insns, program->count, error);
  }
  if (status != SBP_OK) {
    free(program);
    return status;
  }
  *out = program;
  return SBP_OK;
}

static enum sbp_status file_failed(struct sbp_error* error, const char* verb, const char* path) {
  int reason = errno;
  struct sbpi_text text = sbpi_error(error, SBP_E_FILE, reason);
  sbpi_put(&text, "cannot ");
  sbpi_put(&text, verb);
  sbpi_put(&text, " `");
  sbpi_put(&text, path);
  sbpi_put(&text, "`: ");
  sbpi_put_errno(&text, reason);
  return SBP_E_FILE;
}

/* Fills the buffer as far as the file goes; -1 with errno on an error. */
static ssize_t read_all(int fd, char* buffer, size_t capacity) {
  size_t size = 0;
  while (size < capacity) {
    ssize_t got = read(fd, buffer + size, capacity - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    size += (size_t)got;
  }
  return (ssize_t)size;
}

enum sbp_status sbp_load_file(const char* path, sbp_program** out, struct sbp_error* error) {
  if (out != NULL) *out = NULL;
  if (out == NULL || path == NULL) return fail(error, SBP_E_ARGUMENT, "sbp_load_file was given a null pointer");
  int saved_errno = errno;
  enum sbp_status status;
  char buffer[MAX_BYTES + INSN_BYTES]; /* one instruction more, to notice a program that is too long */
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    status = file_failed(error, "open", path);
  } else {
    ssize_t size = read_all(fd, buffer, sizeof buffer);
    status = size < 0 ? file_failed(error, "read", path) : sbp_load(buffer, (size_t)size, out, error);
    close(fd);
  }
  errno = saved_errno;
  return status;
}

void sbp_free(sbp_program* program) { free(program); }

const struct sock_filter* sbp_insns(const sbp_program* program, size_t* count) {
  if (count != NULL) *count = program->count;
  return program->insns;
}
