/* load.c: bytes or a file -> a checked program.
 *
 * Exports sbp_load(), sbp_load_named(), sbp_load_file(), sbp_load_file_named(), sbp_free(), sbp_insns(). The only file
 * that allocates: one malloc per program, and one for a container's file while it is read. Tested by
 * test/unit/runtime/load_test.cpp and container_test.cpp.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container.h"
#include "native.h"
#include "support.h"

enum { INSN_BYTES = sizeof(struct sock_filter), MAX_BYTES = SBP_MAX_INSNS * sizeof(struct sock_filter) };

static enum sbp_status check_size(size_t size, struct sbp_error* error) {
  if (size == 0)
    return sbpi_fail(error, SBP_E_FORMAT, "the program is empty: compile a policy with `sbpc FILE.sb -o FILE.bpf`");
  if (size > MAX_BYTES) {
    return sbpi_fail(
        error, SBP_E_TOO_LONG,
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

/* How much of everything a program is to hold. */
struct room {
  size_t insns, params, patches, rules, places, strings;
};

/* One allocation, cut up from the widest alignment to the narrowest; NULL if there is no memory. */
static sbp_program* new_program(const struct room* room) {
  size_t insns = sizeof(sbp_program);
  size_t params = insns + room->insns * sizeof(struct sock_filter);
  size_t patches = params + room->params * sizeof(struct sbpi_param);
  size_t rules = patches + room->patches * sizeof(struct sbpi_patch);
  size_t places = rules + room->rules * sizeof(struct sbpi_rule);
  size_t strings = places + room->places * sizeof(struct sbpi_place);
  char* memory = malloc(strings + room->strings + 1);
  if (memory == NULL) return NULL;
  sbp_program* program = (sbp_program*)memory;
  memset(program, 0, sizeof *program);
  program->insns = (struct sock_filter*)(memory + insns);
  program->params = (struct sbpi_param*)(memory + params);
  program->patches = (struct sbpi_patch*)(memory + patches);
  program->rules = (struct sbpi_rule*)(memory + rules);
  program->places = (struct sbpi_place*)(memory + places);
  program->strings = memory + strings;
  program->strings[0] = '\0';
  return program;
}

static int jumps(const struct sock_filter* insn, uint32_t value) {
  switch (BPF_OP(insn->code)) {
    case BPF_JEQ: return value == insn->k;
    case BPF_JGT: return value > insn->k;
    case BPF_JGE: return value >= insn->k;
    default: return (value & insn->k) != 0; /* BPF_JSET, the only one left: sbp_check() */
  }
}

/* What a checked program answers to every call of this machine for its `arch` alone, before it looks at anything else;
 * SECCOMP_RET_ALLOW if there is no such answer. A raw program does not say which machine it is for, but programs begin
 * with that question. */
static uint32_t answer_to_arch(const sbp_program* program) {
  const uint32_t arch = sbpi_native_arch();
  int is_loaded = 0, is_asked = 0;
  size_t pc = 0;
  for (;;) {
    const struct sock_filter* insn = &program->insns[pc++];
    if (insn->code == (BPF_LD | BPF_W | BPF_ABS) && insn->k == offsetof(struct seccomp_data, arch)) {
      is_loaded = 1;
    } else if (insn->code == (BPF_JMP | BPF_JA)) {
      pc += insn->k;
    } else if (is_loaded && BPF_CLASS(insn->code) == BPF_JMP && BPF_SRC(insn->code) == BPF_K) {
      pc += jumps(insn, arch) ? insn->jt : insn->jf;
      is_asked = 1;
    } else {
      return is_asked && arch != 0 && insn->code == (BPF_RET | BPF_K) ? insn->k : SECCOMP_RET_ALLOW;
    }
  }
}

/* Nothing could be done under it, not even exit. */
static enum sbp_status check_arch(const sbp_program* program, struct sbp_error* error) {
  const uint32_t answer = answer_to_arch(program) & SECCOMP_RET_ACTION_FULL;
  const struct sbpi_feature* row = sbpi_find_action(answer);
  if (row == NULL || answer == SECCOMP_RET_ALLOW || answer == SECCOMP_RET_LOG) return SBP_OK;
  struct sbpi_text text = sbpi_error(error, SBP_E_ARCH, 0);
  sbpi_put(&text, "the program is for another machine, and answers every call of " SBPI_NATIVE_ABI " with `");
  sbpi_put(&text, row->name);
  sbpi_put(&text, "`: compile the policy for this one with `--target native`");
  return SBP_E_ARCH;
}

static enum sbp_status take_raw(struct sbp_bytes from, sbp_program* program, struct sbp_error* error) {
  program->count = from.size / INSN_BYTES;
  memcpy(program->insns, from.bytes, from.size);
  if (is_foreign_order(program->insns, program->count)) {
    return sbpi_fail(
        error, SBP_E_FORMAT,
        "the program is in the byte order of another machine: compile the policy for this one with `--target native`");
  }
  const enum sbp_status status = sbp_check(program->insns, program->count, error);
  return status == SBP_OK ? check_arch(program, error) : status;
}

