#!/usr/bin/env python3
"""The same rules through sbpc and its peers: size, executed instructions under every profile, compile time, the kernel's cache, differences.

    run.py --sbpc BINARY [--work DIR] [--quick]          -> TSV on standard output (./dev bench --peers writes bench/peers/results.tsv)
    run.py --sbpc BINARY --own results.tsv              -> the same with sbpc's rows made anew, the peers' kept
    run.py --table results.tsv                           -> the table of docs/performance.md

A peer that cannot be built here has a row with the reason. Columns: policy, builder, insns, one mean of executed instructions for each of
bench/profiles (none cached; `uniform`: each call once that the rules ever allow), worst (executed, of the calls asked), cached (of the calls always allowed), uncached (mean on the server mix
over calls that run), build_us (inside the process, least of many), process_ms (a whole process, least of many; of sbpc only if it is a release build), differences, witness.

Calls with conditions count by the events that sample() makes of the rules: both sides of every condition, allowed ones nine times.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import bpf  # noqa: E402

ROOT = HERE.parents[1]
POLICIES = {"docker_default": ROOT / "examples/docker-default.sb", "vmm": HERE / "rules/vmm.sb", "ioctl64": HERE / "rules/ioctl64.sb"}
PROFILES = ("uniform", "server_mix", "nginx", "redis", "python3", "bash", "gcc")
SBPC_ROWS = {"sbpc -O1": ["-O1"], "sbpc -O2": ["-O2"], "sbpc -Os": ["-Os"]}
RUN_FACTOR = 9  # opt/flow.h kRunFactor: a run that the filter allows counts so many times one that it refuses
UNKNOWN = (999, 0x40000000, 0x40000001, 0x7FFFFFFF, 0xFFFFFFFF)  # numbers that no rule names: unused, x32's, -1
COLUMNS = ["policy", "builder", "insns", *(f"mean_{name}" for name in PROFILES), "worst", "cached", "uncached", "build_us", "process_ms", "differences", "witness"]


class Rules:
    """A .rules file (rules/README.md)."""

    def __init__(self, path):
        self.calls = {}      # number -> [(action word, [(argument, operator, values)])]
        self.names = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if not words or words[0] == "arch":
                continue
            action, words = self.action(words[1:] if words[0] == "default" else words)
            if line.startswith("default"):
                self.default = action
                continue
            number, name, rest = int(words[0]), words[1], words[2:]
            self.names[number] = name
            conditions = []
            while rest:
                used = 4 if rest[1] == "masked_eq32" else 3
                conditions.append((int(rest[0]), rest[1], [int(value, 0) for value in rest[2:used]]))
                rest = rest[used:]
            self.calls.setdefault(number, []).append((action, conditions))

    @staticmethod
    def action(words):
        if words[0] == "errno":
            return 0x00050000 | int(words[1]), words[2:]
        return {"allow": bpf.ALLOW, "kill_process": 0x80000000}[words[0]], words[1:]

    @staticmethod
    def holds(conditions, args):
        tests = {"eq32": lambda a, v: a == v[0], "ne32": lambda a, v: a != v[0], "lt32": lambda a, v: a < v[0], "le32": lambda a, v: a <= v[0],
                 "gt32": lambda a, v: a > v[0], "ge32": lambda a, v: a >= v[0], "masked_eq32": lambda a, v: a & v[0] == v[1]}
        return all(tests[op](args[argument] & 0xFFFFFFFF, values) for argument, op, values in conditions)

    def answer(self, number, args):
        return next((action for action, conditions in self.calls.get(number, []) if self.holds(conditions, args)), self.default)

    def always(self, number):
        """The action on a call whatever its arguments; None if they count."""
        rows = self.calls.get(number)
        if rows is None:
            return self.default
        return rows[0][0] if not rows[0][1] else None

    def sample(self, number):
        """Arguments on both sides of every condition of a call, with bits above 32 set, too."""
        lists = [[0] * 6]
        for _, conditions in self.calls.get(number, []):
            base = [0] * 6
            for argument, op, values in conditions:
                base[argument] = values[1] if op == "masked_eq32" else values[0] + {"lt32": -1, "gt32": 1}.get(op, 0)
            lists.append(base)
            for argument, op, values in conditions:
                edge = values[0] if op != "masked_eq32" else values[0] & -values[0]
                for near in (edge - 1, edge, edge + 1):
                    lists.append([near & 0xFFFFFFFF if i == argument else value for i, value in enumerate(base)])
        unique = {tuple(one) for one in lists}
        return sorted(unique)


def differences(rules, program):
    """How many of the events asked are answered otherwise than the rules say, and one of them."""
    count, witness, asked = 0, "", 0
    numbers = [*range(0, 600), *UNKNOWN]
    for number in numbers:
        for args in rules.sample(number):
            for upper in (0, 1 << 32) if any(args) or number in rules.calls and rules.always(number) is None else (0,):
                asked += 1
                shifted = [value | upper for value in args]
                word, _ = bpf.run(program, bpf.event(number, shifted))
                expected = rules.answer(number, args)
                if (number >= 0x40000000 or 512 <= number <= 547) and bpf.verdict(word).startswith(("kill", "errno")):
                    continue  # x32 (512 to 547 were its own before 5.4) and unknown numbers: refused, in whatever words
                if word == expected:
                    continue
                count += 1
                shown = ", ".join(f"{value:#x}" for value in shifted[:3])
                text = f"{rules.names.get(number, number)}({shown}): {bpf.verdict(word)}, not {bpf.verdict(expected)}"
                if not witness or upper and "0x1000" not in witness:
                    witness = text
    return count, witness, asked


def profile(name):
    """{call: share} of bench/profiles."""
    path = HERE.parent / f"profiles/{name}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    rows = re.findall(r"^([a-z0-9_]+)\t(\d+)$", path.with_suffix(".tsv").read_text(encoding="utf-8"), re.MULTILINE)
    return {call: int(share) for call, share in rows}


def executed(rules, program, number):
    """Mean and worst of the executed instructions of one call, by the rule of this file's head."""
    total = weight = worst = 0
    for args in rules.sample(number):
        word, count = bpf.run(program, bpf.event(number, args))
        part = RUN_FACTOR if word == bpf.ALLOW else 1
        total += part * count
        weight += part
        worst = max(worst, count)
    return total / weight, worst


