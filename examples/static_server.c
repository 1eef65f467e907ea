// static_server.c: serves the files of the working directory over HTTP/1.0, on the listening descriptor that its
// argument names (3 without one).
// Run it as its policy's first line says. One connection at a time: it is here to be protected, not to be fast.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void answer(int client) {
  char request[2048], path[1024] = "index.html";
  const ssize_t got = recv(client, request, sizeof request - 1, 0);
  if (got <= 0) return;
  request[got] = 0;
  if (sscanf(request, "GET /%1023s", path) != 1 || strstr(path, "..") != NULL) strcpy(path, "index.html");
  const int flags = strcmp(path, "try-to-write") == 0 ? O_WRONLY | O_CREAT : O_RDONLY | O_CLOEXEC;   // a bug, to see it stopped
  const int file = open(path, flags, 0600);
  struct stat about;
  if (file < 0 || fstat(file, &about) != 0) {
    send(client, "HTTP/1.0 404 Not Found\r\n\r\n", 26, MSG_NOSIGNAL);
    return;
  }
  send(client, "HTTP/1.0 200 OK\r\n\r\n", 19, MSG_NOSIGNAL);
  sendfile(client, file, NULL, (size_t)about.st_size);
  close(file);
}

int main(int argc, char** argv) {
  const int listening = argc > 1 ? atoi(argv[1]) : 3;
  for (;;) {
    const int client = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) return 1;
    answer(client);
    close(client);
  }
}
