#!/usr/bin/env python3
"""How much of compiler/ the tests run: coverage.py BUILD [--under PERCENT]

BUILD was compiled with --coverage and its tests have run. Lines are counted once however many files include or instantiate them; a line counts
as run if any of it did. Prints the folders, the thinnest files, and the whole; exit 1 below --under.
"""
import argparse
import collections
import concurrent.futures
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
THINNEST = 15


def lines_of(data):
    """{(file, line): run} of one .gcda file."""
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["gcov", "--json-format", str(data)], cwd=scratch, capture_output=True, check=False)
        for report in pathlib.Path(scratch).glob("*.json.gz"):
            told = json.loads(gzip.decompress(report.read_bytes()))
            for file in told["files"]:
                path = (pathlib.Path(told["current_working_directory"]) / file["file"]).resolve()
                if not path.is_relative_to(ROOT / "compiler"):
                    continue
                name = str(path.relative_to(ROOT / "compiler"))
                for line in file["lines"]:
                    key = (name, line["line_number"])
                    found[key] = found.get(key, False) or line["count"] > 0
    return found


def percent(run, whole):
    return 100 * run / whole if whole else 100.0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--under", type=float, default=0)
    arguments = parser.parse_args()
    # Tests are not product; generated code is not ours to cover.
    data = [path for path in arguments.build.resolve().rglob("*.gcda") if "/test/" not in str(path.relative_to(arguments.build.resolve()))]
    lines = {}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for found in pool.map(lines_of, data):
            for key, run in found.items():
                lines[key] = lines.get(key, False) or run
    files = collections.defaultdict(lambda: [0, 0])
    for (name, _), run in lines.items():
        files[name][0] += run
        files[name][1] += 1
    if not files:
        print(f"no coverage data under {arguments.build}: build with --coverage and run the tests first", file=sys.stderr)
        return 3
    folders = collections.defaultdict(lambda: [0, 0])
    for name, (run, whole) in files.items():
        folder = folders[name.split("/")[0]]
        folder[0] += run
        folder[1] += whole
    for name, (run, whole) in sorted(folders.items()):
        print(f"{percent(run, whole):6.1f} %  {run:6} of {whole:6} lines  {name}/")
    print("thinnest:")
    for name, (run, whole) in sorted(files.items(), key=lambda item: item[1][0] - item[1][1])[:THINNEST]:
        print(f"{percent(run, whole):6.1f} %  {whole - run:6} not run       {name}")
    run = sum(run for run, _ in files.values())
    whole = sum(whole for _, whole in files.values())
    print(f"{percent(run, whole):6.1f} %  {run:6} of {whole:6} lines  compiler/")
    return 1 if percent(run, whole) < arguments.under else 0


if __name__ == "__main__":
    sys.exit(main())
