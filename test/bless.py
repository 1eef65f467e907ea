#!/usr/bin/env python3
"""Writes the goldens anew: test/bless.py --sbpc BINARY [X.sb or folder ...]; without paths all of them.

Look at the diff before committing it: every change must be one that you can explain in a sentence.
"""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "support"))
import golden  # noqa: E402

FOLDERS = ("diag", "forms", "pain")


def policies(paths):
    for path in paths:
        path = pathlib.Path(path).resolve()
        yield from sorted(path.rglob("*.sb")) if path.is_dir() else [path]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sbpc", required=True, type=pathlib.Path)
    parser.add_argument("paths", nargs="*")
    arguments = parser.parse_args()
    failed = False
    for path in policies(arguments.paths or [HERE / folder for folder in FOLDERS]):
        text, stderr, code, left = golden.run(path, arguments.sbpc.resolve())
        for problem in golden.complaints(path, stderr, code, left):
            print(f"{path.name}: {problem}", file=sys.stderr)
            failed = True
        expected = path.with_suffix(".expected")
        if not expected.exists() or expected.read_text(encoding="utf-8") != text:
            expected.write_text(text, encoding="utf-8")
            print(f"wrote {expected}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
