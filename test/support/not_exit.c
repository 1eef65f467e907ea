// not_exit CODE COMMAND...: succeeds if the command exits with that code, or dies by the signal -CODE, and with nothing else. A program and not a
// script: hundreds of tests start it.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: not_exit CODE COMMAND...\n");
    return 2;
  }
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    perror("not_exit");
    return 2;
  }
  const int code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  if (code == atoi(argv[1])) return 0;
  fprintf(stderr, "exit code %d instead of %s\n", code, argv[1]);
  return 1;
}
