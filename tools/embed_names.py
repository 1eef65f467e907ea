#!/usr/bin/env python3
"""Turn compiler/target/data/syscalls.tsv into the tables of libsbp's sbp_syscall_name() (runtime/src/names.c).

    tools/embed_names.py --data DIR --out syscall_names.h

One text of all names, and for each column a sorted array of {number, offset in the text}; numbers of x32 without bit 30. Same input, same bytes.
"""
import argparse
import pathlib

X32_BIT = 1 << 30
FIRST_TABLE = 5  # columns before it are of the call, not of an ABI


def lines_of(items, width=130):
    line = ""
    for item in items:
        if line and len(line) + len(item) > width:
            yield line
            line = ""
        line += item
    yield line


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    lines = (arguments.data / "syscalls.tsv").read_text().splitlines()
    tables = lines[1].split("\t")[FIRST_TABLE:]
    rows = [line.split("\t") for line in lines[2:]]
    offsets, size = {}, 0
    for row in rows:
        offsets[row[0]] = size
        size += len(row[0]) + 1
    assert size < 1 << 16
    out = ["/* Written by tools/embed_names.py from compiler/target/data/syscalls.tsv; not by hand. */",
           '#pragma GCC diagnostic ignored "-Woverlength-strings"',
           "static const char kCallNames[] =",
           *(f'    "{line}"' for line in lines_of([row[0] + "\\0" for row in rows])), "    ;"]
    for index, table in enumerate(tables, FIRST_TABLE):
        known = sorted((int(row[index]) & ~X32_BIT, offsets[row[0]]) for row in rows if row[index] != "-")
        assert known
        out += [f"static const struct sbpi_call_name kCalls_{table}[] = {{",
                *(f"    {line}" for line in lines_of([f"{{{nr}, {offset}}}, " for nr, offset in known])), "};"]
    arguments.out.write_text("\n".join(line.rstrip() for line in out) + "\n")


if __name__ == "__main__":
    main()
