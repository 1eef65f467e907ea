/* program.h: a loaded program. One allocation holds it all; sbp_free() gives it back. */
#ifndef SBP_SRC_PROGRAM_H
#define SBP_SRC_PROGRAM_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* A place where a run-time parameter's value goes. */
enum sbpi_patch_kind {
  SBPI_PATCH_LOW,  /* k of a `jeq`: the value's lower 32 bits */
  SBPI_PATCH_HIGH, /* its upper 32 bits */
  SBPI_PATCH_FLAG  /* k of a `ja`: 0 for true, `offset` for false */
};

struct sbpi_param {
  uint32_t name; /* strings are indices into sbp_program.strings */
  uint8_t kind;  /* enum sbp_param_kind */
  uint8_t width;
  uint8_t is_set;
};

struct sbpi_patch {
  uint32_t insn;
  uint32_t kind;
  uint32_t param;
  uint32_t offset;
};

/* Calls first..last on `arch` that are answered with `word`: this statement decides, or one of the next rows for the
 * same. */
struct sbpi_rule {
  uint32_t arch;
  uint32_t first;
  uint32_t last;
  uint32_t word;
  uint32_t place;
};

struct sbpi_place {
  uint32_t file;
  uint32_t line;
  uint32_t column;
  uint32_t text;
  uint32_t reason;
};

struct sbp_program {
  struct sock_filter* insns;
  struct sbpi_param* params;
  struct sbpi_patch* patches; /* by rising insn */
  struct sbpi_rule* rules;
  struct sbpi_place* places;
  char* strings; /* [0] is "" */
  size_t count;  /* of insns */
  uint32_t param_count, patch_count, rule_count, place_count;
  uint32_t name;
  unsigned install_flags; /* SBP_*: the policy's `install` line */
};

/* SBP_OK if all run-time parameters have a value. */
enum sbp_status sbpi_check_set(const sbp_program* program, struct sbp_error* error);

#endif
