/* text.c: see text.h. Tested by test/unit/runtime/ through the texts of errors and of denied calls. */
#include "text.h"

#include <errno.h>

struct sbpi_text sbpi_text_in(char* buffer, size_t size) {
  struct sbpi_text text = {NULL, NULL};
  if (buffer == NULL || size == 0) return text;
  text.at = buffer;
  text.end = buffer + size - 1;
  *text.at = '\0';
  return text;
}

void sbpi_put(struct sbpi_text* text, const char* string) {
  if (text->at == NULL) return;
  while (*string != '\0' && text->at < text->end) *text->at++ = *string++;
  *text->at = '\0';
}

static void put_number(struct sbpi_text* text, uint64_t value, unsigned base) {
  char digits[21]; /* UINT64_MAX has 20 decimal digits */
  char* at = digits + sizeof digits - 1;
  *at = '\0';
  do {
    *--at = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  sbpi_put(text, at);
}

void sbpi_put_u64(struct sbpi_text* text, uint64_t value) { put_number(text, value, 10); }

void sbpi_put_i64(struct sbpi_text* text, int64_t value) {
  if (value < 0) sbpi_put(text, "-");
  put_number(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

void sbpi_put_hex(struct sbpi_text* text, uint64_t value) {
  sbpi_put(text, "0x");
  put_number(text, value, 16);
}

struct sbpi_text sbpi_error(struct sbp_error* error, enum sbp_status status, int sys_errno) {
  if (error == NULL) return sbpi_text_in(NULL, 0);
  error->status = status;
  error->sys_errno = sys_errno;
  error->insn = -1;
  error->tid = 0;
  return sbpi_text_in(error->text, sizeof error->text);
}

enum sbp_status sbpi_fail(struct sbp_error* error, enum sbp_status status, const char* what) {
  struct sbpi_text text = sbpi_error(error, status, 0);
  sbpi_put(&text, what);
  return status;
}

/* strerror() may allocate and depends on the locale; these are the values our own calls bring. */
static const char* errno_name(int value) {
  switch (value) {
    case EACCES: return "EACCES, permission denied";
    case EBUSY: return "EBUSY";
    case EBADF: return "EBADF, no open descriptor";
    case EFAULT: return "EFAULT, bad address";
    case EINVAL: return "EINVAL, invalid argument";
    case EIO: return "EIO, input/output error";
    case EISDIR: return "EISDIR, it is a directory";
    case ELOOP: return "ELOOP, too many symbolic links";
    case EMFILE: return "EMFILE, too many open files";
    case ENFILE: return "ENFILE, too many open files in the system";
    case ENAMETOOLONG: return "ENAMETOOLONG, file name too long";
    case ENOENT: return "ENOENT, no such file or directory";
    case ENOMEM: return "ENOMEM, out of memory";
    case ENOSYS: return "ENOSYS, function not implemented";
    case ENOTTY: return "ENOTTY, a descriptor of another kind";
    case ENOTDIR: return "ENOTDIR, not a directory";
    case EPERM: return "EPERM, operation not permitted";
    case ESRCH: return "ESRCH, no such process";
    default: return NULL; /* errno is an open set */
  }
}

void sbpi_put_errno(struct sbpi_text* text, int sys_errno) {
  const char* name = errno_name(sys_errno);
  if (name != NULL) {
    sbpi_put(text, name);
    return;
  }
  sbpi_put(text, "errno ");
  sbpi_put_i64(text, sys_errno);
}
