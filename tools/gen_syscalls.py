#!/usr/bin/env python3
"""Write compiler/target/data/*.tsv, the syscall database that a build embeds, or compare it with a kernel.

    tools/gen_syscalls.py --from-facts DIR [--out DIR]
    tools/gen_syscalls.py --from-debian DIR [--out DIR]    bring the tables up to a newer kernel
    tools/gen_syscalls.py --from-debian DIR --compare [--all]    exit status 1 if a difference is unexplained

--from-facts: DIR holds extracted facts as JSON. --from-debian: DIR holds a kernel source tree, which is only read
(docs/decisions/0011-tables-from-debian.md says how to get it); the notes printed are for a person to finish. Line 1 of
each table names version and source, line 2 the columns; an empty cell is "-".
Tested by test/unit/target/gen_test.cpp and kernel_tree_test.cpp.
"""
import argparse
import pathlib
import sys

import kernel_compare
import kernel_tree
import kernel_update
from syscall_facts import ROOT, Facts, read_abis, write_all

DATA = ROOT / "compiler/target/data"


def from_debian(args):
    tree = kernel_tree.find_tree(args.from_debian)
    if tree is None:
        sys.exit(f"{args.from_debian}: no kernel source tree, or several (a folder with Makefile and include/uapi)")
    kernel = kernel_compare.Kernel(tree)
    print("Linux", ".".join(str(part) for part in kernel.version), "against the tables of", DATA)
    if args.compare:
        tables = kernel_compare.Tables(DATA, read_abis())
        return int(kernel_compare.print_differences(list(kernel_compare.differences(tables, kernel)), args.all))
    for note in kernel_update.update(DATA, read_abis(), kernel, args.out):
        print(note)
    return 0


def main():
    parser = argparse.ArgumentParser(description="write or compare compiler/target/data/*.tsv")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--from-facts", type=pathlib.Path, metavar="DIR", help="folder of the extracted facts (JSON)")
    source.add_argument("--from-debian", type=pathlib.Path, metavar="DIR",
                        help="folder with an unpacked linux-source package")
    parser.add_argument("--compare", action="store_true", help="write nothing, print the differences by kind")
    parser.add_argument("--all", action="store_true", help="with --compare: also the differences that are explained")
    parser.add_argument("--out", type=pathlib.Path, default=DATA, metavar="DIR")
    args = parser.parse_args()
    if args.from_debian:
        return from_debian(args)
    write_all(Facts(args.from_facts), args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