def measure(rules, numbers, program):
    """Means under the profiles, worst, cached of always allowed, mean of the calls that run."""
    costs = {number: executed(rules, program, number) for number in numbers.values()}
    weights = {name: {numbers[call]: share for call, share in profile(name).items() if call in numbers} for name in PROFILES[1:]}
    weights["uniform"] = {n: 1 for n in costs if rules.always(n) in (None, bpf.ALLOW)}
    means = {name: sum(costs[n][0] * w for n, w in some.items()) / sum(some.values()) for name, some in weights.items()}
    always = [n for n in costs if rules.always(n) == bpf.ALLOW]
    cached = {n for n in costs if bpf.is_cached(program, n)}
    runs = {n: w for n, w in weights["server_mix"].items() if n not in cached}
    uncached = sum(costs[n][0] * w for n, w in runs.items()) / sum(runs.values()) if runs else 0
    return means, max(worst for _, worst in costs.values()), f"{len(cached & set(always))}/{len(always)}", uncached


def call_numbers():
    """{name: number} of x86_64, of the compiler's own table."""
    path = ROOT / "compiler/target/data/syscalls.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    column = rows[0].index("x86_64")
    return {row[0]: int(row[column], 0) for row in rows[1:] if len(row) > column and re.fullmatch(r"\d+", row[column])}


class Missing(Exception):
    pass


def need(command, *arguments, **options):
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        raise Missing(f"{pathlib.Path(command).name} failed: {lines[-1].strip() if lines else done.returncode}")


def go(work, name, **environment):
    binary = work / name
    compiler = next((path for path in environment.pop("compilers") if path and shutil.which(path)), None)
    if compiler is None:
        raise Missing("no Go compiler of the right version is installed")
    need(compiler, "build", *environment.pop("flags"), "-o", str(binary), environment.pop("source"), cwd=HERE / name, env={**os.environ, **environment})
    return binary


def build_libseccomp(work):
    if not pathlib.Path("/usr/include/seccomp.h").exists():
        raise Missing("libseccomp-dev is not installed")
    binary = work / "libseccomp"
    need("gcc", "-O2", "-o", str(binary), str(HERE / "libseccomp.c"), "-lseccomp")
    return binary


def build_seccompiler(work):
    if not shutil.which("cargo"):
        raise Missing("cargo is not installed")
    need("cargo", "build", "--release", "--quiet", "--locked", cwd=HERE / "seccompiler", env={**os.environ, "CARGO_TARGET_DIR": str(work / "cargo")})
    return work / "cargo/release/sbpc-bench-seccompiler"


def build_gvisor(work):
    if not pathlib.Path("/usr/share/gocode/src/gvisor.dev/gvisor/pkg/seccomp").exists():
        raise Missing("golang-gvisor-gvisor-dev is not installed")
    # That gVisor takes Go up to 1.20.
    return go(work, "gvisor", compilers=("/usr/lib/go-1.19/bin/go",), flags=(), source="main.go", GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="")


def build_elastic(work):
    return go(work, "elastic", compilers=("go",), flags=(), source=".", GOFLAGS="-mod=mod")


