#!/usr/bin/env python3
"""What filters cost: instructions that run, size, worst case, and what compiling costs. Tab-separated, one row for each input and objective.

    bench.py SBPC [--counts] [--check FILE] [--runs N] [NAME...]

Objectives are options: what is compiled for, not what is measured. Columns: input, objective (the options it was compiled with), instructions; executed instructions as a mean over all calls by each profile of
bench/profiles (`uniform`: every call once that the policy ever lets run) and over the calls for which the filter runs on a kernel with the bitmap, by
the server mix; the longest way through the program; calls that the bitmap answers of those always allowed; with times: least wall-clock
milliseconds of the whole process over N runs, the least of its processor time (on a machine with other work this is the one to read), and
the peak memory of one in KiB.

--counts leaves times out: what is left is the same on every machine. --check holds it against FILE's rows of the same name, as test/bench does
with bench/counts.tsv; `./dev bench --accept` writes that file anew.
Filters are run by bench/bpf.py, not by the compiler's own interpreter. Sets of values have rows of their own: executed per hit.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import bpf
import inputs

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROFILES = ("nginx", "redis", "python3", "bash", "gcc")
SEEDS = 20
OBJECTIVES = {
    "default": ["-O2"],
    "uncached": ["-O2", "--cached-weight", "0", "--profile", "server-mix"],
    "all": ["-O2", "--min-kernel", "5.10", "--profile", "server-mix"],
    "uniform": ["-O2", "--min-kernel", "5.10", "--profile", "uniform"],
    "quick": ["-O1"],
    "longest": ["-O3"],
    "size": ["-Os"],
}
# -O2 without tests of bits among the numbers, for what they cost in compile time: rows of Docker's profile only.
WITHOUT_BITS = ["-O2", "--passes=share_functions,merge_ranges,order_arguments,search_arguments,weigh_numbers,order_arches"]


def table(abi="x86_64"):
    """{call: number} of the compiler's own table."""
    lines = (ROOT / "compiler/target/data/syscalls.tsv").read_text(encoding="utf-8").splitlines()
    column = lines[1].split("\t").index(abi)
    return {row[0]: int(row[column]) for row in (line.split("\t") for line in lines[2:]) if row[column] != "-"}


def profiles():
    """{name: {call: share}}, each with the sum one."""
    found = {}
    for name in PROFILES:
        found[name] = json.loads((ROOT / f"bench/profiles/{name}.json").read_text(encoding="utf-8"))
    rows = (line.split("\t") for line in (ROOT / "bench/profiles/server_mix.tsv").read_text(encoding="utf-8").splitlines() if line[0] != "#")
    found["server-mix"] = {call: int(share) for call, share in rows}
    return {name: {call: count / sum(counts.values()) for call, count in counts.items()} for name, counts in found.items()}


def arguments():
    rows = (line.split("\t") for line in (ROOT / "bench/arguments.tsv").read_text(encoding="utf-8").splitlines() if line[0] != "#")
    return {row[0]: [[int(value, 16) for value in event.split(",")] for event in row[1:]] for row in rows}


def longest(insns):
    """Instructions on the longest way through the program, whether or not an event takes it."""
    below = [0] * len(insns)
    for pc in range(len(insns) - 1, -1, -1):
        code, jt, jf, k = insns[pc]
        if code == bpf.RET:
            below[pc] = 1
        elif code in bpf.TESTS:
            below[pc] = 1 + max(below[pc + 1 + jt], below[pc + 1 + jf])
        else:
            below[pc] = 1 + below[pc + 1 + (k if code == bpf.JA else 0)]
    return below[0]


