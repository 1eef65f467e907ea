/* container.h: the inside of a container file, read in place.
 *
 * sbpi_open() checks the head, the checksum and the table of sections; sbpi_choose() finds the program of a name for
 * this machine; what else a program's record names is checked by sbpi_take(), as it is copied into a sbp_program.
 * docs/format.md describes the bytes; compiler/output/container_read.cpp is the other reader.
 */
#ifndef SBP_SRC_CONTAINER_H
#define SBP_SRC_CONTAINER_H

#include "program.h"

enum sbpi_section {
  SBPI_PROGRAMS = 1,
  SBPI_ABIS,
  SBPI_INSNS,
  SBPI_PARAMS,
  SBPI_PATCHES,
  SBPI_RULES,
  SBPI_PLACES,
  SBPI_STRINGS,
  SBPI_SECTIONS
};

#define SBPI_MAX_BYTES (16U << 20) /* of a container */

struct sbpi_table {
  uint32_t offset;
  uint32_t count;
  uint32_t record; /* bytes of one; 0: the section is not there */
};

struct sbpi_file {
  const unsigned char* bytes;
  size_t size;
  struct sbpi_table tables[SBPI_SECTIONS];
};

/* How much of each section a program has. */
struct sbpi_slice {
  uint32_t first;
  uint32_t count;
};
struct sbpi_choice {
  uint32_t row; /* of the section of programs */
  struct sbpi_slice insns, params, patches, rules;
};

/* Whether the bytes mean to be a container. Needs 8 of them to say yes. */
int sbpi_is_container(const void* bytes, size_t size);
/* The size that the head of a container says, at most SBPI_MAX_BYTES + 1; `bytes` are 16 or more. */
size_t sbpi_said_size(const void* bytes);

enum sbp_status sbpi_open(struct sbp_bytes given, struct sbpi_file* file, struct sbp_error* error);
/* `name` may be NULL: the only one for this machine. */
enum sbp_status sbpi_choose(const struct sbpi_file* file, const char* name, struct sbpi_choice* choice,
                            struct sbp_error* error);
/* Fills a program that has room for all that `choice` says, for all places and for the strings. */
enum sbp_status sbpi_take(const struct sbpi_file* file, const struct sbpi_choice* choice, sbp_program* program,
                          struct sbp_error* error);

#endif
