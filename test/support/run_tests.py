#!/usr/bin/env python3
"""Runs the tests of a build folder and counts them: GoogleTest programs, other ctest tests, and lit.

    run_tests.py --build build/release [--slow] [--seconds N] [--until N] [--fuzz build/fuzz [--fuzz-build COMMAND]] [PATH...]

PATH narrows it to lit tests under that path (test/cli, test/cli/new.test) and to unit tests of that folder (test/unit/bpf).
GoogleTest cases called Slow..., and lit tests that require the feature `slow`, run only with --slow, these lit tests last. --fuzz runs the
fuzz targets of that folder last, each for a minute and each counted as one; COMMAND makes them first. Slow lit tests and fuzz targets that
cannot be done --until N seconds from now are skipped, and say so. The last line is `N passed, M failed, K skipped`; the exit code is 0
only if nothing failed and something ran.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

import features
import run_fuzz

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Cases that install filters. They say so themselves where seccomp is refused; a kernel that never answers can only be left alone.
INSTALLS_FILTERS = {"unit_runtime": "*", "unit_pledge": "*", "unit_driver": "RunChild*:AskKernel*", "unit_bpf": "Kernel.*", "agree": "Kernel.*", "run_tests": "*"}
SLOW_CASES = "*.Slow*:*/*.Slow*"
LIT = pathlib.Path("/usr/lib/llvm-14/build/utils/lit/lit.py")
JOBS = os.cpu_count() or 1
FUZZ_SECONDS, SHORTEST_FUZZ_SECONDS, FUZZ_SEEDS_SECONDS = 60, 10, 10  # for each target; about what reading its seeds takes


class Count:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def is_gtest(command):
    try:
        done = subprocess.run([*command, "--gtest_list_tests"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and "GoogleTest" in done.stdout + done.stderr or re.search(r"^\w[\w/]*\.$", done.stdout, re.MULTILINE)


def gtest_counts(name, report):
    count = Count()
    # Not GoogleTest's JSON: 1.12 leaves the reasons of skipped tests out of it.
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        label = f"{name}: {case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None:
            count.failed.append(label)
        elif case.get("result") == "skipped":
            reason = case.find("skipped").get("message", "").strip().splitlines()
            count.skipped.append(f"{label}: {reason[-1] if reason else 'no reason given'}")
        elif case.get("result") == "completed":
            count.passed += 1
    return count


def leave_out(name, command, slow):
    """The filter that leaves out slow cases, and those that install filters where that is refused; these are counted as skipped with the reason."""
    count = Count()
    patterns = [] if slow else [SLOW_CASES]
    why = features.seccomp_refused()
    if why and name in INSTALLS_FILTERS:
        listed = subprocess.run([*command, "--gtest_list_tests", f"--gtest_filter={INSTALLS_FILTERS[name]}"], capture_output=True, text=True, check=False)
        count.skipped = [f"{name}: {line.strip()}: {why}" for line in listed.stdout.splitlines() if line.startswith("  ")]
        patterns.append(INSTALLS_FILTERS[name])
    return [f"--gtest_filter=-{':'.join(patterns)}"] if patterns else [], count


def run_program(test, slow, seconds):
    """One ctest test; a GoogleTest program counts its cases."""
    count = Count()
    name, command = test["name"], test["command"]
    properties = properties_of(test)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sbpc-test-") as scratch:
        report = pathlib.Path(scratch) / "report.xml"
        gtest = is_gtest(command)
        narrowed, left_out = leave_out(name, command, slow) if gtest else ([], Count())
        arguments = [*command, f"--gtest_output=xml:{report}", "--gtest_brief=1", *narrowed] if gtest else command
        try:
            done = subprocess.run(arguments, capture_output=True, text=True, timeout=seconds, check=False, errors="replace",
                                  cwd=properties.get("WORKING_DIRECTORY"))
            output, code = done.stdout + done.stderr, done.returncode
        except (subprocess.TimeoutExpired, OSError) as error:
            output, code = str(error), -1
        if gtest and report.exists():
            count = gtest_counts(name, report)
        elif code == 0:
            count.passed += 1
    if code != 0 and not count.failed:
        count.failed.append(f"{name}: exit code {code}")
    count.add(left_out)
    return name, count, output if code != 0 else "", time.monotonic() - start


def properties_of(test):
    return {entry["name"]: entry["value"] for entry in test.get("properties", [])}


def ctest_tests(build, folders):
    """What takes longest first (COST), so that no processor waits for the other at the end."""
    if not (build / "CTestTestfile.cmake").exists():
        return []
    listed = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build, capture_output=True, text=True, check=True)
    tests = [test for test in json.loads(listed.stdout)["tests"] if "command" in test and (folders is None or test["name"] in folders)]
    return sorted(tests, key=lambda test: -float(properties_of(test).get("COST", 0)))


class Programs:
    """The ctest tests, on all processors."""

    def __init__(self, build, slow, seconds, folders):
        pool = concurrent.futures.ThreadPoolExecutor(JOBS)
        self.jobs = [pool.submit(run_program, test, slow, seconds) for test in ctest_tests(build, folders)]
        for job in self.jobs:
            job.add_done_callback(self.show)

    @staticmethod
    def show(job):
        name, count, output, took = job.result()
        state = "FAILED" if count.failed else "ok"
        print(f"{name:<24} {count.passed:5} passed {len(count.failed):3} failed {len(count.skipped):3} skipped {took:7.1f} s  {state}", flush=True)
        if count.failed:
            print(output, flush=True)

    def wait_for_a_free_processor(self):
        while sum(not job.done() for job in self.jobs) >= JOBS:
            concurrent.futures.wait([job for job in self.jobs if not job.done()], return_when=concurrent.futures.FIRST_COMPLETED)

    def counts(self):
        total = Count()
        for job in self.jobs:
            total.add(job.result()[1])
        return total


def slow_lit_tests(paths):
    """Those under the paths, as lit names them."""
    files = []
    for path in paths:
        files += [path] if os.path.isfile(path) else [found for found in pathlib.Path(path).rglob("*") if found.suffix in (".test", ".sb", ".ir")]
    return [os.path.relpath(file, ROOT) for file in files
            if re.search(r"^(?://)? ?REQUIRES:.*\bslow\b", pathlib.Path(file).read_text(encoding="utf-8", errors="replace"), re.MULTILINE)]


def run_lit(build, paths, sbpc, *, slow=(), only_slow=False, seconds):
    """One run of lit: of all but the slow tests, or of these alone, for which there may be no time."""
    count = Count()
    slow_names = {f"sbpc :: {os.path.relpath(path, 'test')}" for path in slow}
    with tempfile.TemporaryDirectory(prefix="sbpc-lit-") as scratch:
        report = pathlib.Path(scratch) / "report.json"
        command = [sys.executable, str(LIT), "-v", f"-j{JOBS}", f"--max-time={max(1, int(seconds))}", f"--output={report}", "--param", f"build={build}"]
        if only_slow:
            command += ["--param", "slow=1"]
        if sbpc:
            command += ["--param", f"sbpc={sbpc}"]
        done = subprocess.run([*command, *(slow if only_slow else paths)], cwd=ROOT, capture_output=True, text=True, check=False, errors="replace")
        shown = [line for line in done.stdout.splitlines() if not line.startswith(("PASS:", "UNSUPPORTED:", "SKIPPED:"))]
        print("\n".join(shown), flush=True)
        if not report.exists():
            print(done.stderr)
            count.failed.append(f"lit: exit code {done.returncode}")
            return count
        reported = json.loads(report.read_text(encoding="utf-8"))["tests"]
        if only_slow:  # lit does not report what it had no time for
            count.skipped += [f"{name}: there was no time left for it" for name in sorted(slow_names - {test["name"] for test in reported})]
        elif re.search(r"^ *Skipped *:", done.stdout, re.MULTILINE):
            count.failed.append(f"lit: not all tests were run within {seconds} seconds")
        for test in reported:
            if not only_slow and test["name"] in slow_names:
                continue
            if test["code"] in ("PASS", "XFAIL", "FLAKYPASS"):
                count.passed += 1
            elif test["code"] == "UNSUPPORTED":
                count.skipped.append(f"{test['name']}: {' '.join(test['output'].split()) or 'unsupported'}")
            else:
                count.failed.append(f"{test['name']}: {test['code'].lower()}")
        if done.returncode != 0 and not count.failed:
            count.failed.append(f"lit: exit code {done.returncode}")
    return count


def run_fuzzers(build, make, left):
    """`left`: the seconds there are for building and running them, or None."""
    count = Count()
    start = time.monotonic()
    if make:
        print(f"building the fuzz targets (waiting for the compiler): {make}", flush=True)
        with tempfile.TemporaryFile("w+", errors="replace") as said, \
                subprocess.Popen(make, shell=True, cwd=ROOT, stdout=said, stderr=said, start_new_session=True) as builder:
            try:
                code = builder.wait(left)
            except subprocess.TimeoutExpired:
                os.killpg(builder.pid, signal.SIGKILL)  # the compilers as well
                count.skipped.append(f"fuzz: there was no time left to build the targets ({left:.0f} seconds); ./dev fuzz runs them")
                return count
            if code != 0:
                said.seek(0)
                print(said.read()[-6000:], flush=True)
                count.failed.append("fuzz: the targets cannot be built")
                return count
    turns = -(-len(run_fuzz.targets(build, [])) // JOBS)
    each = FUZZ_SECONDS if left is None else min(FUZZ_SECONDS, int((left - (time.monotonic() - start)) / max(turns, 1)) - FUZZ_SEEDS_SECONDS)
    if each < SHORTEST_FUZZ_SECONDS:
        count.skipped.append("fuzz: there was no time left to run the targets; ./dev fuzz runs them")
        return count
    print(f"each fuzz target runs for {each} seconds", flush=True)
    for name, problem in run_fuzz.run(build, each).items():
        if problem:
            count.failed.append(f"{name}: {problem.splitlines()[0]}")
        else:
            count.passed += 1
    if count.passed + len(count.failed) == 0:
        count.failed.append(f"fuzz: no target in {build}")
    return count


def split_paths(paths):
    """Lit paths and the names of unit tests that the paths mean; (None, None) for everything."""
    if not paths:
        return ["test"], None
    lit, units = [], []
    for path in paths:
        parts = pathlib.Path(path).resolve().relative_to(ROOT).parts
        if parts[:2] == ("test", "unit"):
            units += [f"unit_{parts[2]}"] if len(parts) > 2 else [f"unit_{p.name}" for p in (ROOT / "test/unit").iterdir()]
        elif parts[:2] == ("test", "agree"):
            units.append("agree")
        else:
            lit.append(path)
    return lit, units


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--sbpc", help="another binary for the lit tests")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--seconds", type=int, default=600, help="the longest that one program, and lit as a whole, may take")
    parser.add_argument("--until", type=int, help="seconds from now: slow lit tests and fuzz targets that would take longer are skipped")
    parser.add_argument("--fuzz", type=pathlib.Path, help="a build of the fuzz targets")
    parser.add_argument("--fuzz-build", metavar="COMMAND", help="what makes them")
    parser.add_argument("paths", nargs="*")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    start = time.monotonic()

    def left():
        return None if arguments.until is None else max(1.0, arguments.until - (time.monotonic() - start))

    lit, units = split_paths(arguments.paths)
    total = Count()
    programs = Programs(build, arguments.slow, arguments.seconds, units) if units is None or units else None
    if programs:
        programs.wait_for_a_free_processor()
    if lit:
        slow = slow_lit_tests(lit) if arguments.slow else []
        total.add(run_lit(build, lit, arguments.sbpc, slow=slow, seconds=arguments.seconds))
        if slow:
            total.add(run_lit(build, lit, arguments.sbpc, slow=slow, only_slow=True, seconds=min(arguments.seconds, left() or arguments.seconds)))
    if programs:
        total.add(programs.counts())
    if arguments.fuzz:
        total.add(run_fuzzers(arguments.fuzz.resolve(), arguments.fuzz_build, left()))
    for label in total.skipped:
        print(f"skipped {label}")
    for label in total.failed:
        print(f"FAILED  {label}")
    print(f"{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped")
    return 0 if total.passed and not total.failed else 1


if __name__ == "__main__":
    sys.exit(main())
