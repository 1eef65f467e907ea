"""Compiles what `sbpc export --to libseccomp-c` writes against libseccomp, and proves the filter that it makes equal to the policy.

    libseccomp_c.py SBPC COUNT FILE...     FILE's policies `p`, and COUNT random ones
"""
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import random_policy

MAIN = '''
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
  scmp_filter_ctx filter;
  int rc = p_filter(&filter);
  if (rc != 0 || argc != 2) {
    fprintf(stderr, "p_filter: %s\\n", strerror(-rc));
    return 1;
  }
  rc = seccomp_export_bpf(filter, open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600));
  seccomp_release(filter);
  return rc == 0 ? 0 : 1;
}
'''


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=120)


def check(sbpc, policy, folder):
    """Why it is not the same filter; empty if it is; None if the policy cannot be exported."""
    source, program, filter_ = folder / "made.c", folder / "made", folder / "made.bpf"
    done = run(sbpc, "export", policy, "--to", "libseccomp-c", "-o", source)
    if done.returncode == 1 and re.search(r"SB710\d", done.stderr):
        return None
    if done.returncode:
        return done.stderr
    alone = run("cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-c", "-o", folder / "made.o", source)
    if alone.returncode:
        return alone.stderr
    source.write_text(source.read_text(encoding="utf-8") + MAIN, encoding="utf-8")
    for command in (("cc", "-o", program, source, "-lseccomp"), (program, filter_), (sbpc, "prove", "--equal", policy, filter_)):
        done = run(*command)
        if command[0] == sbpc and filter_.stat().st_size > 4096 * 8:
            return None  # libseccomp's program is longer than the kernel takes
        if done.returncode:
            return f"{command[0]}: {done.stdout}{done.stderr}"
    return ""


def main():
    sbpc, count, files = sys.argv[1], int(sys.argv[2]), [pathlib.Path(name) for name in sys.argv[3:]]
    equal, wrong = 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for seed in range(count):
            chance = random.Random(seed)
            policy = folder / f"random{seed}.sb"
            # Numbers from 2^31 on are another ABI's to libseccomp, and none's to the policy: the same answer hides that.
            denial = chance.choice(["kill_process", "kill_thread", "errno(EPERM)"])
            policy.write_text(random_policy.text(chance, chance.choice(["x86_64", "aarch64", "x86_64, i386"]), denial, denial), encoding="utf-8")
            files.append(policy)
        for policy in files:
            why = check(sbpc, policy, folder)
            equal += why == ""
            if why:
                wrong += 1
                print(f"WRONG {policy.name}: {why[:800]}\n{policy.read_text(encoding='utf-8')}")
    print(f"{equal} filters of libseccomp proved equal, {len(files) - equal - wrong} not exported; {wrong} wrong")
    return 1 if wrong or not equal else 0


if __name__ == "__main__":
    sys.exit(main())
