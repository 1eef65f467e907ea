// media_parser.c POLICY.bpf IMAGE.ppm [ACT]: opens a picture, gives up everything but reading, writing and memory, then parses it.
// ACT, for the test: `open`, `socket` or `exec`, which the parser then tries as if it had been taken over.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "install.h"

static void misbehave(const char* act) {
  if (strcmp(act, "open") == 0) open("/etc/passwd", O_RDONLY);
  if (strcmp(act, "socket") == 0) socket(AF_INET, SOCK_STREAM, 0);
  if (strcmp(act, "exec") == 0) execl("/bin/true", "true", (char*)NULL);
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  FILE* picture = fopen(argv[2], "r");
  if (picture == NULL || install(argv[1]) != 0) return 3;
  if (argc > 3) misbehave(argv[3]);

  unsigned width, height, depth;
  if (fscanf(picture, "P6 %u %u %u", &width, &height, &depth) != 3 || width > 10000 || height > 10000) return 4;
  fgetc(picture);
  const size_t size = (size_t)width * height * 3;
  unsigned char* pixels = malloc(size);
  if (pixels == NULL || fread(pixels, 1, size, picture) != size) return 5;
  unsigned long sum = 0;
  for (size_t i = 0; i < size; ++i) sum += pixels[i];
  printf("%ux%u, mean %lu\n", width, height, size ? sum / size : 0);
  free(pixels);
  return 0;
}
