#!/usr/bin/env python3
"""Puts the tables of bench/*/results.tsv into docs/performance.md, between their marks; --check only says whether they are there.

    performance.py [--check]
"""
import difflib
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs/performance.md"
TABLES = ("peers", "overhead", "start")


def made(text):
    for name in TABLES:
        table = subprocess.run([sys.executable, ROOT / f"bench/{name}/run.py", "--table", ROOT / f"bench/{name}/results.tsv"], capture_output=True, text=True, check=True).stdout
        marks = f"<!-- bench/{name}/results.tsv -->", f"<!-- end of bench/{name}/results.tsv -->"
        text, count = re.subn(re.escape(marks[0]) + r".*?" + re.escape(marks[1]), lambda _: f"{marks[0]}\n\n{table}\n{marks[1]}", text, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"{DOCUMENT.name} has {count} places for bench/{name}/results.tsv")
    return text


def main():
    text = DOCUMENT.read_text(encoding="utf-8")
    new = made(text)
    if sys.argv[1:] == ["--check"]:
        print("".join(difflib.unified_diff(text.splitlines(True), new.splitlines(True), "docs/performance.md", "the results")), end="")
        sys.exit(text != new)
    DOCUMENT.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