class Executed:
    """What a filter of x86_64 executes for each call, by the arguments of bench/arguments.tsv."""

    def __init__(self, insns):
        self.insns, self.numbers, self.events, self.known = insns, table(), arguments(), {}

    def of_call(self, call):
        if call not in self.known:
            nr = self.numbers[call]
            counts = [bpf.run(self.insns, bpf.event(nr, args))[1] for args in self.events.get(call, [[]])]
            self.known[call] = sum(counts) / len(counts), bpf.is_cached(self.insns, nr)
        return self.known[call]

    def mean(self, profile, only_running=False):
        total = share_sum = 0.0
        for call, share in profile.items():
            if call not in self.numbers:
                continue
            executed, cached = self.of_call(call)
            if only_running and cached:
                continue
            total += share * executed
            share_sum += share
        return total / share_sum if share_sum else 0.0

    def cached(self):
        return sum(bpf.is_cached(self.insns, nr) for nr in self.numbers.values())


class Compiler:
    def __init__(self, sbpc, scratch):
        self.sbpc, self.scratch = sbpc, pathlib.Path(scratch)

    def compile(self, policy, options=()):
        out = self.scratch / "out.bpf"
        done = subprocess.run([self.sbpc, *options, str(policy), "-o", str(out)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"bench: {policy}: {done.stderr}")
        return bpf.read(out.read_bytes())

    def running_calls(self, policy, options):
        """The calls of x86_64 that the policy ever lets run, as the compiler's report says."""
        done = subprocess.run([self.sbpc, *options, "--report=json", str(policy), "-o", str(self.scratch / "out.bpf")], capture_output=True, text=True, check=True)
        native = next(abi for abi in json.loads(done.stdout)["abis"] if abi["name"] == "x86_64")
        return [call["name"] for call in native["calls"] if {"allow", "log"} & set(call["verdicts"])]

    def seconds(self, policy, options, runs):
        """Least wall-clock and processor time of a whole process."""
        command = [self.sbpc, *options, str(policy), "-o", "/dev/null"]
        null = os.open(os.devnull, os.O_WRONLY)
        actions = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
        wall, processor = [], []
        for _ in range(runs):
            start = time.perf_counter()
            pid = os.posix_spawn(self.sbpc, command, os.environ, file_actions=actions)
            usage = os.wait4(pid, 0)[2]
            wall.append(time.perf_counter() - start)
            processor.append(usage.ru_utime + usage.ru_stime)
        os.close(null)
        return min(wall), min(processor)

    def peak_kib(self, policy, options):
        done = subprocess.run([self.sbpc, *options, str(policy), "-o", "/dev/null", "--timing"], capture_output=True, text=True, check=False)
        for line in done.stderr.splitlines():
            if line.startswith("peak memory"):
                return int(line.split()[2])
        return 0


class Bench:
    def __init__(self, compiler, runs):
        self.compiler, self.runs, self.profiles, self.rows = compiler, runs, profiles(), []

    def emit(self, cells):
        self.rows.append("\t".join(cells))
        print(self.rows[-1], flush=True)

    def times(self, policy, options):
        if self.runs == 0:
            return []
        seconds = self.compiler.seconds(policy, options, self.runs)
        return [*(f"{s * 1000:.2f}" for s in seconds), str(self.compiler.peak_kib(policy, options))]

    def calls_row(self, name, objective, policy, options):
        insns = self.compiler.compile(policy, options)
        executed = Executed(insns)
        profiles = [self.profiles["server-mix"], *(self.profiles[profile] for profile in PROFILES),
                    dict.fromkeys(self.compiler.running_calls(policy, options), 1)]
        means = [f"{executed.mean(profile):.3f}" for profile in profiles]
        running = f"{executed.mean(self.profiles['server-mix'], only_running=True):.3f}"
        row = [name, objective, str(len(insns)), *means, running, str(longest(insns)), str(executed.cached())]
        self.emit(row + self.times(policy, options))

    def values_row(self, name, objective, options, make):
        """The worst of SEEDS seeds: executed on a hit, at most on a hit or near miss, size."""
        ioctl, worst = table()["ioctl"], [0.0, 0, 0]
        policy = None
        for seed in range(1, SEEDS + 1):
            values = make(seed)
            policy = inputs.write(self.compiler.scratch, "values", inputs.ioctl_policy(values))
            insns = self.compiler.compile(policy, options)
            counts = [bpf.run(insns, bpf.event(ioctl, [0, value]))[1] for value in values]
            near = [bpf.run(insns, bpf.event(ioctl, [0, v + d & 0xFFFFFFFF]))[1] for v in values for d in (-1, 1)]
            worst = [max(worst[0], sum(counts) / len(counts)), max(worst[1], *counts, *near), max(worst[2], len(insns))]
        self.emit([name, objective, str(worst[2]), f"{worst[0]:.3f}", str(worst[1]), *self.times(policy, options)])


def calls_inputs(scratch):
    """{name: (policy, options)} whose rows are means over calls."""
    found = {"docker": (ROOT / "examples/docker-default.sb", [])}
    found["docker-3-abis"] = (inputs.write(scratch, "docker-3-abis", inputs.GENERATED["docker-3-abis"]()), [])
    for policy in ("vmm", "api", "vcpu"):
        for abi in ("x86_64", "aarch64"):
            found[f"firecracker-{policy}-{abi}"] = (ROOT / "bench/corpus/firecracker.sb", ["--policy", policy, "--target", abi])
    return found


def run(bench, chosen):
    wanted = lambda name: not chosen or any(name.startswith(prefix) for prefix in chosen)
    scratch, time_columns = bench.compiler.scratch, ["ms", "cpu-ms", "KiB"] if bench.runs else []
    bench.emit(["input", "objective", "size", "server-mix", *PROFILES, "uniform", "running", "longest", "cached", *time_columns])
    for name, (policy, options) in calls_inputs(scratch).items():
        for objective, more in OBJECTIVES.items():
            if wanted(name) and "aarch64" not in name:
                bench.calls_row(name, objective, policy, [*options, *more])
        if wanted(name) and name.startswith("docker"):
            bench.calls_row(name, "no-bits", policy, [*options, *WITHOUT_BITS])
    bench.emit(["input", "objective", "size", "hit", "worst", *time_columns])
    makers = {
        "ioctl-64-random": lambda seed: inputs.random_values(64, seed),
        "ioctl-1000-random": lambda seed: inputs.random_values(1000, seed),
        "ioctl-1000-clustered": lambda seed: inputs.clustered_values(1000, seed),
    }
    for name, make in makers.items():
        for objective in ("default", "size"):
            if wanted(name):
                bench.values_row(name, objective, OBJECTIVES[objective], make)
    bench.emit(["input", "objective", "size", *time_columns])
    large = {name: inputs.GENERATED[name]() for name in ("sets-20000", "statements-20000")}
    large.update({f"growth-{n}": inputs.statements_policy(n) for n in inputs.GROWTH})
    for name, text in large.items():
        if wanted(name):
            policy = inputs.write(scratch, name, text)
            bench.emit([name, "default", str(len(bench.compiler.compile(policy))), *bench.times(policy, [])])


def differences(rows, path):
    """Rows that the file has otherwise or not at all."""
    known = {tuple(row.split("\t")[:2]): row for row in pathlib.Path(path).read_text(encoding="utf-8").splitlines()}
    for row in rows:
        before = known.get(tuple(row.split("\t")[:2]))
        if before != row and not row.startswith("input"):
            yield f"- {before or 'no such row'}\n+ {row}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sbpc")
    parser.add_argument("--counts", action="store_true", help="no times")
    parser.add_argument("--check", metavar="FILE", help="--counts, held against FILE; exit 1 if they differ")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_intermixed_args()
    with tempfile.TemporaryDirectory(prefix="sbpc-bench-") as scratch:
        compiler = Compiler(os.path.abspath(options.sbpc), scratch)
        bench = Bench(compiler, 0 if options.counts or options.check else options.runs)
        run(bench, options.names)
    changed = list(differences(bench.rows, options.check)) if options.check else []
    if changed:
        sys.exit("bench: not what {} says:\n{}\n`./dev bench --accept` writes it anew".format(options.check, "\n".join(changed)))


if __name__ == "__main__":
    main()
