/* text.h: builds one line of text in a caller's buffer, without stdio or allocation: fit for a signal handler.
 *
 * What does not fit is cut; the text is zero-terminated after every step.
 */
#ifndef SBP_SRC_TEXT_H
#define SBP_SRC_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "sbp.h"

struct sbpi_text {
  char* at;  /* where the next character goes; NULL: there is no buffer and every step does nothing */
  char* end; /* the last byte of the buffer, kept for the zero */
};

struct sbpi_text sbpi_text_in(char* buffer, size_t size);
void sbpi_put(struct sbpi_text* text, const char* string);
void sbpi_put_u64(struct sbpi_text* text, uint64_t value);
void sbpi_put_i64(struct sbpi_text* text, int64_t value);
void sbpi_put_hex(struct sbpi_text* text, uint64_t value); /* with 0x */

/* Starts an error: sets status, sys_errno, insn -1 and tid 0, and returns the builder for its text. `error` may be
 * NULL. */
struct sbpi_text sbpi_error(struct sbp_error* error, enum sbp_status status, int sys_errno);
/* The same with a text that needs no more; returns `status`. */
enum sbp_status sbpi_fail(struct sbp_error* error, enum sbp_status status, const char* what);
/* "EPERM, operation not permitted"; "errno 123" where the name is not known here. */
void sbpi_put_errno(struct sbpi_text* text, int sys_errno);

#endif
