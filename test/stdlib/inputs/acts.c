// One process, one act under a filter: acts FILTER ACT. Ends with 0 if the act worked, 1 if it was refused with EPERM, EACCES or
// ENOSYS, 2 if it failed otherwise; a filter that kills leaves SIGSYS. What an act needs beforehand is there before the filter is.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sbp.h"

static int first = -1, second = -1, pair[2];  // two open files, and two ends of a local connection
static char* memory;

static int opened(const char* path, int flags) {
  const int fd = open(path, flags, 0644);
  return fd < 0 ? -1 : close(fd);
}
static int made(int domain, int type) {
  const int fd = socket(domain, type, 0);
  return fd < 0 ? -1 : 0;
}
static int bound(int domain, int type) {
  const int fd = socket(domain, type, 0);
  if (fd < 0) return -1;
  struct sockaddr_in6 six = {.sin6_family = AF_INET6};
  struct sockaddr_in four = {.sin_family = AF_INET};
  struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "here.sock"};
  if (domain == AF_INET6) return bind(fd, (struct sockaddr*)&six, sizeof six);
  if (domain == AF_UNIX) return bind(fd, (struct sockaddr*)&local, sizeof local);
  return bind(fd, (struct sockaddr*)&four, sizeof four);
}
static void* nothing(void* argument) { return argument; }
static int threaded(void) {
  pthread_t thread;
  const int failed = pthread_create(&thread, NULL, nothing, NULL);
  if (failed != 0) return errno = failed, -1;
  return pthread_join(thread, NULL) == 0 ? 0 : -1;
}
static int child(void) {
  const pid_t pid = fork();
  if (pid == 0) execl("/bin/true", "true", (char*)NULL), _exit(9);
  int status = 0;
  return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : 0;
}

struct Act { const char* name; int (*run)(void); };
#define ACT(name, value) static int act_##name(void) { return (value) < 0 ? -1 : 0; }
#define ACTS(X) \
  X(print, (fputs("text", stdout) < 0 || fflush(stdout) != 0) ? -1 : 0) \
  X(print_error, (int)write(2, "e", 1)) \
  X(heap, (memory = calloc(2000, 20480)) == NULL ? -1 : (free(memory), 0)) \
  X(advise, madvise(memory, 4096, MADV_RANDOM)) \
  X(time, clock_getres(CLOCK_MONOTONIC, &(struct timespec){0})) \
  X(copy, (int)sendfile(1, first, &(off_t){0}, 4)) \
  X(sleep, nanosleep(&(struct timespec){0, 1000}, NULL)) \
  X(execute_memory, mprotect(memory, 4096, PROT_READ | PROT_EXEC)) \
  X(open_read, opened("there", O_RDONLY)) \
  X(open_read_cloexec, opened("there", O_RDONLY | O_CLOEXEC)) \
  X(open_write, opened("there", O_WRONLY | O_TRUNC)) \
  X(open_append, opened("there", O_WRONLY | O_APPEND)) \
  X(open_truncate, opened("there", O_RDONLY | O_TRUNC)) \
  X(open_both, opened("there", O_RDWR | O_TRUNC)) \
  X(create, opened("new", O_WRONLY | O_CREAT | O_TRUNC)) \
  X(create_new, opened("other", O_RDWR | O_CREAT | O_EXCL)) \
  X(create_read, opened("there", O_RDONLY | O_CREAT)) \
  X(create_both, opened("there", O_RDWR | O_CREAT)) \
  X(create_set_id, syscall(SYS_openat, AT_FDCWD, "set", O_WRONLY | O_CREAT, 04755)) \
  X(unlink, unlink("there")) \
  X(read_first, (int)read(first, memory, 4)) \
  X(read_second, (int)read(second, memory, 4)) \
  X(write_first, (int)write(first, "more", 4)) \
  X(stat_first, fstat(first, &(struct stat){0})) \
  X(send, (int)send(pair[0], "x", 1, 0)) \
  X(tcp, made(AF_INET, SOCK_STREAM)) \
  X(tcp_cloexec, made(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK)) \
  X(tcp6, made(AF_INET6, SOCK_STREAM)) \
  X(udp, made(AF_INET, SOCK_DGRAM)) \
  X(udp6, made(AF_INET6, SOCK_DGRAM)) \
  X(raw, made(AF_INET, SOCK_RAW)) \
  X(x25, made(AF_X25, SOCK_DGRAM)) \
  X(xdp, made(44, SOCK_STREAM)) \
  X(packet, made(AF_PACKET, SOCK_DGRAM)) \
  X(bind_tcp, bound(AF_INET, SOCK_STREAM)) \
  X(bind_tcp6, bound(AF_INET6, SOCK_STREAM)) \
  X(bind_udp, bound(AF_INET, SOCK_DGRAM)) \
  X(bind_udp6, bound(AF_INET6, SOCK_DGRAM)) \
  X(bind_unix, bound(AF_UNIX, SOCK_STREAM)) \
  X(thread, threaded()) \
  X(child, child()) \
  X(exec, execl("/bin/true", "true", (char*)NULL))
ACTS(ACT)
#define ROW(name, value) {#name, act_##name},
static const struct Act acts[] = {ACTS(ROW)};

int main(int count, char** arguments) {
  if (count != 3) return 3;
  const struct Act* act = acts;
  while (strcmp(act->name, arguments[2]) != 0) {
    if (++act == acts + sizeof acts / sizeof *acts) return 3;
  }
  first = open("there", O_RDWR), second = open("there", O_RDONLY);
  memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sbp_error error;
  sbp_program* policy;
  if (dup2(first, 10) != 10 || dup2(second, 11) != 11 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return 3;
  first = 10, second = 11;
  if (sbp_load_file(arguments[1], &policy, &error) != SBP_OK || sbp_install(policy, 0, NULL, &error) != SBP_OK) {
    fprintf(stderr, "%s\n", error.text);
    return 3;
  }
  const int done = act->run(), why = errno;
  _exit(done == 0 ? 0 : why == EPERM || why == EACCES || why == ENOSYS ? 1 : 2);
}
