#!/usr/bin/env python3
"""Runs the tests of a build folder and counts them: GoogleTest programs, other ctest tests, and lit.

    run_tests.py --build build/release [--slow] [--seconds N] [--fuzz build/fuzz] [PATH...]

PATH narrows it to lit tests under that path (test/cli, test/cli/new.test) and to unit tests of that folder (test/unit/bpf).
Tests with the ctest label `slow` and lit tests that require the feature `slow` run only with --slow. --fuzz runs the fuzz
targets of that folder, too, each for a minute and each counted as one. The last line is `N passed, M failed, K skipped`; the exit code
is 0 only if nothing failed and something ran.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
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
LIT = pathlib.Path("/usr/lib/llvm-14/build/utils/lit/lit.py")
JOBS = os.cpu_count() or 1
FUZZ_SECONDS = int(os.environ.get("SBPC_FUZZ_SECONDS", "60"))  # for each target


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


def leave_out(name, command, why):
    """The filter that leaves out the cases that install filters, and those cases, counted as skipped with the reason."""
    count = Count()
    if not why or name not in INSTALLS_FILTERS:
        return [], count
    pattern = INSTALLS_FILTERS[name]
    listed = subprocess.run([*command, "--gtest_list_tests", f"--gtest_filter={pattern}"], capture_output=True, text=True, check=False)
    count.skipped = [f"{name}: {line.strip()}: {why}" for line in listed.stdout.splitlines() if line.startswith("  ")]
    return [f"--gtest_filter=-{pattern}"], count


def run_program(test, seconds):
    """One ctest test; a GoogleTest program counts its cases."""
    count = Count()
    name, command = test["name"], test["command"]
    narrowed, left_out = leave_out(name, command, features.seccomp_refused())
    properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sbpc-test-") as scratch:
        report = pathlib.Path(scratch) / "report.xml"
        gtest = is_gtest(command)
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


def ctest_tests(build, slow, folders):
    if not (build / "CTestTestfile.cmake").exists():
        return []
    listed = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build, capture_output=True, text=True, check=True)
    for test in json.loads(listed.stdout)["tests"]:
        labels = next((entry["value"] for entry in test.get("properties", []) if entry["name"] == "LABELS"), [])
        if "slow" in labels and not slow:
            continue
        if folders is not None and test["name"] not in folders:
            continue
        if "command" in test:
            yield test


def run_ctest(build, slow, seconds, folders):
    total = Count()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        jobs = [pool.submit(run_program, test, seconds) for test in ctest_tests(build, slow, folders)]
        for job in concurrent.futures.as_completed(jobs):
            name, count, output, took = job.result()
            state = "FAILED" if count.failed else "ok"
            print(f"{name:<24} {count.passed:5} passed {len(count.failed):3} failed {len(count.skipped):3} skipped {took:7.1f} s  {state}", flush=True)
            if count.failed:
                print(output, flush=True)
            total.add(count)
    return total


def run_lit(build, slow, seconds, paths, sbpc):
    count = Count()
    with tempfile.TemporaryDirectory(prefix="sbpc-lit-") as scratch:
        report = pathlib.Path(scratch) / "report.json"
        command = [sys.executable, str(LIT), "-v", f"-j{JOBS}", f"--max-time={seconds}", f"--output={report}", "--param", f"build={build}"]
        if slow:
            command += ["--param", "slow=1"]
        if sbpc:
            command += ["--param", f"sbpc={sbpc}"]
        done = subprocess.run([*command, *paths], cwd=ROOT, capture_output=True, text=True, check=False, errors="replace")
        shown = [line for line in done.stdout.splitlines() if not line.startswith(("PASS:", "UNSUPPORTED:"))]
        print("\n".join(shown), flush=True)
        if not report.exists():
            print(done.stderr)
            count.failed.append(f"lit: exit code {done.returncode}")
            return count
        for test in json.loads(report.read_text(encoding="utf-8"))["tests"]:
            if test["code"] in ("PASS", "XFAIL", "FLAKYPASS"):
                count.passed += 1
            elif test["code"] == "UNSUPPORTED":
                count.skipped.append(f"{test['name']}: {' '.join(test['output'].split()) or 'unsupported'}")
            elif test["code"] not in ("EXCLUDED", "SKIPPED"):
                count.failed.append(f"{test['name']}: {test['code'].lower()}")
        if done.returncode != 0 and not count.failed:
            count.failed.append(f"lit: exit code {done.returncode}")
    return count


def run_fuzzers(build):
    count = Count()
    for name, problem in run_fuzz.run(build, FUZZ_SECONDS).items():
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
    parser.add_argument("--fuzz", type=pathlib.Path, help="a build of the fuzz targets")
    parser.add_argument("paths", nargs="*")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    lit, units = split_paths(arguments.paths)
    total = Count()
    if units is None or units:
        total.add(run_ctest(build, arguments.slow, arguments.seconds, units))
    if lit:
        total.add(run_lit(build, arguments.slow, arguments.seconds, lit, arguments.sbpc))
    if arguments.fuzz:
        total.add(run_fuzzers(arguments.fuzz.resolve()))
    for label in total.skipped:
        print(f"skipped {label}")
    for label in total.failed:
        print(f"FAILED  {label}")
    print(f"{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped")
    return 0 if total.passed and not total.failed else 1


if __name__ == "__main__":
    sys.exit(main())
