#!/usr/bin/env python3
"""What compiling costs: for each example the time of a whole process (the least of many) and the program's size; tab separated.

    bench.py SBPC [POLICY.sb ...]
"""
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNS = 200
LEVELS = ("-O0", "-O1", "-O2")


def best_ms(command):
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def main():
    sbpc = sys.argv[1]
    policies = [pathlib.Path(p) for p in sys.argv[2:]] or sorted((ROOT / "examples").glob("*.sb"))
    print("policy\tlevel\tms\tinstructions")
    print(f"(no input)\t-\t{best_ms([sbpc, '--version']):.2f}\t-")
    for policy in policies:
        for level in LEVELS:
            program = subprocess.run([sbpc, level, str(policy), "-o", "-"], capture_output=True, check=False)
            if program.returncode != 0:
                print(f"{policy.name}\t{level}\tfailed\t-")
                continue
            print(f"{policy.name}\t{level}\t{best_ms([sbpc, level, str(policy), '-o', '/dev/null']):.2f}\t{len(program.stdout) // 8}")


if __name__ == "__main__":
    main()
