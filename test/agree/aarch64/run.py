#!/usr/bin/env python3
"""Asks a real aarch64 kernel, in QEMU, what compiled policies answer, and compares with the interpreter: run.py --agree BINARY --kernel VMLINUZ

The exit code is 0 if every answer agrees, 77 with the reason if a tool is missing (Debian: qemu-system-arm, gcc-aarch64-linux-gnu, cpio), 1 otherwise.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "test/support"))
import aarch64_vm  # noqa: E402

SECONDS = 900
MISSING = 77  # as automake's and meson's tests say "skipped"
LEAST_CALLS = 100_000


def build(work):
    probe = ROOT / "runtime/probe"
    subprocess.run([aarch64_vm.COMPILER, "-std=gnu11", "-O1", "-static", "-Wall", "-Wextra", f"-I{probe}", "-o", str(work / "root/init"), str(HERE / "init.c"),
                    str(probe / "probe.c"), str(probe / "probe_calls.c")], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agree", required=True, help="the test program agree")
    parser.add_argument("--kernel", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/aarch64")
    arguments = parser.parse_args()
    if why := aarch64_vm.missing():
        print(f"skipped: {why}")
        sys.exit(MISSING)
    shutil.rmtree(arguments.work / "root", ignore_errors=True)
    (arguments.work / "root").mkdir(parents=True)
    build(arguments.work)
    jobs = subprocess.run([arguments.agree, "--gtest_filter=Jobs.*"], env={**os.environ, "SBPC_AGREE_JOBS": str(arguments.work / "root/jobs")}, check=False,
                          capture_output=True, text=True)
    if jobs.returncode != 0:
        sys.exit(f"the jobs could not be written:\n{jobs.stdout}{jobs.stderr}")
    said = aarch64_vm.boot(arguments.work / "root", arguments.kernel, arguments.work / "initrd", SECONDS)
    print("".join(line + "\n" for line in jobs.stdout.splitlines() if "seed" in line) + "\n".join(line for line in said.splitlines() if re.match("job|finished", line)))
    end = re.search(r"finished: \d+ programs, (\d+) calls, \d+ skipped, (\d+) different", said)
    if end is None:
        sys.exit(f"the machine did not finish:\n{said[-2000:]}")
    sys.exit(0 if int(end[1]) >= LEAST_CALLS and int(end[2]) == 0 else 1)


if __name__ == "__main__":
    main()
