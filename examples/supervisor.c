/* supervisor: runs a command that can open nothing by itself, and opens files for it: those that are named, and those below folders.
 *
 *     supervisor POLICY.bpf PLACE... -- COMMAND [ARGUMENT...]
 *
 * Shows the supervisor's side of `notify`, without the mistakes that seccomp_unotify(2) warns of: nothing is decided on memory that can change.
 * The path is copied, the file is found here, what was found, links followed, must lie in a place, and is handed over open.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sbp.h"

enum { LOOK_EVERY_MS = 100 };

static int failed(const char* what) {
  fprintf(stderr, "supervisor: %s: %s\n", what, strerror(errno));
  return 125;
}

/* ---- the process that becomes the command ---- */

/* Does not return. */
static void become(const char* policy_path, char** command, int* listener) {
  struct sbp_error error;
  sbp_program* policy;
  struct sbp_installed installed;
  if (sbp_load_file(policy_path, &policy, &error) != SBP_OK ||
      sbp_install(policy, SBP_NEW_LISTENER | SBP_WAIT_KILLABLE, &installed, &error) != SBP_OK) {
    fprintf(stderr, "supervisor: %s: %s\n", policy_path, error.text);
    _exit(125);
  }
  *listener = installed.listener;
  execv(command[0], command);
  _exit(failed(command[0]));
}

/* The new process shares our descriptors until it executes the command, so the listener is open here without being sent; and we wait for that
 * moment, as vfork does. *listener stays -1 if it did not come so far. */
static pid_t start(const char* policy_path, char** command, int* listener) {
  int* shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return -1;
  *shared = -1;
  pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0) become(policy_path, command, shared);
  *listener = *shared;
  munmap(shared, sizeof *shared);
  return child;
}

/* ---- the supervisor ---- */

struct places {
  char** paths; /* as realpath() has them */
  int count;
};

static int lies_in(const char* path, const struct places* places) {
  for (int i = 0; i < places->count; i++) {
    size_t length = strlen(places->paths[i]);
    if (length == 1) return path[0] == '/'; /* the root, whose path is the only one that ends in a slash */
    if (strncmp(path, places->paths[i], length) == 0 && (path[length] == '\0' || path[length] == '/')) return 1;
  }
  return 0;
}

/* The path that the call names, as we can open it: relative ones from where the caller stands. 0, or an errno. */
static int path_of(int listener, const struct sbp_call* call, char out[PATH_MAX + 64]) {
  int is_openat = call->nr == SYS_openat;
  char path[PATH_MAX];
  struct sbp_read from = {call->args[is_openat ? 1 : 0], path, sizeof path};
  size_t got;
  if (sbp_notify_read(listener, call, &from, &got, NULL) != SBP_OK) return EFAULT;
  if (memchr(path, '\0', got) == NULL) return ENAMETOOLONG;
  int folder = is_openat ? (int)call->args[0] : AT_FDCWD;
  if (path[0] == '/') {
    snprintf(out, PATH_MAX + 64, "%s", path);
  } else if (folder == AT_FDCWD) {
    snprintf(out, PATH_MAX + 64, "/proc/%d/cwd/%s", (int)call->tid, path);
  } else {
    snprintf(out, PATH_MAX + 64, "/proc/%d/fd/%d/%s", (int)call->tid, folder, path);
  }
  return 0;
}

/* A descriptor of what the call asked for, or a negative errno. First only a handle, which has no effect on devices and pipes. */
static int open_for(int listener, const struct sbp_call* call, const struct places* places) {
  int flags = (int)call->args[call->nr == SYS_openat ? 2 : 1];
  if ((flags & ~(O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)) != O_RDONLY) return -EACCES;
  char path[PATH_MAX + 64];
  int error = path_of(listener, call, path);
  if (error != 0) return -error;
  int handle = open(path, O_PATH | O_CLOEXEC | (flags & (O_DIRECTORY | O_NOFOLLOW)));
  if (handle < 0) return -errno;
  char link[64];
  char found[PATH_MAX];
  struct stat facts;
  snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
  ssize_t length = readlink(link, found, sizeof found - 1);
  found[length < 0 ? 0 : length] = '\0';
  int is_ours = length > 0 && lies_in(found, places) && fstat(handle, &facts) == 0 && (S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode));
  int result = is_ours ? open(link, O_RDONLY | O_CLOEXEC) : -1;
  if (result < 0) result = is_ours ? -errno : -EACCES;
  close(handle);
  return result;
}

static void answer(int listener, const struct sbp_call* call, const struct places* places) {
  int flags = (int)call->args[call->nr == SYS_openat ? 2 : 1];
  int fd = open_for(listener, call, places);
  struct sbp_error error = {.status = SBP_OK};
  if (fd < 0) {
    if (sbp_notify_fail(listener, call->id, -fd, &error) == SBP_OK) return;
  } else {
    struct sbp_add_fd add = {fd, -1, (flags & O_CLOEXEC) != 0, 1};
    enum sbp_status status = sbp_notify_add_fd(listener, call->id, &add, NULL, &error);
    close(fd);
    /* It must not wait for ever: too many descriptors of its own are its own mistake. */
    if (status == SBP_OK || sbp_notify_fail(listener, call->id, error.sys_errno, NULL) == SBP_OK) return;
  }
  if (error.status != SBP_E_GONE) fprintf(stderr, "supervisor: %s\n", error.text);
}

struct command {
  pid_t pid;
  int has_ended;
  int status; /* then */
};

/* Older kernels (6.1, not 6.18) count a process until it has been waited for, so we look for those in between. */
static void look_for_the_dead(struct command* command) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != command->pid) continue;
    command->has_ended = 1;
    command->status = status;
  }
}

static void supervise(int listener, const struct places* places, struct command* command) {
  struct sbp_call call;
  struct sbp_error error;
  for (;;) {
    enum sbp_status status = sbp_notify_receive(listener, LOOK_EVERY_MS, &call, &error);
    if (status == SBP_OK) answer(listener, &call, places);
    if (status == SBP_E_CLOSED) return;
    if (status == SBP_E_TIMEOUT) look_for_the_dead(command);
    if (status == SBP_OK || status == SBP_E_TIMEOUT) continue;
    fprintf(stderr, "supervisor: %s\n", error.text);
    return; /* when we end, its calls fail with ENOSYS */
  }
}

int main(int argc, char** argv) {
  int dashes = 2;
  while (dashes < argc && strcmp(argv[dashes], "--") != 0) dashes++;
  if (dashes + 1 >= argc) {
    fprintf(stderr, "usage: supervisor POLICY.bpf PLACE... -- /PATH/TO/COMMAND [ARGUMENT...]\n");
    return 2;
  }
  struct places places = {argv + 2, dashes - 2};
  for (int i = 0; i < places.count; i++) {
    char* real = realpath(places.paths[i], NULL);
    if (real == NULL) return failed(places.paths[i]);
    places.paths[i] = real;
  }
  int listener = -1;
  struct command command = {start(argv[1], argv + dashes + 1, &listener), 0, 0};
  if (command.pid < 0) return failed("clone");
  if (listener >= 0) supervise(listener, &places, &command);
  if (!command.has_ended && waitpid(command.pid, &command.status, 0) != command.pid) return failed("waitpid");
  return WIFEXITED(command.status) ? WEXITSTATUS(command.status) : 128 + WTERMSIG(command.status);
}
