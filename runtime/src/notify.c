/* notify.c: the supervisor's side of `notify`: calls come in, answers go out.
 *
 * Exports sbp_notify_*(). Thin over the listener's ioctls, but for three things that are easily done wrong: waiting
 * ends when nobody is left, a call that is gone is told from an error, and memory is read page by page and only
 * believed if the call still waits. Tested by test/unit/runtime/notify_test.cpp.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

/* Older uapi headers lack these; include/uapi/linux/seccomp.h, Linux 6.18. */
#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1U
#endif

enum { LAST_ERRNO = 4095, PAGE = 4096 }; /* MAX_ERRNO; the smallest page of any ABI */

struct addfd {
  uint64_t id;
  uint32_t flags;
  uint32_t srcfd;
  uint32_t newfd;
  uint32_t newfd_flags;
};
#define ADDFD_SETFD 1U
#define ADDFD_SEND 2U
#define IOCTL_ADDFD _IOW('!', 3, struct addfd)
#define IOCTL_VALID _IOW('!', 2, uint64_t)
/* Linux before 5.8 knows the question by this number only, which was a mistake: commit 47e33c05f9f0. */
#define IOCTL_VALID_OLD _IOR('!', 2, uint64_t)

/* What an ioctl's errno means; `since` is the kernel version that has it: older ones answer EINVAL. ENOTTY comes from
 * other descriptors than listeners (kernel/seccomp.c: seccomp_notify_ioctl()). */
static enum sbp_status failed(int reason, const char* what, const char* since, struct sbp_error* error) {
  enum sbp_status status = SBP_E_REFUSED;
  if (reason == ENOENT || reason == EINPROGRESS) status = SBP_E_GONE;
  if (since != NULL && reason == EINVAL) status = SBP_E_UNSUPPORTED;
  struct sbpi_text text = sbpi_error(error, status, reason);
  if (status == SBP_E_GONE) {
    sbpi_put(
        &text,
        "the call needs no answer any more: its thread was killed or interrupted, or it has one; go on with the next");
    return status;
  }
  sbpi_put(&text, what);
  sbpi_put(&text, " (");
  sbpi_put_errno(&text, reason);
  sbpi_put(&text, ")");
  if (status == SBP_E_UNSUPPORTED) {
    sbpi_put(&text, ": it needs Linux ");
    sbpi_put(&text, since);
    sbpi_put(&text, " or newer");
  } else if (reason == EBADF || reason == ENOTTY) {
    sbpi_put(&text, ": is the descriptor the listener that sbp_install returned, and open?");
  }
  return status;
}

/* The C library's type of a request: POSIX, and musl, have int. */
#ifdef __GLIBC__
typedef unsigned long request_type;
#else
typedef int request_type;
#endif

/* 0, or errno. */
static int ask(int listener, unsigned long request, void* argument_of_it) {
  int saved_errno = errno;
  int reason = ioctl(listener, (request_type)request, argument_of_it) < 0 ? errno : 0;
  errno = saved_errno;
  return reason;
}

/* ---- receiving ---- */

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum sbp_status interrupted(struct sbp_error* error) {
  struct sbpi_text text = sbpi_error(error, SBP_E_TIMEOUT, EINTR);
  sbpi_put(&text, "a signal came before a call did: wait again, or end");
  return SBP_E_TIMEOUT;
}

/* Until a call is there: then SBP_OK. */
static enum sbp_status wait_for_call(int listener, int timeout_ms, struct sbp_error* error) {
  struct pollfd entry = {listener, POLLIN, 0};
  int saved_errno = errno;
  int ready = poll(&entry, 1, timeout_ms);
  int reason = errno;
  errno = saved_errno;
  if (ready == 0) return sbpi_fail(error, SBP_E_TIMEOUT, "no call came in time");
  if (ready < 0 && reason == EINTR) return interrupted(error);
  if (ready < 0) return failed(reason, "the listener cannot be waited for", NULL, error);
  if ((entry.revents & POLLIN) != 0) return SBP_OK;
  if ((entry.revents & POLLHUP) != 0)
    return sbpi_fail(error, SBP_E_CLOSED, "every process under the filter has ended: close the listener");
  return failed(EBADF, "the listener cannot be waited for", NULL, error);
}

enum sbp_status sbp_notify_receive(int listener, int timeout_ms, struct sbp_call* call, struct sbp_error* error) {
  if (call == NULL) return sbpi_fail(error, SBP_E_ARGUMENT, "sbp_notify_receive was given no place for the call");
  /* poll() leaves negative descriptors out, and would wait for nothing. */
  if (listener < 0) return failed(EBADF, "no call can be received", NULL, error);
  int64_t end = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;
  for (;;) {
    int64_t left = timeout_ms < 0 ? -1 : end - now_ms();
    enum sbp_status status = wait_for_call(listener, timeout_ms < 0 || left > 0 ? (int)left : 0, error);
    if (status != SBP_OK) return status;
    /* The kernel writes as much as its own structure has, and wants zeros before: seccomp_notify_recv(). */
    union {
      struct seccomp_notif notif;
      char room[512];
    } from;
    memset(&from, 0, sizeof from);
    int reason = ask(listener, SECCOMP_IOCTL_NOTIF_RECV, &from);
    if (reason == EINTR) return interrupted(error);
    if (reason == ENOENT) continue; /* its thread was killed between the two, or nobody is left */
    if (reason != 0) return failed(reason, "no call can be received", NULL, error);
    call->id = from.notif.id;
    call->tid = (pid_t)from.notif.pid;
    call->nr = from.notif.data.nr;
    call->arch = from.notif.data.arch;
    call->instruction_pointer = from.notif.data.instruction_pointer;
    for (int i = 0; i < 6; i++) call->args[i] = from.notif.data.args[i];
    return SBP_OK;
  }
}

