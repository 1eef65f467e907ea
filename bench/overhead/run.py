#!/usr/bin/env python3
"""Filters of sbpc and libseccomp in the running kernel: what twelve workloads take, beside what the model says.

    run.py --sbpc BINARY [--rounds N] [--work DIR]      -> TSV on standard output, the two verdicts at its end as `#` lines
    run.py --table results.tsv                          -> the table of docs/performance.md

Each measurement is a process of its own (measure.c), pinned, with a spacer filter that keeps addresses from repeating; in each round every filter
is measured once, in an order of its own. The workloads: calls that are answered from the kernel's cache, calls whose arguments are checked, calls that
are denied; a fixed call, and a random sequence; under two policies. `ns` is the median over rounds; `over` is that minus the same calls without a filter
(denied calls: minus a number that no call has, since they do not run); `ratio` is the median of the paired ratios of sbpc to the better of libseccomp's two
modes, with its 95 % interval by bootstrap.
"""
import argparse
import pathlib
import random
import statistics
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
import bpf  # noqa: E402

PEERS = ROOT / "bench/peers"
POLICIES = {"docker_default": ROOT / "examples/docker-default.sb", "ioctl64": PEERS / "rules/ioctl64.sb"}
FIXED, RANDOM = 256, 1024  # calls of a batch; so many random ones that a branch predictor does not learn them by heart
BATCHES = 400
BAD_FD = 0xFFFFFFFF   # -1: the call is made and fails at once
UNUSED = 1000         # ENOSYS without a filter
FAR_NS = 10           # pairs predicted to be further apart count for the rank correlation
RESAMPLES = 2000
COLUMNS = ["workload", "filter", "ns", "over", "predicted", "ratio", "low", "high"]

CHEAP = (39, 102, 104, 107, 108, 110, 111, 186)  # getpid getuid getgid geteuid getegid getppid getpgrp gettid
DENIED = (139, 155, 163, 165, 166, 167, 168, 169, 170, 171, 172, 173, 175, 176, 179, 246, 248, 249, 250, 272, 298, 308, 313, 320, 321, 323, 425, 428, 429)
PERSONALITY, SOCKET, IOCTL = 135, 41, 16
BAD_TYPE = 15         # socket: EINVAL before anything is made


def ioctl_values():
    return [int(word.rstrip(",;"), 0) for word in (PEERS / "rules/ioctl64.sb").read_text(encoding="utf-8").split() if word.startswith("0x")]


def workloads():
    """{name: (policy, [(number, args)], the same for a process without a filter)}."""
    rng = random.Random(20261127)
    values = ioctl_values()
    many = lambda make: [make() for _ in range(RANDOM)]
    made = {
        "docker_default, cached, fixed": ("docker_default", [(110, ())] * FIXED),
        "docker_default, cached, random": ("docker_default", many(lambda: (rng.choice(CHEAP), ()))),
        "docker_default, checked, fixed": ("docker_default", [(PERSONALITY, (BAD_FD,))] * FIXED),
        "docker_default, checked, random": ("docker_default", many(lambda: rng.choice([(PERSONALITY, (BAD_FD,)), (SOCKET, (rng.choice((1, 2, 10, 16, 39, 41)), BAD_TYPE))]))),
        "docker_default, denied, fixed": ("docker_default", [(248, ())] * FIXED),
        "docker_default, denied, random": ("docker_default", many(lambda: (rng.choice(DENIED), ()))),
        "ioctl64, cached, fixed": ("ioctl64", [(3, (BAD_FD,))] * FIXED),
        "ioctl64, cached, random": ("ioctl64", many(lambda: (rng.choice((0, 1, 3)), (BAD_FD,)))),
        "ioctl64, checked, fixed": ("ioctl64", [(IOCTL, (BAD_FD, values[40]))] * FIXED),
        "ioctl64, checked, random": ("ioctl64", many(lambda: (IOCTL, (BAD_FD, rng.choice(values))))),
        "ioctl64, denied, fixed": ("ioctl64", [(IOCTL, (BAD_FD, values[40] + 1))] * FIXED),
        "ioctl64, denied, random": ("ioctl64", many(lambda: rng.choice([(IOCTL, (BAD_FD, rng.choice(values) ^ 1)), (rng.choice(CHEAP), ())]))),
    }
    return {name: (policy, calls, [(UNUSED, ())] * FIXED if "denied" in name else calls) for name, (policy, calls) in made.items()}


def sequence(path, calls):
    path.write_bytes(b"".join(struct.pack("<7Q", number, *args, *[0] * (6 - len(args))) for number, args in calls))
    return path


def build(arguments):
    """The measuring program and {policy: {filter: (path, program)}}."""
    work = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    for source, name, libraries in ((HERE / "measure.c", "measure", []), (PEERS / "libseccomp.c", "libseccomp", ["-lseccomp"])):
        subprocess.run(["gcc", "-O2", "-o", work / name, source, *libraries], check=True)
    made = {}
    for policy, path in POLICIES.items():
        commands = {"sbpc": [arguments.sbpc, "-O2", str(path), "-o", "-"]}
        for mode in ("1", "2"):
            commands[f"libseccomp {mode}"] = [str(work / "libseccomp"), str(PEERS / f"rules/{policy}.rules"), mode, "1"]
        made[policy] = {}
        for name, command in commands.items():
            data = subprocess.run(command, capture_output=True, check=True).stdout
            file = work / f"{policy}-{name.replace(' ', '-')}.bpf"
            file.write_bytes(data)
            made[policy][name] = (file, bpf.read(data))
    return made


