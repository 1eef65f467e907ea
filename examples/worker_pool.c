// worker_pool.c MAIN.bpf DECODER.bpf LOGGER.bpf [ACT]: threads with a filter each, as a virtual machine monitor's vmm, api and vcpu.
// ACT, for the test: `open` makes the decoder open a file, `socket` the logger a socket, `exec` the main thread another program.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "install.h"

static char** files;
static const char* act = "";
static int pipe_ends[2];

static void* decode(void* unused) {
  (void)unused;
  char data[16];
  if (install(files[2]) != 0) return "decoder: no filter";
  if (strcmp(act, "open") == 0 && open("/etc/passwd", O_RDONLY) < 0) return "decoder: open refused";
  return read(pipe_ends[0], data, sizeof data) == 4 ? "decoder: read 4 bytes" : "decoder: read failed";
}

static void* log_line(void* unused) {
  (void)unused;
  if (install(files[3]) != 0) return "logger: no filter";
  if (strcmp(act, "socket") == 0 && socket(AF_INET, SOCK_STREAM, 0) < 0) return "logger: socket refused";
  return write(2, "log\n", 4) == 4 ? "logger: wrote" : "logger: write failed";
}

int main(int argc, char** argv) {
  if (argc < 4 || pipe(pipe_ends) != 0) return 2;
  files = argv;
  if (argc > 4) act = argv[4];
  pthread_t decoder, logger;
  void *first, *second;
  if (pthread_create(&decoder, NULL, decode, NULL) != 0 || pthread_create(&logger, NULL, log_line, NULL) != 0) return 3;
  if (install(argv[1]) != 0) return 4;
  if (strcmp(act, "exec") == 0 && execl("/bin/true", "true", (char*)NULL) < 0) puts("main: exec refused");
  if (write(pipe_ends[1], "data", 4) != 4) return 5;
  pthread_join(decoder, &first);
  pthread_join(logger, &second);
  printf("%s\n%s\n", (char*)first, (char*)second);
  return 0;
}
