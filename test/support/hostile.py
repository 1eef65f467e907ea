#!/usr/bin/env python3
"""Hostile policies: each must be answered, with an error or a program, in little time and memory.

    hostile.py SBPC [NAME...]

Each input runs under a limit of 256 MB of address space and some seconds of processor time; a crash, an abort or a signal fails. Prints a
line each.
"""
import pathlib
import resource
import subprocess
import sys
import tempfile

MEGABYTES = 256
SECONDS = 30  # of processor time, for an unoptimised build; an optimised one takes a tenth
PATIENCE = 600  # of wall time, on a busy machine

HEAD = "policy p on x86_64 { kernel 6.12; default kill_process; "


def many(count, make):
    return "".join(make(i) for i in range(count))


def chain(depth, body, last, first):
    """Rule sets that each use the next one twice."""
    sets = many(depth, lambda i: f"rules r{i}{first} {{ {body.format(next=f'r{i + 1}')} }}\n")
    return sets + f"rules r{depth}{first} {{ {last} }}\n"


INPUTS = {
    # rule sets
    "doubling to 2^30": chain(30, "use {next}; use {next};", "allow read;", "") + HEAD + "use r0; }",
    "doubling with other arguments": chain(30, "use {next}(n: 2 * n); use {next}(n: 2 * n + 1);", "allow read(fd == 1, count == n);", "(n: u64)")
                                     + HEAD + "use r0(n: 0); }",
    "sets that use themselves": "rules a { use b; } rules b { use c; } rules c { use a; } " + HEAD + "use a; }",
    "a set that uses itself": "rules a { use a; use a; } " + HEAD + "use a; }",
    "1,000 sets in a row": chain(1000, "use {next};", "allow read;", "") + HEAD + "use r0; }",
    "overrides 250 deep": HEAD + "allow read; " + "override { " * 250 + "errno(1) read; " + "}" * 250 + " }",
    # values
    "groups in a circle": "group a = { @b }; group b = { @a }; " + HEAD + "allow @a; }",
    "groups that double": many(30, lambda i: f"group g{i} = {{ @g{i + 1}, @g{i + 1} }};\n") + "group g30 = { read };\n" + HEAD + "allow @g0; }",
    "sets that double": many(30, lambda i: f"const s{i} = {{ s{i + 1}, s{i + 1} }};\n") + "const s30 = { 1, 2 };\n" + HEAD + "allow read(fd in s0); }",
    "constants that double": many(60, lambda i: f"const c{i} = c{i + 1} + c{i + 1};\n") + "const c60 = 1;\n" + HEAD + "allow read(count == c0); }",
    "constants 10,000 deep": many(10000, lambda i: f"const c{i} = c{i + 1};\n") + "const c10000 = 1;\n" + HEAD + "allow read(count == c0); }",
    "a set of 100,000": HEAD + "allow read(count in { " + many(100000, lambda i: f"{i * 7919 % 2**40}, ") + "}); }",
    "a range of everything": HEAD + "allow read(count in 0..0xffff_ffff_ffff_ffff); }",
    "shifts past the end": "const A = 1 << 63 << 63; " + HEAD + "allow read(count == A); }",
    "a number of 100,000 digits": HEAD + f"allow read(count == {'9' * 100000}); }}",
    # text
    "100,000 brackets": HEAD + "allow read(" + "(" * 100000 + "fd == 1" + ")" * 100000 + "); }",
    "100,000 nots": HEAD + "allow read(" + "!" * 100000 + "(fd == 1)); }",
    "100,000 ors": HEAD + "allow read(" + " || ".join(f"count == {i}" for i in range(100000)) + "); }",
    "a name of 1 MB": HEAD + "allow " + "a" * 1000000 + "; }",
    "8 MB of comment": "//" + "x" * 8000000 + "\n" + HEAD + "allow read; }",
    "1 MB of braces": "{" * 1000000,
    "1 MB of quotes": '"' * 1000000,
    "1 MB of zeros": "0" * 1000000,
    # meaning
    "20,000 conditions on one call": HEAD + many(20000, lambda i: f"allow read(fd == {i % 500}, count == {i});\n") + "}",
    "300 masks on one call": HEAD + many(300, lambda i: f"allow read(count & {(i * 2654435761 + 1) % 2**32:#x} == {(i % 7) & ((i * 2654435761 + 1) % 2**32)});\n") + "}",
    "64 products over distant arguments": HEAD + many(64, lambda i: f"allow mmap($0 == {i} , $3 == {i}); allow mmap($1 == {i}, $4 == {i}); "
                                                                    f"allow mmap($2 == {i}, $5 == {i});\n") + "}",
    "asserts on all of that": HEAD + many(64, lambda i: f"allow mmap($0 == {i}, $3 == {i}); allow mmap($1 == {i}, $4 == {i});\n")
                              + many(50, lambda i: f"assert never allow mmap($0 == {i}, $3 == {i + 1}, $1 == 7, $4 == 8);\n") + "}",
    "200 run-time parameters": HEAD + many(200, lambda i: f"runtime param h{i}: fd; ") + many(200, lambda i: f"allow read(fd == h{i}); ") + "}",
    "3,000 overrides, a number each": HEAD + "allow ioctl; " + many(3000, lambda i: f"override errno({i % 4000 + 1}) ioctl(request == {i * 7919 + 1});\n") + "}",
    "3,000 overrides of two arguments": HEAD + "allow ioctl; " + many(3000, lambda i: f"override errno({i % 4 + 1}) ioctl(request == {i + 1}, fd == {i * 7 % 1000});\n") + "}",
    "3,000 statements that never decide": HEAD + "allow ioctl; " + many(3000, lambda i: f"override errno(1) ioctl(request has {i + 1});\n") + "}",
    "100,000 targets": HEAD + "allow " + ", ".join(f"read(count == {i})" for i in range(100000)) + "; }",
    "24 run-time bools": HEAD + many(24, lambda i: f"runtime param b{i}: bool; ") + many(24, lambda i: f"if (b{i}) {{ allow read(fd == {i}); }} ") + "}",
    "2,000 policies": many(2000, lambda i: f"policy p{i} on x86_64 {{ kernel 6.12; default kill_process; allow read; }}\n"),
    "1,000 parameters": "rules r(" + many(1000, lambda i: f"p{i}: u32 = {i}, ") + ") { " + many(1000, lambda i: f"allow read(fd == p{i}); ") + "} " + HEAD + "use r; }",
    "all 26 ABIs": "policy p on x86_64, i386, x32, aarch64, arm, riscv64, riscv32, loongarch64, s390x, s390, ppc64le, ppc64, ppc, mips, mipsel, mips64, mipsel64, "
                   "mips64n32, mipsel64n32, parisc, parisc64, sh, sheb, m68k, sparc, sparc64 { kernel 6.12; default kill_process; allow read, write(fd == 1); }",
}


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(sbpc, name, path):
    """What is wrong, or nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run([sbpc, "check", path], capture_output=True, timeout=PATIENCE, preexec_fn=limit, check=False)
    except subprocess.TimeoutExpired:
        return f"no answer after {PATIENCE} s"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took, peak = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss / 1024
    print(f"{name}\texit {done.returncode}\t{took:.2f} s\tlargest so far {peak:.0f} MB")
    if done.returncode not in (0, 1):
        return f"exit {done.returncode}: {done.stderr[-300:].decode(errors='replace')}"
    if done.returncode == 1 and b"error" not in done.stderr:
        return "refused without a reason"
    return None


def main():
    sbpc, wanted = sys.argv[1], sys.argv[2:]
    problems = []
    with tempfile.TemporaryDirectory(prefix="sbpc-hostile-") as scratch:
        path = pathlib.Path(scratch) / "p.sb"
        for name, text in INPUTS.items():
            if wanted and name not in wanted:
                continue
            path.write_text(text, encoding="utf-8")
            problem = run(sbpc, name, str(path))
            if problem:
                problems.append(f"{name}: {problem}")
    print("\n".join(problems) or "all answered")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
