/* pledge_cat.c: cat(1) that promises what OpenBSD's does: `stdio rpath` to begin with, `stdio` once its files are open.
 *
 *     cc pledge_cat.c -lsbp -o pledge_cat && ./pledge_cat FILE...
 *
 * A file that would make it do more, by a bug in whatever reads it, finds neither files nor sockets nor programs.
 */
#include <err.h>
#include <fcntl.h>
#include <sbp.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_FILES = 64, BUFFER = 65536 };

static void copy(int fd, const char *name) {
  static char buffer[BUFFER];
  ssize_t got;
  while ((got = read(fd, buffer, sizeof buffer)) > 0) {
    for (ssize_t done = 0, wrote; done < got; done += wrote) {
      if ((wrote = write(STDOUT_FILENO, buffer + done, (size_t)(got - done))) < 0) err(1, "stdout");
    }
  }
  if (got < 0) err(1, "%s", name);
}

int main(int argc, char **argv) {
  int files[MOST_FILES];
  if (argc - 1 > MOST_FILES) errx(2, "at most %d files", MOST_FILES);
  if (sbp_pledge("stdio rpath", NULL) != 0) err(1, "pledge");
  for (int i = 1; i < argc; i++) {
    files[i - 1] = open(argv[i], O_RDONLY | O_CLOEXEC);
    if (files[i - 1] < 0) err(1, "%s", argv[i]);
  }
  if (sbp_pledge("stdio", NULL) != 0) err(1, "pledge");
  for (int i = 1; i < argc; i++) copy(files[i - 1], argv[i]);
  if (getenv("PLEDGE_CAT_MISBEHAVES") != NULL) (void)!open("/etc/passwd", O_RDONLY); /* for the test: what an attacker would try */
  return 0;
}
