#!/usr/bin/env python3
"""`sbpc check --fix` on every policy of test/diag that gets a safe fix offered.

    fix_every.py --sbpc BINARY FOLDER

The diagnostic that offered the fix is gone afterwards (its code, at that place of the text), nothing is left to fix, and fixing again changes
nothing. A policy whose command is another one than a compile or a check (ARGS, FIRST, INPUT of support/golden.py) is left out. Prints the
codes that were fixed.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import golden


def check(sbpc, path, *options):
    done = subprocess.run([sbpc, "check", *options, path.name, "--error-format=json"], cwd=path.parent, capture_output=True, text=True, timeout=60, check=False)
    return json.loads(done.stderr)["diagnostics"]


def safe(diagnostics):
    """The diagnostics that offer a safe fix, but for those about other files."""
    return [d for d in diagnostics if any(fix["safe"] and fix["edits"] for fix in d["fixes"])]


def options_of(path):
    """The options of its ARGS that `check` takes; None for other commands."""
    directives = golden.directives(path)
    if "FIRST" in directives or "INPUT" in directives:
        return None
    words = directives.get("ARGS", "%s").split()
    if words[0] not in ("check", "%s"):
        return None
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word == "-o":
            skip = True
        elif word.startswith(("-R", "-W", "-D", "-I")) or word.startswith(("--kernel", "--min-kernel")):
            kept.append(word)
    return kept


def problems_of(sbpc, path, folder, fixed):
    options = options_of(path)
    if options is None:
        return
    offered = safe(check(sbpc, path, *options))
    if not offered:
        return
    copy = folder / path.name
    shutil.copy(path, copy)
    left = check(sbpc, copy, "--fix", *options)
    once = copy.read_bytes()
    if once == path.read_bytes():
        yield "nothing was fixed"
    if safe(left):
        yield f"left to fix: {[d['code'] for d in safe(left)]}"
    if safe(check(sbpc, copy, *options)):
        yield "what is left to fix comes back"
    before = [d["code"] for d in offered]
    after = [d["code"] for d in left]
    for code in set(before):
        if after.count(code) > len([d for d in check(sbpc, path, *options) if d["code"] == code]) - before.count(code):
            yield f"{code} is still there"
    check(sbpc, copy, "--fix", *options)
    if copy.read_bytes() != once:
        yield "fixing again changes it"
    fixed.update(before)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sbpc", required=True, type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    fixed, wrong = set(), 0
    with tempfile.TemporaryDirectory(prefix="sbpc-fix-") as scratch:
        inputs = pathlib.Path(scratch) / "diag"
        shutil.copytree(arguments.folder, inputs)  # for the imports of those that have some
        for path in sorted(arguments.folder.glob("*.sb")):
            for problem in problems_of(arguments.sbpc, path, inputs, fixed):
                print(f"{path.name}: {problem}")
                wrong += 1
    print(f"fixed: {' '.join(sorted(fixed))}")
    return 1 if wrong or not fixed else 0


if __name__ == "__main__":
    sys.exit(main())
