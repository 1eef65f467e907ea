#!/usr/bin/env python3
"""Write compiler/target/data/*.tsv, the syscall database that a build embeds.

    tools/gen_syscalls.py --from-facts DIR [--out DIR]

DIR holds the extracted facts as JSON. Line 1 of each table names version and source, line 2 the columns; an empty cell is "-".
Tested by test/unit/target/gen_test.cpp.
"""
import argparse
import pathlib
import sys

from syscall_facts import ROOT, Facts, write_all


def main():
    parser = argparse.ArgumentParser(description="write compiler/target/data/*.tsv")
    parser.add_argument("--from-facts", type=pathlib.Path, required=True, metavar="DIR", help="folder of the extracted facts (JSON)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "compiler/target/data", metavar="DIR")
    args = parser.parse_args()
    write_all(Facts(args.from_facts), args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
