#!/usr/bin/env python3
"""Gives every parameter of the standard library a value that makes no sense: the error must be at the `use`, and say what it means.
That no denial is one is the type's own error, at the value.

    parameters.py --sbpc BINARY

NONSENSE has such values for each type; a parameter of another type, or one that SENSE names, takes whatever its type admits. A new
type of parameter must be put into one of the two.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import walk

NONSENSE = {"fd": ("-1", "4294967295"), "{socket.domain}": ("{ }", "{ -1 }", "{ 999 }", "{ AF_INET, 46 }"),
            "openat.flags": ("O_RDWR | O_CREAT", "-1", "0o20000000"), "{pid}": ("{ -1 }", "{ 0 }", "{ 1, -1 }"),
            "{capability}": ("{ 999 }", "{ CAP_KILL, -1 }"), "denial": ("allow", "log", "errno(0)")}
# Not what the type says, but what this set makes of it.
OF_ITS_OWN = {
    ("fs", "create", "also"): ("-1", "O_TMPFILE", "0o20000000"), ("fs", "read_write", "also"): ("-1", "O_TMPFILE"),
    ("net", "tcp_client", "families"): ("{ AF_VSOCK }", "{ AF_INET, AF_BLUETOOTH }", "{ }", "{ -1 }"),
}
SENSE = {"bool": "both are meant"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True)
    arguments = parser.parse_args()
    wrong, count = [], 0
    with tempfile.TemporaryDirectory(prefix="sbpc-parameters-") as folder:
        path = pathlib.Path(folder) / "p.sb"
        for module, sets in walk.modules():
            for entry in sets:
                for name, kind in entry.formals:
                    kind = kind.split(" = ")[0]
                    where = f"std.{module}.{entry.name}({name})"
                    if kind in SENSE:
                        continue
                    if kind not in NONSENSE:
                        wrong.append(f"{where}: what value of `{kind}` makes no sense?")
                        continue
                    for value in OF_ITS_OWN.get((module, entry.name, name), NONSENSE[kind]):
                        use = f"use {'unsafe ' if entry.unsafe else ''}{module}.{entry.name}({name}: {value});"
                        path.write_text(f"import std.{module};\npolicy p on x86_64 {{ kernel 6.12; default kill_process;\n{use}\n}}\n", encoding="utf-8")
                        done = subprocess.run([arguments.sbpc, "check", "--error-format", "plain", str(path)], capture_output=True, text=True, check=False)
                        count += 1
                        code, column, named = ("SB3065", use.index(value) + 1, f"`{name}`") if kind == "denial" else ("SB2047", 1, f"note: `{name}`")
                        if done.returncode != 1 or code not in done.stderr or f"{path}:3:{column}" not in done.stderr or named not in done.stderr:
                            wrong.append(f"{where} = {value}: exit {done.returncode}\n{done.stderr}")
    print("\n".join(wrong[:20]))
    print(f"{count} values of parameters, {len(wrong)} without an error that names them")
    return 1 if wrong or count < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
