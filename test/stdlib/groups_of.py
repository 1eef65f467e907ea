#!/usr/bin/env python3
"""Compares the groups of std.systemd with systemd's own table, name for name.

    groups_of.py --sbpc BINARY GROUPS.json       {"groups": {"@aio": {"expanded": [...]}, ...}}

Only names that are in no table of sbpc may be missing, and those are printed.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def groups():
    text = (ROOT / "stdlib/systemd.sb").read_text(encoding="utf-8")
    written = {name: re.findall(r"@?\w+", body) for name, body in re.findall(r"^group (\w+) = \{(.*?)\};", text, re.MULTILINE | re.DOTALL)}

    def expand(name):
        return {call for member in written[name] for call in (expand(member[1:]) if member[0] == "@" else {member})}
    return {name: expand(name) for name in written}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    parser.add_argument("table", type=pathlib.Path)
    arguments = parser.parse_args()
    printed = subprocess.run([arguments.sbpc, "--print", "syscalls"], capture_output=True, text=True, check=True).stdout
    known = {line.split()[0] for line in printed.splitlines() if line.strip()}
    theirs = {name[1:].replace("-", "_"): set(entry["expanded"])
              for name, entry in json.loads(arguments.table.read_text(encoding="utf-8"))["groups"].items()}
    ours, wrong, unknown = groups(), 0, set()
    if set(ours) != set(theirs):
        wrong += 1
        print("groups that only one side has:", sorted(set(ours) ^ set(theirs)))
    for name in sorted(set(ours) & set(theirs)):
        missing, extra = theirs[name] - ours[name], ours[name] - theirs[name]
        unknown |= missing - known
        if missing & known or extra:
            wrong += 1
            print(f"@{name}: missing {sorted(missing & known)}, too many {sorted(extra)}")
    print("in no table of sbpc:", ", ".join(sorted(unknown)))
    print(f"{len(ours)} groups, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
