// tcp_echo.c: sends back what it receives, on the listening descriptor that its argument names. `quit` ends it.
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
  const int listening = argc > 1 ? atoi(argv[1]) : 3;
  for (;;) {
    const int client = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) return 1;
    char data[4096];
    ssize_t got;
    while ((got = recv(client, data, sizeof data, 0)) > 0) {
      if (got >= 4 && memcmp(data, "quit", 4) == 0) return 0;
      send(client, data, (size_t)got, MSG_NOSIGNAL);
    }
    close(client);
  }
}