# name -> (how it is built, what stands between the rules and the number of runs)
PEERS = {
    "libseccomp, optimize 1": (build_libseccomp, ["1"]),
    "libseccomp, optimize 2": (build_libseccomp, ["2"]),
    "seccompiler": (build_seccompiler, []),
    "gVisor pkg/seccomp": (build_gvisor, []),
    "elastic go-seccomp-bpf": (build_elastic, []),
}


def is_release(sbpc):
    """Whether the times of this binary say anything: it lies in a build folder of cmake's that is not one for debugging."""
    cache = pathlib.Path(sbpc).resolve().parents[1] / "CMakeCache.txt"
    return cache.exists() and "CMAKE_BUILD_TYPE:STRING=Release" in cache.read_text(encoding="utf-8")


def process_ms(command, runs):
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def row(policy, builder, rules, program, times):
    means, worst, cached, uncached = measure(rules, call_numbers(), program)
    count, witness, asked = differences(rules, program)
    values = [policy, builder, len(program), *(f"{means[name]:.2f}" for name in PROFILES), worst, cached, f"{uncached:.2f}", *times, f"{count}/{asked}", witness]
    print("\t".join(str(value) for value in values), flush=True)


def run_own(name, arguments):
    rules = Rules(HERE / f"rules/{name}.rules")
    policy = POLICIES[name]
    runs = 3 if arguments.quick else 100
    for builder, options in SBPC_ROWS.items():
        command = [arguments.sbpc, *options, str(policy), "-o", "-"]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode != 0:
            print(f"{name}\t{builder}\tnot measured: {done.stderr.decode().splitlines()[0] if done.stderr else done.returncode}")
            continue
        row(name, builder, rules, bpf.read(done.stdout), ["-", f"{process_ms(command, runs):.2f}" if is_release(arguments.sbpc) else "-"])


def run_peers(name, built, arguments):
    rules = Rules(HERE / f"rules/{name}.rules")
    runs = 3 if arguments.quick else 100
    for peer, (_, options) in PEERS.items():
        if isinstance(built[peer], Missing):
            print(f"{name}\t{peer}\tnot measured: {built[peer]}")
            continue
        command = [str(built[peer]), str(HERE / f"rules/{name}.rules"), *options]
        done = subprocess.run([*command, "3" if arguments.quick else "200"], capture_output=True, check=False)
        if done.returncode != 0:
            print(f"{name}\t{peer}\tnot measured: {done.stderr.decode().strip().splitlines()[-1]}")
            continue
        lines = done.stderr.decode().splitlines()
        row(name, peer, rules, bpf.read(done.stdout), [f"{int(lines[0]) / 1000:.0f}", f"{process_ms([*command, '1'], runs):.2f}"])
        for line in lines[1:]:
            print(f"{name}, {peer}: {line}", file=sys.stderr)


def table(path):
    """The Markdown table of docs/performance.md, of a results file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    shown = [("builder", "builder"), ("insns", "size"), ("mean_uniform", "mean, allowed calls alike"), ("mean_server_mix", "mean, server mix"), ("uncached", "mean of calls that run"),
             ("worst", "worst"), ("cached", "cached"), ("build_us", "build, us"), ("process_ms", "process, ms"), ("differences", "answers that differ")]
    out, policy = [], None
    for line in lines[1:]:
        values = dict(zip(COLUMNS, line.split("\t")))
        if values["policy"] != policy:
            policy = values["policy"]
            out += ["", f"**{policy}**", "", "| " + " | ".join(title for _, title in shown) + " |", "|" + "---|" * len(shown)]
        if len(values) < len(COLUMNS) - 1:
            out.append(f"| {values['builder']} | {values['insns']} |" + " |" * (len(shown) - 2))
            continue
        out.append("| " + " | ".join(values[key] for key, _ in shown) + " |")
        if values.get("witness"):
            out[-1] = out[-1][:-2] + f": `{values['witness']}` |"
    return "\n".join(out[1:]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/peers")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--own", type=pathlib.Path)
    parser.add_argument("--table", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.table:
        print(table(arguments.table), end="")
        return
    if arguments.own:
        kept = arguments.own.read_text(encoding="utf-8").splitlines()
        print(kept[0])
        for name in POLICIES:
            run_own(name, arguments)
            print("\n".join(line for line in kept if line.startswith(name + "\t") and not line.startswith(name + "\tsbpc")), flush=True)
        return
    arguments.work.mkdir(parents=True, exist_ok=True)
    built = {}
    for peer, (build, _) in PEERS.items():
        try:
            built[peer] = build(arguments.work)
        except Missing as reason:
            built[peer] = reason
    print("\t".join(COLUMNS))
    for name in POLICIES:
        run_own(name, arguments)
        run_peers(name, built, arguments)


if __name__ == "__main__":
    main()