def measure(arguments, filter_path, calls_path, rng):
    command = [arguments.work / "measure", str(filter_path), str(arguments.cpu), str(rng.randrange(1, 400)), str(BATCHES), calls_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        sys.exit(f"measure failed ({done.returncode}) under {filter_path}: {done.stderr.strip()}")
    return float(done.stdout)


def interval(ratios):
    rng = random.Random(1)
    medians = sorted(statistics.median(rng.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES)]


def rank_correlation(points):
    """Kendall's, over the pairs that are predicted to be far apart: 1 if all are measured in that order, and how many pairs there are."""
    agree = total = 0
    for i, (one, measured) in enumerate(points):
        for other, also in points[i + 1:]:
            if abs(one - other) <= FAR_NS:
                continue
            total += 1
            agree += 1 if (one - other) * (measured - also) > 0 else -1
    return agree / total if total else 1, total


def run(arguments):
    rng = random.Random(7)
    made = build(arguments)
    jobs = {}
    for index, (name, (policy, calls, bare)) in enumerate(workloads().items()):
        jobs[name] = (policy, calls, sequence(arguments.work / f"calls-{index}", calls), sequence(arguments.work / f"bare-{index}", bare))
    times = {name: {which: [] for which in ("none", *made[policy])} for name, (policy, _, _, _) in jobs.items()}
    for _ in range(arguments.rounds):
        todo = [(name, which) for name in jobs for which in times[name]]
        rng.shuffle(todo)
        todo.sort(key=lambda one: one[0])  # what is compared is measured close together, in an order of its own
        for name, which in todo:
            policy, _, calls, bare = jobs[name]
            times[name][which].append(measure(arguments, "-" if which == "none" else made[policy][which][0], bare if which == "none" else calls, rng))
    report(jobs, made, times)


def report(jobs, made, times):
    print("\t".join(COLUMNS))
    points, highest = [], 0
    for name, (policy, calls, _, _) in jobs.items():
        none = statistics.median(times[name]["none"])
        best = min(("libseccomp 1", "libseccomp 2"), key=lambda which: statistics.median(times[name][which]))
        print(f"{name}\tnone\t{none:.1f}\t0.0\t0.0\t\t\t")
        for which, (_, program) in made[policy].items():
            ns = statistics.median(times[name][which])
            predicted = bpf.estimate_ns(program, [bpf.event(number, args) for number, args in calls], foreseen="fixed" in name)
            points.append((predicted, ns - none))
            cells = ["", "", ""]
            if which == "sbpc":
                ratios = [a / b for a, b in zip(times[name]["sbpc"], times[name][best])]
                low, high = interval(ratios)
                highest = max(highest, low)
                cells = [f"{value:.3f}" for value in (statistics.median(ratios), low, high)]
            print(f"{name}\t{which}\t{ns:.1f}\t{ns - none:.1f}\t{predicted:.1f}\t" + "\t".join(cells))
    correlation, pairs = rank_correlation(points)
    print(f"# highest lower end of an interval: {highest:.3f} (1.02 or below is no loss)")
    print(f"# rank correlation of prediction and measurement over {pairs} pairs more than {FAR_NS} ns apart: {correlation:.3f}")
    print(f"# kernel {subprocess.run(['uname', '-r'], capture_output=True, text=True, check=True).stdout.strip()}, {len(next(iter(times.values()))['none'])} rounds")


def errors(rows):
    """What the model says over what was measured, from the least to the most."""
    found = {"calls from the cache": [], "programs that run, one call": [], "programs that run, random calls": []}
    for row in rows:
        if row["filter"] == "none":
            continue
        _, calls, kind = row["workload"].split(", ")
        of = "calls from the cache" if calls == "cached" else f"programs that run, {'random calls' if kind == 'random' else 'one call'}"
        found[of].append(float(row["predicted"]) - float(row["over"]))
    return "Predicted over measured, ns: " + "; ".join(f"{of}, {min(by):.1f} to {max(by):.1f}" for of, by in found.items())


def table(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = []
    out = ["| workload | filter | ns a call | over no filter | predicted | sbpc to the better libseccomp (95 %) |", "|---|---|---|---|---|---|"]
    for line in lines[1:]:
        if line.startswith("#"):
            continue
        values = dict(zip(COLUMNS, line.split("\t")))
        rows.append(values)
        ratio = f"{values['ratio']} ({values['low']} to {values['high']})" if values.get("ratio") else ""
        out.append(f"| {values['workload']} | {values['filter']} | {values['ns']} | {values['over']} | {values['predicted']} | {ratio} |")
    said = [line[2:].capitalize() for line in lines if line.startswith("#")]
    return "\n".join([*out, "", *(sentence + "." for sentence in [errors(rows), *said])]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cpu", type=int, default=0)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/overhead")
    parser.add_argument("--table", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.table:
        print(table(arguments.table), end="")
    else:
        run(arguments)


if __name__ == "__main__":
    main()