/* ---- answering ---- */

static int send_answer(int listener, struct seccomp_notif_resp* answer) {
  return ask(listener, SECCOMP_IOCTL_NOTIF_SEND, answer);
}

enum sbp_status sbp_notify_return(int listener, uint64_t id, int64_t value, struct sbp_error* error) {
  struct seccomp_notif_resp answer = {id, value, 0, 0};
  int reason = send_answer(listener, &answer);
  return reason == 0 ? SBP_OK : failed(reason, "the call cannot be answered", NULL, error);
}

enum sbp_status sbp_notify_fail(int listener, uint64_t id, int errno_value, struct sbp_error* error) {
  if (errno_value < 1 || errno_value > LAST_ERRNO) {
    return sbpi_fail(error, SBP_E_ARGUMENT,
                     "sbp_notify_fail was given no errno: they are 1 to 4095; sbp_notify_return answers with success");
  }
  struct seccomp_notif_resp answer = {id, 0, -errno_value, 0};
  int reason = send_answer(listener, &answer);
  return reason == 0 ? SBP_OK : failed(reason, "the call cannot be answered", NULL, error);
}

enum sbp_status sbp_notify_continue(int listener, uint64_t id, struct sbp_error* error) {
  struct seccomp_notif_resp answer = {id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  int reason = send_answer(listener, &answer);
  return reason == 0 ? SBP_OK : failed(reason, "the call cannot be let go on", "5.5", error);
}

static enum sbp_status not_open(struct sbp_error* error) {
  struct sbpi_text text = sbpi_error(error, SBP_E_REFUSED, EBADF);
  sbpi_put(&text, "the descriptor that is to be handed over is not open here (EBADF): open it first");
  return SBP_E_REFUSED;
}

enum sbp_status sbp_notify_add_fd(int listener, uint64_t id, const struct sbp_add_fd* add, int* number,
                                  struct sbp_error* error) {
  if (add == NULL || add->fd < 0 || add->at < -1) {
    return sbpi_fail(error, SBP_E_ARGUMENT, "sbp_notify_add_fd was given no descriptor, or a negative one");
  }
  struct addfd request;
  memset(&request, 0, sizeof request);
  request.id = id;
  request.flags = (add->at >= 0 ? ADDFD_SETFD : 0U) | (add->is_answer ? ADDFD_SEND : 0U);
  request.srcfd = (uint32_t)add->fd;
  request.newfd = add->at >= 0 ? (uint32_t)add->at : 0U;
  request.newfd_flags = add->cloexec ? O_CLOEXEC : 0;
  int saved_errno = errno;
  int result = ioctl(listener, (request_type)IOCTL_ADDFD, &request);
  int reason = result < 0 ? errno : 0;
  const int is_open = reason != EBADF || fcntl(add->fd, F_GETFD) >= 0;
  errno = saved_errno;
  if (!is_open) return not_open(error);
  if (reason != 0)
    return failed(reason, "the descriptor cannot be handed over", add->is_answer ? "5.14" : "5.9", error);
  if (number != NULL) *number = result;
  return SBP_OK;
}

/* ---- looking ---- */

int sbp_notify_valid(int listener, uint64_t id) {
  int reason = ask(listener, IOCTL_VALID, &id);
  if (reason == EINVAL || reason == ENOTTY) reason = ask(listener, IOCTL_VALID_OLD, &id);
  return reason == 0;
}

/* How much of [address, address + size) could be copied; -1 and errno for nothing. */
static ssize_t copy_from(pid_t tid, uint64_t address, char* to, size_t size) {
  size_t done = 0;
  while (done < size) {
    uint64_t at = address + done;
    if (at < address || at > UINTPTR_MAX) break;
    size_t piece = PAGE - (size_t)(at % PAGE);
    if (piece > size - done) piece = size - done;
    struct iovec here = {to + done, piece};
    struct iovec there = {(void*)(uintptr_t)at, piece};
    ssize_t got = process_vm_readv(tid, &here, 1, &there, 1, 0);
    if (got <= 0) return done > 0 ? (ssize_t)done : -1;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

enum sbp_status sbp_notify_read(int listener, const struct sbp_call* call, const struct sbp_read* read, size_t* got,
                                struct sbp_error* error) {
  if (call == NULL || read == NULL || got == NULL || (read->buffer == NULL && read->size != 0)) {
    return sbpi_fail(error, SBP_E_ARGUMENT,
                     "sbp_notify_read was given no call, no place for the bytes or none for their number");
  }
  *got = 0;
  int saved_errno = errno;
  ssize_t copied = copy_from(call->tid, read->address, read->buffer, read->size);
  int reason = errno;
  errno = saved_errno;
  if (!sbp_notify_valid(listener, call->id)) return failed(ENOENT, "", NULL, error);
  if (copied < 0) return failed(reason, "the caller's memory cannot be read", NULL, error);
  *got = (size_t)copied;
  return SBP_OK;
}
