#!/usr/bin/env python3
"""How checking grows with the policy: 1,000 to 20,000 rules in up to 100 files; tab separated, with the peak of memory. Times are of the
processor (user and system, the least of five runs), so that what else a machine does counts little.

    bench_scale.py SBPC [--check]     --check fails above 1 s or 200 MB for 20,000 rules, or if time grows faster than the rules

The rules are spread over 250 calls and many arguments, as a policy grown over years in many files would be: allowed values and sets of
values, flags, masks, a few denials, named constants.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile

SIZES = (1000, 2000, 5000, 10000, 20000)
RUNS = 5
MOST_SECONDS, MOST_MB, MOST_GROWTH = 1.0, 200, 1.6
# Calls with a number among their first arguments.
CALLS = ("read fd|write fd|close fd|lseek fd|ioctl request|fcntl cmd|openat flags|socket domain|setsockopt optname|getsockopt optname|bind sockfd|"
         "connect sockfd|listen backlog|accept4 flags|sendto flags|recvfrom flags|shutdown how|mmap prot|mprotect prot|madvise advice|futex op|"
         "epoll_ctl op|epoll_pwait maxevents|dup3 flags|pipe2 flags|prctl option|kill sig|tgkill sig|clone flags|unshare flags|setns nstype|"
         "waitid which|timerfd_create clockid|timerfd_settime flags|clock_gettime clockid|clock_nanosleep flags|eventfd2 flags|"
         "inotify_init1 flags|signalfd4 flags|fallocate mode|sync_file_range flags|splice flags|tee flags|vmsplice flags|"
         "renameat2 flags|linkat flags|unlinkat flag|faccessat2 flags|statx mask|memfd_create flags|getrandom flags|seccomp operation|bpf cmd|"
         "keyctl operation|perf_event_open flags|sched_setscheduler policy|setpriority niceval|ioprio_set ioprio|umask mask|msgget msgflg|"
         "semget nsems|shmget shmflg|mlock2 flags|mlockall flags|mremap flags|msync flags|preadv2 flags|pwritev2 flags|copy_file_range flags").split("|")


def rule(i):
    call, arg = CALLS[i % len(CALLS)].split()
    value = 3 + i // len(CALLS) * 7
    kind = i % 10
    if kind < 6:
        return f"allow {call}({arg} == {value});"
    if kind < 8:
        return f"allow {call}({arg} in {{ {value}, {value + 2}, {value + 5} }});"
    if kind == 8:
        return f"errno(EPERM) {call}({arg} == {value + 1});"
    return f"allow {call}({arg} & 0xffff == {value}, $3 == {i % 5});"


def write(folder, rules):
    files = min(100, rules // 10)
    imports, uses = [], []
    for f in range(files):
        body = "\n".join("  " + rule(i) for i in range(f, rules, files))
        (folder / f"part{f}.sb").write_text(f"/// Part {f}.\nrules part {{\n{body}\n}}\n", encoding="utf-8")
        imports.append(f'import "part{f}.sb";')
        uses.append(f"  use part{f}.part;")
    policy = "policy scale on x86_64 {\n  kernel 6.12;\n  default errno(ENOSYS);\n" + "\n".join(uses) + "\n  allow exit_group, rt_sigreturn;\n}\n"
    (folder / "scale.sb").write_text("\n".join(imports) + "\n\n" + policy, encoding="utf-8")
    return files


def used():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(sbpc, folder):
    """(least seconds of the processor, peak MB)."""
    least = float("inf")
    for _ in range(RUNS):
        start = used()
        done = subprocess.run([sbpc, "check", str(folder / "scale.sb"), "-Werror=no-kernel"], capture_output=True, text=True, check=False)
        least = min(least, used() - start)
        if done.returncode != 0:
            sys.exit(f"sbpc check: exit {done.returncode}\n{done.stderr[:2000]}")
    return least, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main():
    sbpc, strict = sys.argv[1], "--check" in sys.argv[2:]
    print("# python3 test/support/bench_scale.py SBPC; ms of the processor on the machine that wrote it")
    print("rules\tfiles\tms\tpeak MB\tus per rule")
    seconds, peak = {}, 0.0
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="sbpc-scale-") as scratch:
            files = write(pathlib.Path(scratch), size)
            seconds[size], peak = measure(sbpc, pathlib.Path(scratch))
        print(f"{size}\t{files}\t{seconds[size] * 1000:.0f}\t{peak:.0f}\t{seconds[size] / size * 1e6:.1f}", flush=True)
    growth = seconds[SIZES[-1]] / SIZES[-1] / (seconds[SIZES[1]] / SIZES[1])
    print(f"# time per rule at {SIZES[-1]} is {growth:.2f} times that at {SIZES[1]}")
    if strict and (seconds[SIZES[-1]] > MOST_SECONDS or peak > MOST_MB or growth > MOST_GROWTH):
        sys.exit(f"too slow, too large or not linear: at most {MOST_SECONDS} s, {MOST_MB} MB, {MOST_GROWTH} times")


if __name__ == "__main__":
    main()
