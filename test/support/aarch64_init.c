/* The first process of a machine that test/support/aarch64_vm.py starts: runs each line of /commands, words between blanks, and tells how it ended. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_WORDS = 32 };

static int run(char* line) {
  char* words[MOST_WORDS + 1] = {NULL};
  int count = 0;
  for (char* word = strtok(line, " \n"); word != NULL && count < MOST_WORDS; word = strtok(NULL, " \n")) words[count++] = word;
  pid_t pid = fork();
  if (pid == 0) {
    dup2(1, 2);
    execv(words[0], words);
    perror(words[0]);
    _exit(127);
  }
  int status;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return 255;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void) {
  mount("proc", "/proc", "proc", 0, NULL);
  mount("dev", "/dev", "devtmpfs", 0, NULL);
  mount("tmp", "/tmp", "tmpfs", 0, NULL);
  mount("sys", "/sys", "sysfs", 0, NULL);
  setenv("PATH", "/", 1);
  FILE* commands = fopen("/commands", "r");
  char line[4096];
  for (int number = 0; commands != NULL && fgets(line, sizeof line, commands) != NULL; number++) {
    printf("[begin %d]\n", number);
    fflush(stdout);
    int code = run(line);
    printf("\n[end %d: %d]\n", number, code);
    fflush(stdout);
  }
  sync();
  reboot(RB_POWER_OFF);
  return 0;
}