static enum sbp_status load_raw(struct sbp_bytes from, sbp_program** out, struct sbp_error* error) {
  enum sbp_status status = check_size(from.size, error);
  if (status != SBP_OK) return status;
  const struct room room = {from.size / INSN_BYTES, 0, 0, 0, 0, 0};
  *out = new_program(&room);
  if (*out == NULL) return sbpi_fail(error, SBP_E_NO_MEMORY, "no memory for the program");
  return take_raw(from, *out, error);
}

static enum sbp_status load_container(struct sbp_bytes from, const char* name, sbp_program** out,
                                      struct sbp_error* error) {
  struct sbpi_file file;
  struct sbpi_choice choice;
  enum sbp_status status = sbpi_open(from, &file, error);
  if (status == SBP_OK) status = sbpi_choose(&file, name, &choice, error);
  if (status != SBP_OK) return status;
  const struct room room = {choice.insns.count,
                            choice.params.count,
                            choice.patches.count,
                            choice.rules.count,
                            file.tables[SBPI_PLACES].count,
                            file.tables[SBPI_STRINGS].count};
  *out = new_program(&room);
  if (*out == NULL) return sbpi_fail(error, SBP_E_NO_MEMORY, "no memory for the program");
  return sbpi_take(&file, &choice, *out, error);
}

static enum sbp_status load(struct sbp_bytes from, const char* name, sbp_program** out, struct sbp_error* error) {
  int saved_errno = errno;
  enum sbp_status status;
  if (sbpi_is_container(from.bytes, from.size)) {
    status = load_container(from, name, out, error);
  } else if (name != NULL) {
    status =
        sbpi_fail(error, SBP_E_NAME,
                  "a raw program has no name: load it without one, or compile the policy to a container (-o FILE.sbp)");
  } else {
    status = load_raw(from, out, error);
  }
  if (status != SBP_OK) {
    free(*out);
    *out = NULL;
  }
  errno = saved_errno;
  return status;
}

enum sbp_status sbp_load(const void* bytes, size_t size, sbp_program** out, struct sbp_error* error) {
  if (out != NULL) *out = NULL;
  if (out == NULL || bytes == NULL) return sbpi_fail(error, SBP_E_ARGUMENT, "sbp_load was given a null pointer");
  return load((struct sbp_bytes){bytes, size}, NULL, out, error);
}

enum sbp_status sbp_load_named(struct sbp_bytes from, const char* name, sbp_program** out, struct sbp_error* error) {
  if (out != NULL) *out = NULL;
  if (out == NULL || from.bytes == NULL)
    return sbpi_fail(error, SBP_E_ARGUMENT, "sbp_load_named was given a null pointer");
  return load(from, name, out, error);
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

/* The rest of a container whose beginning is in `head`. One byte more than it says is read, to notice what stands
 * behind. */
static enum sbp_status load_large(int fd, struct sbp_bytes head, const char* name, sbp_program** out,
                                  struct sbp_error* error) {
  size_t capacity = sbpi_said_size(head.bytes) + 1;
  char* all = malloc(capacity);
  if (all == NULL) return sbpi_fail(error, SBP_E_NO_MEMORY, "no memory for the container");
  memcpy(all, head.bytes, head.size);
  ssize_t more = read_all(fd, all + head.size, capacity - head.size);
  enum sbp_status status = SBP_E_FILE;
  if (more >= 0) status = load((struct sbp_bytes){all, head.size + (size_t)more}, name, out, error);
  int reason = errno;
  free(all);
  errno = reason;
  return status;
}

static enum sbp_status load_open(int fd, const char* path, const char* name, sbp_program** out,
                                 struct sbp_error* error) {
  char buffer[MAX_BYTES + INSN_BYTES]; /* one instruction more, to notice a program that is too long */
  ssize_t size = read_all(fd, buffer, sizeof buffer);
  if (size < 0) return file_failed(error, "read", path);
  const struct sbp_bytes head = {buffer, (size_t)size};
  const int is_large =
      head.size == sizeof buffer && sbpi_is_container(buffer, head.size) && sbpi_said_size(buffer) > head.size;
  if (!is_large) return load(head, name, out, error);
  enum sbp_status status = load_large(fd, head, name, out, error);
  return status == SBP_E_FILE ? file_failed(error, "read", path) : status;
}

enum sbp_status sbp_load_file_named(const char* path, const char* name, sbp_program** out, struct sbp_error* error) {
  if (out != NULL) *out = NULL;
  if (out == NULL || path == NULL)
    return sbpi_fail(error, SBP_E_ARGUMENT, "a file was to be loaded with a null pointer");
  int saved_errno = errno;
  enum sbp_status status;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    status = file_failed(error, "open", path);
  } else {
    status = load_open(fd, path, name, out, error);
    close(fd);
  }
  errno = saved_errno;
  return status;
}

enum sbp_status sbp_load_file(const char* path, sbp_program** out, struct sbp_error* error) {
  return sbp_load_file_named(path, NULL, out, error);
}

void sbp_free(sbp_program* program) { free(program); }

const struct sock_filter* sbp_insns(const sbp_program* program, size_t* count) {
  if (count != NULL) *count = program == NULL ? 0 : program->count;
  return program == NULL ? NULL : program->insns;
}
