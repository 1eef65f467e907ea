#!/usr/bin/env python3
"""How far the search by number may be from the best one, as `--report` at -O3 says: at most 2 % of the tests and 1 % of what is executed.

    gap.py SBPC [--policies NAME,...] [--targets ABI,...] [--intervals N] [--quiet] POLICY.sb...

One row for each policy, target and cache model with N intervals of numbers or more; exit 1 if a gap is larger or none is printed. --quiet: rows of
gaps that are larger only.
"""
import argparse
import os
import re
import subprocess
import sys

LINE = re.compile(r"search: (\w+): (\d+) intervals of numbers, ([\d.]+) tests by comparisons, ([\d.]+) at least "
                  r"\(gap ([\d.]+) %, ([\d.]+) % of what is executed\); ([\d.]+) with")
MODELS = {"cached calls 0.01": [], "no cache": ["--min-kernel", "5.10"], "uniform": ["--min-kernel", "5.10", "--profile", "uniform"]}
MOST_TESTS, MOST_EXECUTED = 2.0, 1.0  # per cent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sbpc")
    parser.add_argument("--policies", default="")
    parser.add_argument("--targets", default="")
    parser.add_argument("--intervals", type=int, default=0)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("files", nargs="+")
    options = parser.parse_intermixed_args()
    wide = 0
    if not options.quiet:
        print("policy\ttarget\tweights\tarch\tintervals\tcomparisons\tat least\tgap %\tof executed %\twith bits")
    for file in options.files:
        for policy in options.policies.split(","):
            for target in options.targets.split(","):
                for model, more in MODELS.items():
                    command = [options.sbpc, "-O3", "--report", file, *more, "-o", os.devnull, *(["--policy", policy] if policy else []),
                               *(["--target", target] if target else [])]
                    report = subprocess.run(command, capture_output=True, text=True, check=False)
                    rows = LINE.findall(report.stdout)
                    if not rows:
                        sys.exit(f"gap: {' '.join(command)}: no line `search:`\n{report.stderr}")
                    for row in rows:
                        if int(row[1]) < options.intervals:
                            continue
                        is_wide = float(row[4]) > MOST_TESTS or float(row[5]) > MOST_EXECUTED
                        wide += is_wide
                        if is_wide or not options.quiet:
                            print("\t".join([policy or file, target or "all", model, *row]))
    sys.exit(f"gap: {wide} are too wide" if wide else 0)


if __name__ == "__main__":
    main()
