#!/usr/bin/env python3
"""libFuzzer on every target of a build folder: run_fuzz.py BUILD [--seconds N] [NAME...]

Targets run side by side, one on each processor. Each starts from test/fuzz/seeds/NAME and what earlier runs have found in
BUILD/corpus/NAME. One that finds something fails, with the end of what it said; the input lies in BUILD/crash-NAME-*, and stands in the first
line of what was wrong (a log may be all that is kept): `base64 -d | zlib-flate -uncompress`, or Python's base64 and zlib, give it back. The last
line counts targets.
"""
import argparse
import base64
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = ROOT / "test/fuzz/seeds"
PATIENCE = 25  # seconds of wall time for one input: sanitizers, and a processor that is shared
MEGABYTES = 3072
SLACK = 240  # seconds beyond those asked for: the seeds, a last input, writing it down
SHOWN = 6000
LONGEST_INPUT = 4000  # characters of one that is shown


def targets(build, names):
    found = sorted(path for path in (build / "bin").glob("fuzz_*") if os.access(path, os.X_OK))
    return [path for path in found if not names or path.name.removeprefix("fuzz_") in names]


def found_since(build, name, before):
    """The input that was found, packed into one word."""
    for path in sorted(set(build.glob(f"crash-{name}-*")) - before):
        packed = base64.b64encode(zlib.compress(path.read_bytes(), 9)).decode()
        return f"; the input, zlib in base64: {packed}" if len(packed) <= LONGEST_INPUT else f"; the input: {path}"
    return ""


def fuzz(target, build, seconds):
    """What was wrong, or nothing; and a line about it."""
    name = target.name.removeprefix("fuzz_")
    corpus = build / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    command = [str(target), f"-max_total_time={seconds}", f"-timeout={PATIENCE}", f"-rss_limit_mb={MEGABYTES}", "-print_final_stats=1",
               f"-artifact_prefix={build}/crash-{name}-", str(corpus), str(SEEDS / name)]
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1", UBSAN_OPTIONS="print_stacktrace=1")
    before = set(build.glob(f"crash-{name}-*"))
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds + SLACK, env=environment, check=False)
        said, code = done.stderr, done.returncode
    except subprocess.TimeoutExpired as error:
        said, code = (error.stderr or b"").decode(errors="replace"), "none, it did not stop"
    took = time.monotonic() - start
    runs = re.search(r"stat::number_of_executed_units: (\d+)", said)
    line = f"fuzz_{name:<19} {int(runs[1]) if runs else 0:9} inputs {took:7.1f} s  {'ok' if code == 0 else 'FAILED'}"
    return "" if code == 0 else f"exit code {code}{found_since(build, name, before)}\n{said[-SHOWN:]}", line


def run(build, seconds, names=()):
    """{target: what was wrong, or nothing}."""
    found = targets(build, names)
    wrong = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        jobs = {pool.submit(fuzz, target, build, seconds): target.name for target in found}
        for job in concurrent.futures.as_completed(jobs):
            problem, line = job.result()
            wrong[jobs[job]] = problem
            print(line if not problem else f"{line}\n{problem}", flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    wrong = run(arguments.build.resolve(), arguments.seconds, arguments.names)
    failed = sorted(name for name, problem in wrong.items() if problem)
    for name in failed:
        print(f"FAILED  {name}")
    print(f"{len(wrong) - len(failed)} passed, {len(failed)} failed")
    return 0 if wrong and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
