// What a static musl program does with files, memory, threads and the clock; its argument names an act that its policy refuses.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void* half(void* of) {
  struct timespec moment = {0, 1000000};
  nanosleep(&moment, NULL);
  *(int*)of /= 2;
  return of;
}

int main(int count, char** arguments) {
  const char* act = count > 1 ? arguments[1] : "";
  if (strcmp(act, "write") == 0 && fopen("x", "w") == NULL) {
    perror("x");
    return 1;
  }
  if (strcmp(act, "socket") == 0) return socket(AF_INET, SOCK_STREAM, 0) < 0;
  if (strcmp(act, "fork") == 0) return fork() < 0;
  int value = 84;
  pthread_t thread;
  if (pthread_create(&thread, NULL, half, &value) != 0 || pthread_join(thread, NULL) != 0) return 1;
  char* memory = malloc(1 << 20);
  memset(memory, 1, 1 << 20);
  free(memory);
  FILE* file = fopen("/etc/passwd", "r");
  char line[256];
  if (file == NULL || fgets(line, sizeof line, file) == NULL) return 1;
  fclose(file);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  printf("%d %.4s %d\n", value, line, now.tv_sec > 0);
  return 0;
}
