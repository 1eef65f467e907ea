#!/usr/bin/env python3
"""The test cases of seccomp-scopes (a27d447) and extrasafe (b56d18c), told anew and run under std.pledge and std.extrasafe.

    cases.py --sbpc BINARY --build DIR pledge|extrasafe

A case is what is promised or enabled, an act of inputs/acts.c, and whether it works: `ok`, or `no` for death by SIGSYS (pledge) or an
error (extrasafe), as their tests expect. A fourth word is the reason where the expectation is ours and not theirs.
"""
import argparse
import pathlib
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLEDGE = """
stdio             | print advise heap copy time                       | ok
                  | print heap advise copy                            | no
stdio             | thread                                            | ok | on OpenBSD stdio has threads
stdio             | execute_memory child exec               | no | on OpenBSD these are prot_exec, proc and exec
stdio rpath       | open_read                                         | ok
stdio wpath       | open_read                                         | no
stdio             | open_read                                         | no
stdio wpath cpath | create                                            | ok
stdio wpath       | create                                            | no
stdio rpath       | create                                            | no
stdio             | create                                            | no
stdio wpath       | open_write open_append                            | ok
stdio rpath       | open_write open_append                            | no
stdio             | open_write open_append                            | no
stdio rpath wpath | open_both                                         | ok
stdio wpath       | open_both                                         | no
stdio rpath       | open_both                                         | no
stdio rpath       | open_read_cloexec                                 | ok | there O_CLOEXEC is refused
stdio rpath       | open_truncate                                     | no
stdio cpath       | unlink create_new                                 | ok
stdio cpath       | open_read create_read create_both create_set_id   | no | O_CREAT alone gives nobody reading, and set-id bits are refused
stdio rpath cpath | create_read                                       | ok
stdio rpath wpath cpath | create_both create open_both open_read      | ok
stdio tmppath     | create_both unlink open_read                      | ok | wider than OpenBSD's, which looks at the path
stdio             | tcp udp                                           | no
stdio inet        | tcp tcp6 udp udp6                                 | ok
stdio inet        | x25 raw                                           | no
stdio inet        | tcp_cloexec                                       | ok | there SOCK_CLOEXEC is refused
stdio inet        | xdp packet                                        | no | there the family is compared with the type
stdio inet        | open_read                                         | no
stdio unix        | bind_unix                                         | ok
stdio proc        | child                                             | ok
stdio proc        | exec                                              | no
"""
EXTRASAFE = """
basic_capabilities                     | heap                                | ok
basic_capabilities                     | open_read write_first create        | no
stdout stderr basic_capabilities       | sleep                               | no
stdout stderr threads_sleep            | sleep print_error                   | ok
open_readonly read metadata close      | open_both open_append create create_read create_new | no
open_readonly read metadata close      | open_read stat_first                | ok
open_readonly read metadata close      | open_truncate                       | no | there it passes and empties the file
running_sockets threads_create         | send                                | ok
running_sockets threads_create         | bind_tcp bind_udp                   | no
start_tcp_servers threads_create       | bind_tcp bind_tcp6                  | ok
start_tcp_servers threads_create       | bind_udp bind_udp6                  | no
start_udp_servers threads_create       | bind_udp bind_udp6                  | ok
start_udp_servers threads_create       | bind_tcp bind_tcp6                  | no
start_unix_servers threads_create      | bind_unix                           | ok
start_unix_servers threads_create      | bind_tcp bind_udp                   | no
start_unix_servers threads_create      | packet                              | no | there AF_PACKET passes a mask of AF_UNIX
start_tcp_clients                      | tcp tcp6                            | ok
start_tcp_clients                      | udp bind_tcp                        | no
start_tcp_clients                      | raw                                 | no | there SOCK_RAW passes a mask of SOCK_STREAM
read stdout stderr metadata close      | print print_error read_first        | ok
file_read(file:10) file_read(file:11)  | read_first read_second              | ok
stdout file_read(file:10) file_write(file:10) close | read_first write_first stat_first print | ok
stdout file_read(file:10) file_write(file:10) close | open_read read_second  | no
threads_create basic_capabilities      | thread                              | ok
threads_create                         | create                              | no
everything                             | open_read create unlink read_first  | ok
ioctl                                  | open_read                           | no
"""
UNSAFE = {"threads_sleep", "start_tcp_servers", "start_udp_servers", "start_unix_servers", "everything", "fork_and_exec", "open"}
# What a process does to end, and to be told that a thread has ended; those libraries' users have it from elsewhere.
END = {"pledge": "allow exit_group;", "extrasafe": "allow exit_group, futex, exit, set_robust_list, rseq, rt_sigprocmask, mmap, mprotect, munmap, madvise;"}


def cases(text):
    for line in text.strip("\n").splitlines():
        granted, acts, expected, *_ = (part.strip() for part in line.split("|"))
        for act in acts.split():
            yield tuple(granted.split()), act, expected


def policy(module, granted):
    if module == "pledge":
        uses = f"use pledge.promises({', '.join(f'{promise}: true' for promise in granted)});" if granted else ""
        return f"import std.pledge; policy p {{ kernel 6.12; default kill_process; {END[module]} {uses} }}\n"
    uses = " ".join(f"use {'unsafe ' if name in UNSAFE else ''}extrasafe.{name};" for name in granted)
    return f"import std.extrasafe; policy p {{ kernel 6.12; default errno(EPERM); {END[module]} {uses} }}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("module", choices=("pledge", "extrasafe"))
    arguments = parser.parse_args()
    wrong = count = 0
    with tempfile.TemporaryDirectory(prefix="sbpc-cases-") as name:
        folder, filters = pathlib.Path(name), {}
        subprocess.run(["gcc", "-O1", "-w", f"-I{ROOT}/runtime/include", "-o", folder / "acts", ROOT / "test/stdlib/inputs/acts.c",
                        arguments.build / "runtime/libsbp.a", "-pthread"], check=True)
        for granted, act, expected in cases({"pledge": PLEDGE, "extrasafe": EXTRASAFE}[arguments.module]):
            if granted not in filters:
                source, out = folder / f"{len(filters)}.sb", folder / f"{len(filters)}.bpf"
                source.write_text(policy(arguments.module, granted), encoding="utf-8")
                subprocess.run([arguments.sbpc, source, "-o", out], check=True, capture_output=True, text=True)
                filters[granted] = out
            place = folder / f"run-{count}"
            place.mkdir()
            (place / "there").write_text("text of the file\n", encoding="utf-8")
            done = subprocess.run([folder / "acts", filters[granted], act], cwd=place, capture_output=True, text=True, timeout=20, check=False)
            refused = done.returncode == (-signal.SIGSYS if arguments.module == "pledge" else 1)
            count += 1
            if not (refused if expected == "no" else done.returncode == 0):
                wrong += 1
                print(f"{' '.join(granted) or 'nothing'}: {act}: expected {expected}, ended with {done.returncode} {done.stderr}")
    print(f"{arguments.module}: {count} cases, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
