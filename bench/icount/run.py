#!/usr/bin/env python3
"""Holds the exact model of x86-64 instructions (compiler/bpf/jit_x86.h) against a machine that counts them: QEMU with `-icount shift=0`.

    run.py --sbpc BINARY [--kernel VMLINUZ] [--work DIR]

Calls that sbpc's filters refuse with an errno, of two policies at four levels, are made in a kernel in QEMU; a report's `x86` of the way that each
takes must differ from the count by the same number for all of them: what surrounds the filter. For numbers behind the kernel's last one it is less by
the difference that jit_x86.h names. The exit code is 0 if it does, 77 with the reason
if QEMU or a kernel is missing (Debian: qemu-system-x86, linux-image-amd64), 1 otherwise.
"""
import argparse
import collections
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "peers")]
import bpf  # noqa: E402
import run as peers  # noqa: E402

POLICIES = ("docker_default", "ioctl64")
LEVELS = ("-O0", "-O1", "-O2", "-Os")
EACH = 4            # of the refused calls without conditions, every so many
SECONDS = 300
MISSING = 77        # as automake's and meson's tests say "skipped"


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(MISSING)


def kernel(path):
    found = path or next(iter(sorted(pathlib.Path("/boot").glob("vmlinuz-*"), reverse=True)), None)
    if found is None:
        skip("no kernel in /boot (Debian: linux-image-amd64; or --kernel VMLINUZ)")
    return found


def jobs_of(policy, level, sbpc, work):
    """[(what, event, predicted x86-64 instructions, program)]."""
    rules = peers.Rules(peers.HERE / f"rules/{policy}.rules")
    file = work / "report.json"
    filter_file = work / "filter.bpf"
    subprocess.run([sbpc, level, f"--report=json:{file}", "-o", str(filter_file), str(peers.POLICIES[policy])], check=True, stderr=subprocess.DEVNULL)
    report = json.loads(file.read_text(encoding="utf-8"))
    program = bpf.read(filter_file.read_bytes())
    refused = [call for call in report["abis"][0]["calls"] if any(verdict.startswith("errno") for verdict in call["verdicts"])]
    simple = [call for call in refused if call["way_count"] == 1][::EACH]
    for call in simple + [call for call in refused if call["way_count"] > 1]:
        ways = {tuple(way["path"]): way for way in call["ways"]}
        for args in rules.sample(call["number"]) if call["way_count"] > 1 else [(0,) * 6]:
            path = []
            word, _ = bpf.run(program, bpf.event(call["number"], args), path)
            way = ways.get(tuple(pc for pc, _ in path))
            if way is not None and bpf.verdict(word).startswith("errno"):
                yield f"{policy} {level} {call['name']}{args[:2]}", (call["number"], args), way["x86"], filter_file.read_bytes()
            if call["way_count"] > 1 and way is None and len(call["ways"]) == call["way_count"]:
                sys.exit(f"{policy} {level}: the report lacks the way {path} of {call['name']}")


def known_since():
    """{number: first kernel}, of the compiler's table."""
    path = HERE.parents[1] / "compiler/target/data/syscalls.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    column, since = rows[0].index("x86_64"), rows[0].index("since")
    return {int(row[column]): tuple(int(part) for part in row[since].split(".")) for row in rows[1:] if row[column].isdigit() and row[since][0].isdigit()}


def unknown_costs_less():
    text = (HERE.parents[1] / "compiler/bpf/jit_x86.h").read_text(encoding="utf-8")
    known, unknown = (int(re.search(rf"kX86Run{which}Nr = (\d+);", text)[1]) for which in ("Known", "Unknown"))
    return known - unknown


def boot(arguments, jobs):
    work = arguments.work
    root = work / "root"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    subprocess.run(["gcc", "-O2", "-static", "-o", str(root / "init"), str(HERE / "init.c")], check=True)
    with (root / "jobs").open("wb") as out:
        for _, (number, args), _, program in jobs:
            out.write(struct.pack("<8Q", number, *args, len(program) // 8) + program)
    image = subprocess.run("find . | cpio -o -H newc --quiet", shell=True, cwd=root, capture_output=True, check=True).stdout
    (work / "initrd").write_bytes(image)
    command = ["qemu-system-x86_64", "-accel", "tcg", "-icount", "shift=0,sleep=off", "-m", "256", "-nographic", "-no-reboot", "-net", "none", "-kernel", str(kernel(arguments.kernel)),
               "-initrd", str(work / "initrd"), "-append", "console=ttyS0 quiet panic=-1 mitigations=off"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL, check=False, errors="replace")
    if "finished" not in done.stdout:
        sys.exit(f"the machine did not finish:\n{done.stdout[-2000:]}{done.stderr[-500:]}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("--kernel", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, default=HERE.parents[1] / "build/icount")
    arguments = parser.parse_args()
    for name in ("qemu-system-x86_64", "gcc", "cpio"):
        if not shutil.which(name):
            skip(f"{name} is not installed")
    kernel(arguments.kernel)
    arguments.work.mkdir(parents=True, exist_ok=True)
    jobs = [job for policy in POLICIES for level in LEVELS for job in jobs_of(policy, level, arguments.sbpc, arguments.work)]
    said = boot(arguments, jobs)
    counts, version = {}, (0, 0)
    for line in said.splitlines():
        words = line.split()
        if words[:1] == ["job"] and len(words) == 3:
            counts[int(words[1])] = int(words[2])
        elif line.startswith("/proc"):
            print(line)
        if "osrelease" in line:
            version = tuple(int(part) for part in line.split()[1].split(".")[:2])
    last, less = max(number for number, since in known_since().items() if since <= version), unknown_costs_less()
    for index, (_, (number, _), _, _) in enumerate(jobs):
        if number > last and index in counts:
            counts[index] += less  # as if it were known: what surrounds the filter is the same for all
    around = {index: count - jobs[index][2] for index, count in counts.items()}
    common, agreeing = collections.Counter(around.values()).most_common(1)[0]
    for index, value in sorted(around.items()):
        if value != common:
            print(f"{jobs[index][0]}: counted {counts[index]}, predicted {jobs[index][2] + common}")
    print(f"{agreeing} of {len(jobs)} runs as predicted, {common} instructions around the filter (this reading's own among them)")
    sys.exit(0 if agreeing == len(jobs) else 1)


if __name__ == "__main__":
    main()
