#!/usr/bin/env python3
"""What starting under a policy takes: `sbpc run` over the command alone, sbp_install() over the two calls that it makes, ten values set.

    run.py --sbpc BINARY [--rounds N] [--work DIR]      -> TSV on standard output
    run.py --table results.tsv                          -> the table of docs/performance.md

measure.c does each pair in turn, in processes of their own. `run` compiles the policy, proves it, installs it and watches the command. Times are the
least of all rounds, in microseconds: what else the machine does only adds to them. `processor` is what of `over` is processor time.
"""
import argparse
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COLUMNS = ["what", "bare", "with", "over", "ratio", "processor"]
FIRST = 'import std.runtime;\npolicy first on x86_64 {\n  kernel 6.12;\n  default errno(EPERM);\n  use runtime.command;\n}\n'
TRUE = "/bin/true"
# Ten run-time parameters in a program of more than 500 instructions.
HOLES = "\n".join(["policy holes on x86_64 {", "  kernel 6.12;", "  default errno(EPERM);",
                   *(f"  runtime param f{i}: fd;" for i in range(6)), "  runtime param at: u64;", *(f"  runtime param b{i}: bool;" for i in range(3)),
                   "  allow read(fd == f0), write(fd == f1), sendto(fd == f2), recvfrom(fd == f3), accept4(fd == f4), close(fd == f5), pread64(offset == at);",
                   "  if (b0) { allow socket(domain == AF_INET); }", "  if (b1) { allow bind, connect; }", "  if (b2) { allow openat(flags & O_ACCMODE == O_RDONLY); }",
                   f"  allow ioctl(request in {{{', '.join(hex(0x5400 + 7 * i) for i in range(320))}}});", "}", ""])


def build(work):
    program = work / "measure"
    subprocess.run(["gcc", "-O2", "-std=gnu11", f"-I{ROOT}/runtime/include", f"-I{ROOT}/compiler", "-o", program, HERE / "measure.c",
                    *sorted((ROOT / "runtime/src").glob("*.c"))], check=True)
    return program


def rounds_of(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return [tuple(int(word) for word in line.split()) for line in done.stdout.splitlines()]


def row(what, pairs):
    bare, with_it = (min(pair[i] for pair in pairs) / 1000 for i in (0, 1))
    spent = f"{(min(pair[3] for pair in pairs) - min(pair[2] for pair in pairs)) / 1000:.0f}" if len(pairs[0]) == 4 else ""
    print(f"{what}\t{bare:.1f}\t{with_it:.1f}\t{with_it - bare:.1f}\t{with_it / bare:.3f}\t{spent}", flush=True)


def run(arguments):
    arguments.work.mkdir(parents=True, exist_ok=True)
    measure = build(arguments.work)
    first = arguments.work / "first.sb"
    first.write_text(FIRST, encoding="utf-8")
    print("\t".join(COLUMNS))
    policies = {"a policy of five lines": first, "Docker's default profile": ROOT / "examples/docker-default.sb"}
    for name, policy in policies.items():
        row(f"sbpc run, {name}", rounds_of([measure, "spawn", arguments.rounds, TRUE, "--", arguments.sbpc, "run", policy, "--", TRUE]))
    row("sbpc run --trace, a policy of five lines",
        rounds_of([measure, "spawn", arguments.rounds, TRUE, "--", arguments.sbpc, "run", "--trace", first, "--", TRUE]))
    program = arguments.work / "policy.bpf"
    subprocess.run([arguments.sbpc, first, "-o", program], check=True, stderr=subprocess.DEVNULL)
    row("sbpc run, the five lines compiled before", rounds_of([measure, "spawn", arguments.rounds, TRUE, "--", arguments.sbpc, "run", program, "--", TRUE]))
    for name, policy in policies.items():
        subprocess.run([arguments.sbpc, policy, "--target", "x86_64", "-o", program], check=True, stderr=subprocess.DEVNULL)
        rounds = rounds_of([measure, "install", arguments.rounds, program])
        size = program.stat().st_size // 8
        for index, what in enumerate(["sbp_install", "sbp_install_array", "sbp_load and sbp_install", "the same, not the first sbp_load"]):
            row(f"{what}, {size} instructions", [(times[0], times[index + 1]) for times in rounds])
    patched(arguments, measure)
    kernel = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"# kernel {kernel}, {arguments.rounds} rounds")


def patched(arguments, measure):
    source, program = arguments.work / "holes.sb", arguments.work / "holes.sbp"
    source.write_text(HOLES, encoding="utf-8")
    subprocess.run([arguments.sbpc, source, "-o", program], check=True, stderr=subprocess.DEVNULL)
    listing = subprocess.run([arguments.sbpc, "disasm", program], check=True, capture_output=True, text=True).stdout
    size = int(re.search(r"(\d+) instructions", listing)[1])
    assert size >= 500, size
    best = min(time for time, in rounds_of([measure, "patch", arguments.rounds, program]))
    print(f"ten values set, {size} instructions\t\t{best / 1000:.2f}\t\t\t", flush=True)


def table(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    out = ["| what | alone, us | with it, us | over, us | ratio | of it processor time, us |", "|---|---|---|---|---|---|"]
    out += ["| " + " | ".join(line.split("\t")) + " |" for line in lines[1:] if not line.startswith("#")]
    return "\n".join([*out, "", *(line[2:].capitalize() + "." for line in lines if line.startswith("#"))]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc")
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/start")
    parser.add_argument("--table", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.table:
        print(table(arguments.table), end="")
    else:
        run(arguments)


if __name__ == "__main__":
    main()
